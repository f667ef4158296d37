"""The steps of build.py: environments, tests, wheels, packages, the live link. Standard library only."""
