"""by_name: takes a rig's bone names, gives part -> bones: from tables (by_table) and from words in names (by_words)."""
