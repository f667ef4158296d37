"""Two rest poses of one skeleton: what both have in common tells how their limbs are turned about themselves.

A forearm may leave the line of its upper arm along the elbow's hinge: a carrying angle, the same however the elbow is
bent. One rest pose alone can't tell it from a turn of the whole limb. Of two, the straighter one shows it: there the
turn is known by convention (`rest_twist`). Taken from the bend of the other, its hinge is exact. Knees alike. A limb
whose elbow was not moved at all was turned as a whole, and the plane of its bend tells how, be the bend ever so small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..core.motion import Motion
from ..core.skeleton import SIDES
from ..maths.rotations import inverse, multiply
from .limb_twist import LimbTwist, ramp, read_twists
from .rest_pose import RestPose
from .t_pose_alignment import SOURCE_JOINTS, alignments

_ALIKE = np.log((1.01, 1.03))
"""Limbs whose lengths compare alike up to the first belong to one skeleton, from the second on they don't."""
_UNTOUCHED = np.radians((0.1, 0.5))
"""Elbows or knees whose bends differ by less than the first were not moved from one rest pose to the other."""
_SHOWN = np.radians((1.0, 2.5))
"""What an unmoved bend tells of the turn of the limb: nothing if it is less than the first, all from the second on."""
_BACKWARDS = -np.sin(np.radians(15.0))
"""The straighter one's elbow or knee bends the other way, as a bird's does: so does the bent one's."""
_LINKS = tuple(f"{side}_{part}" for side in SIDES for part in ("upper_arm", "lower_arm", "upper_leg", "lower_leg"))

Twists = dict[tuple[str, str], float]


def same_skeleton(first: RestPose, second: RestPose) -> float:
    """0..1: how surely two rest poses are of one skeleton, at any size: arms and legs are as long, each to each."""
    ratios = np.log([_length(first, part) / _length(second, part) for part in _LINKS])
    return 1.0 - ramp(float(np.abs(ratios - np.median(ratios)).max()), _ALIKE)


def _length(rest: RestPose, part: str) -> float:
    return max(float(np.linalg.norm(rest.tips[part] - rest.heads[rest.bones[part][0]])), 1e-12)


def shared_twists(first: RestPose, second: RestPose) -> tuple[Twists, Twists]:
    """For each rest pose the twists (see `LimbTwist`) that differ from its own reading, with the other one known."""
    alike, found = same_skeleton(first, second), ({}, {})
    if alike == 0.0:
        return found
    ours, theirs = read_twists(first), read_twists(second)
    for limb in ours:
        pair = ours[limb], theirs[limb]
        more = int(pair[1].bend > pair[0].bend)
        found[more][limb] = _after(pair[more], pair[1 - more], alike)
    return found


def _after(bent: LimbTwist, straighter: LimbTwist, alike: float) -> float:
    """Radians of twist of a bent limb with what the straighter one shows: the carrying angle; all of its turn, where
    elbow or knee are bent alike."""
    off = straighter.twist - straighter.hinge
    carry = np.sin(straighter.bend) * np.sin(off)
    aside = float(np.arcsin(np.clip(carry / max(np.sin(bent.bend), 1e-9), -1.0, 1.0)))
    if np.sin(straighter.bend) * np.cos(off) < _BACKWARDS:
        aside = np.pi - aside
    by_hinge, as_whole = (_least(angle + bent.hinge - bent.twist) for angle in (aside, off))
    rigid = ramp(straighter.bend, _SHOWN) * (1.0 - ramp(bent.bend - straighter.bend, _UNTOUCHED))
    return bent.twist + alike * (rigid * as_whole + (1.0 - rigid) * bent.shown * by_hinge)


def _least(angle: float) -> float:
    return float((angle + np.pi) % (2 * np.pi) - np.pi)


def agreed(motion: Motion, rest: RestPose) -> tuple[Motion, Twists]:
    """A motion and the twists of the rig that is to perform it, with what the motion's own rig tells of both.

    A take, or a motion of another skeleton, stays as it is, and the rig's own reading holds.
    """
    if motion.detail is None or motion.detail.rest is None:
        return motion, {}
    theirs, ours = shared_twists(motion.detail.rest, rest)
    return (_reread(motion, theirs) if theirs else motion), ours


def _reread(motion: Motion, twists: Twists) -> Motion:
    """The motion as it would have been read off its rig with these twists at rest."""
    rest, detail = motion.detail.rest, motion.detail
    rotations = np.array(motion.rotations)
    limbs = _change(rest, twists, keep_posture=False)
    for side in SIDES:
        for limb, joint in SOURCE_JOINTS.items():
            part = f"{side}_{limb}"
            if limb == "shoulder" or part not in limbs:
                continue
            index = motion.skeleton.index(f"{side}_{joint}")
            rotations[:, index] = multiply(rotations[:, index], limbs[part])
    feet = _change(rest, twists, keep_posture=True)
    turns = dict(detail.turns)
    for side in SIDES:
        for part in (f"{side}_foot", f"{side}_toes"):
            if part in turns:
                turns[part] = multiply(turns[part], feet[f"{side}_foot"])
    return replace(motion, rotations=rotations, detail=replace(detail, turns=turns))


def _change(rest: RestPose, twists: Twists, keep_posture: bool) -> Mapping[str, np.ndarray]:
    """Part -> (4,) what its rotation from the T-pose is multiplied by, on its right, when these twists are known.

    Hands and feet that the rig lacks go with the part above them, as they were read.
    """
    before = alignments(rest, keep_posture, at_ease=False)
    after = alignments(rest, keep_posture, at_ease=False, twists=twists)
    found = {part: multiply(before[part], inverse(after[part])) for part in before}
    for side in SIDES:
        found.setdefault(f"{side}_hand", found[f"{side}_lower_arm"])
        found.setdefault(f"{side}_foot", found[f"{side}_lower_leg"])
    return found
