"""The one chain from a take to a motion; the panel, the command line and the tests all use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..core.motion import Motion
from ..core.take import Take
from .drop_outs import bridge_drop_outs, bridged
from .foot_contacts import find_contacts
from .ground import ground
from .joint_limits import held_back, limit_joints
from .pops import repair_pops, told
from .smoothing import smooth
from .solve_rotations import solve
from .tuning import TUNING


@dataclass(frozen=True)
class CleanUp:
    """What else is done before a motion is grounded. regions: see `smooth`. repair: whether pops are bridged.

    limits: whether joints are held within their range.
    Of takes alone: doubt, 0..1, how much less frames of low confidence weigh in smoothing, 0 weighs all alike; palms,
    see `solve`; bridge, whether short drop-outs of a limb are bridged.
    """

    regions: Mapping[str, float] = field(default_factory=dict)
    repair: bool = False
    doubt: float = 0.0
    palms: bool = True
    limits: bool = False
    bridge: bool = False


AS_IT_IS = CleanUp()
"""One smoothing for all regions, no repair."""


def animate(take: Take, smoothing: float = 0.0, grounding: float = 0.0, more: CleanUp = AS_IT_IS) -> Motion:
    """Solve a take, then smooth and ground it; cheap enough to repeat whenever a setting changes.

    smoothing: seconds, see `smooth`; 0 is off. grounding: 0..1, see `ground`; 0 is off. more: further steps.
    """
    return animate_and_tell(take, smoothing, grounding, more)[0]


def animate_and_tell(take: Take, smoothing: float = 0.0, grounding: float = 0.0,
                     more: CleanUp = AS_IT_IS) -> tuple[Motion, list[str]]:
    """`animate`, and sentences for the user about what was repaired."""
    weights = np.maximum(take.confidence, TUNING.least_trust) ** more.doubt if more.doubt else None
    motion = solve(take, more.palms)
    motion, lost = bridge_drop_outs(motion, take.confidence) if more.bridge else (motion, [])
    motion, said = clean_up_and_tell(motion, smoothing, grounding, more, weights)
    return motion, [*bridged(lost), *said]


def clean_up(motion: Motion, smoothing: float = 0.0, grounding: float = 0.0, more: CleanUp = AS_IT_IS) -> Motion:
    """Smooth and ground a motion that is solved already, such as one read from an armature.

    With all steps off the very same object is returned. Arguments as in `animate`.
    """
    return clean_up_and_tell(motion, smoothing, grounding, more)[0]


def clean_up_and_tell(motion: Motion, smoothing: float, grounding: float, more: CleanUp,
                      weights: np.ndarray | None = None) -> tuple[Motion, list[str]]:
    """`clean_up`, and sentences for the user about what was repaired. weights: see `smooth`."""
    motion, pops = repair_pops(motion) if more.repair else (motion, [])
    motion, held = limit_joints(motion) if more.limits else (motion, [])
    motion = smooth(motion, smoothing, more.regions, weights)
    said = [*told(pops), *held_back(held)]
    return (ground(motion, find_contacts(motion), grounding) if grounding > 0 else motion), said
