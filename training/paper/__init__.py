"""The paper, whole: its losses, augmentation, comparisons and tables (docs/paper.md says what is where)."""
