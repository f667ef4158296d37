"""The one chain from a take to a motion; the panel, the command line and the tests all use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..core.motion import Motion
from ..core.take import Take
from .contacts import find_contacts
from .ground import ground
from .pops import Pop, repair_pops
from .smoothing import smooth
from .solve_rotations import solve
from .tuning import TUNING


@dataclass(frozen=True)
class CleanUp:
    """What else is done before a motion is grounded. regions: see `smooth`. repair: whether pops are bridged.

    Of takes alone: doubt, 0..1, how much less frames of low confidence weigh in smoothing, 0 weighs all alike; palms,
    see `solve`.
    """

    regions: Mapping[str, float] = field(default_factory=dict)
    repair: bool = False
    doubt: float = 0.0
    palms: bool = True


AS_IT_IS = CleanUp()
"""One smoothing for all regions, no repair."""


def animate(take: Take, smoothing: float = 0.0, grounding: float = 0.0, more: CleanUp = AS_IT_IS) -> Motion:
    """Solve a take, then smooth and ground it; cheap enough to repeat whenever a setting changes.

    smoothing: seconds, see `smooth`; 0 is off. grounding: 0..1, see `ground`; 0 is off. more: further steps.
    """
    return animate_and_tell(take, smoothing, grounding, more)[0]


def animate_and_tell(take: Take, smoothing: float = 0.0, grounding: float = 0.0,
                     more: CleanUp = AS_IT_IS) -> tuple[Motion, list[Pop]]:
    """`animate`, and the pops that were bridged."""
    weights = np.maximum(take.confidence, TUNING.least_trust) ** more.doubt if more.doubt else None
    return clean_up_and_tell(solve(take, more.palms), smoothing, grounding, more, weights)


def clean_up(motion: Motion, smoothing: float = 0.0, grounding: float = 0.0, more: CleanUp = AS_IT_IS) -> Motion:
    """Smooth and ground a motion that is solved already, such as one read from an armature.

    With all steps off the very same object is returned. Arguments as in `animate`.
    """
    return clean_up_and_tell(motion, smoothing, grounding, more)[0]


def clean_up_and_tell(motion: Motion, smoothing: float, grounding: float, more: CleanUp,
                      weights: np.ndarray | None = None) -> tuple[Motion, list[Pop]]:
    """`clean_up`, and the pops that were bridged. weights: see `smooth`."""
    motion, pops = repair_pops(motion) if more.repair else (motion, [])
    motion = smooth(motion, smoothing, more.regions, weights)
    return (ground(motion, find_contacts(motion), grounding) if grounding > 0 else motion), pops
