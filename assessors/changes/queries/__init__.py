"""Reads about what is in force, what would change, and what was sent back."""
