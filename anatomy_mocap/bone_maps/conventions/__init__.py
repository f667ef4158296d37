"""Takes one table module for each naming convention; gives the registry that reads them all (`registry.CONVENTIONS`).

To add a rig, add a table: registry.py finds it.
"""
