"""The one chain from a take to a motion; the panel, the command line and the tests all use it."""

from __future__ import annotations

from ..core.motion import Motion
from ..core.take import Take
from .foot_contacts import find_contacts, ground
from .smoothing import smooth
from .solve_rotations import solve


def animate(take: Take, smoothing: float = 0.0, grounding: float = 0.0) -> Motion:
    """Solve a take, then smooth and ground it; cheap enough to repeat whenever a setting changes.

    smoothing: seconds, see `smooth`; 0 is off. grounding: 0..1, see `ground`; 0 is off.
    """
    return clean_up(solve(take), smoothing, grounding)


def clean_up(motion: Motion, smoothing: float = 0.0, grounding: float = 0.0) -> Motion:
    """Smooth and ground a motion that is solved already, such as one read from an armature.

    With both at 0 the very same object is returned. Arguments as in `animate`.
    """
    motion = smooth(motion, smoothing)
    return ground(motion, find_contacts(motion), grounding) if grounding > 0 else motion
