"""Measured accuracy and speed; each module prints what docs state."""
