"""What changes appeals and cases, one file a noun."""
