"""retargeting."""
