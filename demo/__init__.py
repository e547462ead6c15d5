"""The demo: a look-alike site of two invented brands, and the commands that show the main job."""
