"""The one chain from a take to a motion; the panel, the command line and the tests all use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ..core.motion import Motion
from ..core.take import Take
from ..touch.contacts import Contacts, find_contacts
from ..touch.take_contacts import take_contacts, with_modes
from .drop_outs import bridge_drop_outs, bridged
from .ground import ground
from .joint_limits import held_back, limit_joints
from .pops import repair_pops, told
from .smoothing import smooth
from .solve_rotations import solve
from .tuning import TUNING


@dataclass(frozen=True)
class CleanUp:
    """What else is done before a motion is grounded. regions: see `smooth`. repair: whether pops are bridged.

    holds: how feet and hands are held, see `take_contacts.with_modes`. limits: whether joints are held within their
    range. Of takes alone: doubt, 0..1, how much less frames of low confidence weigh in smoothing, 0 weighs all alike;
    palms, see `solve`; bridge, whether short drop-outs of a limb are bridged.
    """

    regions: Mapping[str, float] = field(default_factory=dict)
    repair: bool = False
    doubt: float = 0.0
    palms: bool = True
    holds: Mapping[str, str] = field(default_factory=dict)
    limits: bool = False
    bridge: bool = False


AS_IT_IS = CleanUp()
"""One smoothing for all regions, no repair."""


class Animated(NamedTuple):
    """A motion, what touches the floor in it, and sentences for the user about what was repaired."""

    motion: Motion
    contacts: Contacts
    said: tuple[str, ...]


def animate(take: Take, smoothing: float = 0.0, grounding: float = 0.0, more: CleanUp = AS_IT_IS) -> Motion:
    """Solve a take, then smooth and ground it; cheap enough to repeat whenever a setting changes.

    smoothing: seconds, see `smooth`; 0 is off. grounding: 0..1, see `ground`; 0 is off. more: further steps.
    """
    return animate_and_tell(take, smoothing, grounding, more).motion


def animate_and_tell(take: Take, smoothing: float = 0.0, grounding: float = 0.0, more: CleanUp = AS_IT_IS) -> Animated:
    """`animate`, with the contacts, which are those of the take before it is grounded, and what was repaired."""
    weights = np.maximum(take.confidence, TUNING.least_trust) ** more.doubt if more.doubt else None
    motion = solve(take, more.palms)
    motion, lost = bridge_drop_outs(motion, take.confidence) if more.bridge else (motion, [])
    motion, said = _steadied(motion, smoothing, more, weights)
    contacts = take_contacts(take, motion, more.holds)
    return Animated(ground(motion, contacts, grounding) if grounding > 0 else motion, contacts,
                    (*bridged(lost), *said))


def clean_up(motion: Motion, smoothing: float = 0.0, grounding: float = 0.0, more: CleanUp = AS_IT_IS) -> Motion:
    """Smooth and ground a motion that is solved already, such as one read from an armature.

    With all steps off the very same object is returned. Arguments as in `animate`.
    """
    motion, _ = _steadied(motion, smoothing, more)
    if grounding <= 0:
        return motion
    return ground(motion, with_modes(find_contacts(motion), motion, more.holds), grounding)


def _steadied(motion: Motion, smoothing: float, more: CleanUp,
              weights: np.ndarray | None = None) -> tuple[Motion, list[str]]:
    """The motion repaired and smoothed, and sentences for the user about that. weights: see `smooth`."""
    motion, pops = repair_pops(motion) if more.repair else (motion, [])
    motion, held = limit_joints(motion) if more.limits else (motion, [])
    return smooth(motion, smoothing, more.regions, weights), [*told(pops), *held_back(held)]
