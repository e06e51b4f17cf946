"""Standardisation read back: what can be judged, one activity, its meeting."""
