"""Limb twists of two rest poses of one skeleton, read together.

In a rest pose a forearm may leave the line of its upper arm for two reasons: a carrying angle along the elbow's hinge,
which is the same however far the elbow is bent, or a twist of the whole limb. One rest pose cannot separate the two.
With two rest poses of one skeleton, the straighter one gives the carrying angle, since its twist follows from the
convention (`read_twists`). With the carrying angle removed, the bend of the other rest pose gives the exact hinge. The
same holds for knees. If the bend of elbow or knee is equal in both, the limb was twisted as a whole, and even a small
bend gives its twist.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ..core.skeleton import SIDES
from ..maths.rotations import inverse, multiply
from .limb_twist import LimbTwist, ramp, read_twists
from .rest_pose import RestPose
from .t_pose_alignment import alignments
from .tuning import TUNING

_LINKS = tuple(f"{side}_{part}" for side in SIDES for part in ("upper_arm", "lower_arm", "upper_leg", "lower_leg"))

LimbTwists = dict[tuple[str, str], float]
"""(side, "arm" or "leg") -> radians of `LimbTwist.twist`."""


class TwistPair(NamedTuple):
    """Limb twists of two rest poses; each holds only the limbs for which the other rest pose changes the reading."""

    first: LimbTwists
    second: LimbTwists


def same_skeleton(first: RestPose, second: RestPose) -> float:
    """0..1, the confidence that two rest poses, at any scale, are of one skeleton: ratios of all limb lengths agree."""
    ratios = np.log([_length(first, part) / _length(second, part) for part in _LINKS])
    return 1.0 - ramp(float(np.abs(ratios - np.median(ratios)).max()), np.log(TUNING.equal_lengths))


def _length(rest: RestPose, part: str) -> float:
    return max(float(np.linalg.norm(rest.tips[part] - rest.heads[rest.bones[part][0]])), 1e-12)


def shared_twists(first: RestPose, second: RestPose) -> TwistPair:
    """The limb twists (see `LimbTwist`) of two rest poses that change when the other rest pose is known too."""
    alike, found = same_skeleton(first, second), TwistPair({}, {})
    if alike == 0.0:
        return found
    readings = read_twists(first), read_twists(second)
    for limb in readings[0]:
        pair = readings[0][limb], readings[1][limb]
        more = int(pair[1].bend > pair[0].bend)
        found[more][limb] = _twist_of_bent(pair[more], pair[1 - more], alike)
    return found


def _twist_of_bent(bent: LimbTwist, straighter: LimbTwist, alike: float) -> float:
    """Radians of twist of a bent limb, given the carrying angle of the straighter one, or its whole twist if both
    elbows or knees have the same bend."""
    off = straighter.twist - straighter.hinge
    carry = np.sin(straighter.bend) * np.sin(off)
    aside = float(np.arcsin(np.clip(carry / max(np.sin(bent.bend), 1e-9), -1.0, 1.0)))
    if np.sin(straighter.bend) * np.cos(off) < -np.sin(np.radians(TUNING.bird_knee)):
        aside = np.pi - aside
    by_hinge, as_whole = (_wrapped(angle + bent.hinge - bent.twist) for angle in (aside, off))
    rigid = ramp(straighter.bend, np.radians(TUNING.unmoved_bend)) \
        * (1.0 - ramp(bent.bend - straighter.bend, np.radians(TUNING.unmoved)))
    return bent.twist + alike * (rigid * as_whole + (1.0 - rigid) * bent.shown * by_hinge)


def _wrapped(angle: float) -> float:
    """The angle between -pi and pi."""
    return float((angle + np.pi) % (2 * np.pi) - np.pi)


def alignment_changes(rest: RestPose, twists: LimbTwists, keep_posture: bool) -> Mapping[str, np.ndarray]:
    """Part -> (4,) quaternion, the factor on the right of a part's rotation from the T-pose if `twists` are known.

    keep_posture: as in `alignments`. A hand or foot that the rig lacks has the factor of the part above it.
    """
    before = alignments(rest, keep_posture, at_ease=False)
    after = alignments(rest, keep_posture, at_ease=False, twists=twists)
    found = {part: multiply(before[part], inverse(after[part])) for part in before}
    for side in SIDES:
        found.setdefault(f"{side}_hand", found[f"{side}_lower_arm"])
        found.setdefault(f"{side}_foot", found[f"{side}_lower_leg"])
    return found
