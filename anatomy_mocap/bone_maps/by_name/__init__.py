"""by_name."""
