"""The steps of build.py: environments, tests, wheels, packages, the live link. They use the standard library only."""
