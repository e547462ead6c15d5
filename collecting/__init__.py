"""What a project collects: its jobs, which machine and when, in which processes, how healthy."""
