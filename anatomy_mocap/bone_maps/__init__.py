"""Which bone of a rig is which part of the body: one table of names a convention, and the matcher."""
