"""Tables of bone names, one module per convention, and their registry. A table contains data only."""
