"""conventions: one table module for each naming convention, and the registry that finds and reads them all."""
