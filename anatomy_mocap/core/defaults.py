"""What a take goes through on its way to a character where the user says nothing, in the panel or the command."""

SMOOTHING = 0.1
"""Seconds over which the motion is smoothed."""
GROUNDING = 1.0
"""0..1, how firmly standing feet are held on the floor."""
