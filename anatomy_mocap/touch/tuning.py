"""The chosen numbers of the room touch, each with its meaning, unit and origin."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Numbers that a judgement set; no formula gives them. A change of one needs the network trained again."""

    rate: float = 25.0
    """Frames per second at which the network sees a take: that of the lifter."""
    point_seconds: float = 0.06
    """Seconds over which points are smoothed before their speed is taken; guessed."""
    still: float = 0.2
    """Metres per second below which the network sees a speed in even steps, and above it in even ratios; guessed."""
    low: float = 0.05
    """Metres of height, likewise; guessed."""
    nearest: float = 0.2
    """Metres, the least depth of a body in front of the camera; guessed."""
    flight: float = 1.2
    """Seconds, the longest flight; a body that is up for longer is on an object; guessed."""
    floor_seconds: float = 0.5
    """Seconds over which the local floor is smoothed; guessed."""
    hidden_depth: float = 0.10
    """Metres below the floor to which the local floor reaches at most; guessed."""


TUNING = Tuning()
