"""What the counts mean: intervals, coverage, comparison, drivers, alerts, service metrics.

Everything here is computed from what a `MentionIndex` counts, so that the store and the
cluster give the same answers. Nothing here prints, and nothing knows a back-end.
"""
