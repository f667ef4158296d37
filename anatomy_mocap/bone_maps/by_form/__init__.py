"""by_form."""
