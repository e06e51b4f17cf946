"""Reads for marking, always for an assessor or a safeguarding lead: what is not in their scope does not exist."""
