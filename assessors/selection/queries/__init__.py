"""Reads of selection, always for somebody: what is outside their scope does not exist."""
