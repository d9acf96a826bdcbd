"""Measured accuracy and speed, run with ``python -m benchmarks.NAME``."""
