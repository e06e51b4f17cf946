"""Second markings read back: those that there are, and those that the policy asks for."""
