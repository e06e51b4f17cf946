"""What changes what is in force, and what sends a returned answer back: each with its audit entry."""
