"""RigDetail: the part of a rig's motion that the 22 joints of a Motion cannot hold, kept beside the Motion.

A rig's motion has more than 22 rotations: each bone of its spine and neck, its toes, the places of its joints. The
detail is valid only for the Motion with which it was read. A function that returns a changed Motion (`smooth`,
`ground`) returns no detail, so an outdated detail cannot reach `retarget`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np

from ..core.motion import Motion
from ..core.skeleton import MOCAP22, SIDES
from ..maths.rotations import about, apply, multiply, slerp
from ..rigs.rest_pose import RestPose
from ..rigs.same_skeleton import LimbTwists, alignment_changes, shared_twists
from ..rigs.t_pose_alignment import SOURCE_JOINTS


class MappedBones(Protocol):
    """Anything with the table of a bone map: body part -> names of its bones, from the hips outwards."""

    bones: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class RigDetail:
    """Rotations and places of a rig's body parts beyond the 22 bones of a Motion; world axes, metres.

    turns: part ("hips", "neck", "left_toes" ...) -> (T, 4) quaternions, world <- the rig's rest pose, upright and
        facing -Y. (T, N, 4) for the N bones of "spine_chain" and "neck", from below.
    spine_fractions: (N,) 0..1, where the N bones of the spine lie on the way from the hips to the neck.
    positions: (T, 22, 3) the joints; a rig's trunk need not lie on the lines of the skeleton.
    flat_feet: side -> heights of ankle and ball above the floor when the foot is flat.
    soles: side -> {"heel", "toe"} -> (T, 3) the points of the sole under ankle and ball.
    rest: the rest pose of the rig; None if it is not known.
    """

    turns: Mapping[str, np.ndarray]
    spine_fractions: np.ndarray
    positions: np.ndarray
    flat_feet: Mapping[str, tuple[float, float]]
    soles: Mapping[str, Mapping[str, np.ndarray]]
    rest: RestPose | None = None

    def rotate_about_vertical(self, angle: float) -> RigDetail:
        """The detail of the motion after `core.motion.rotate_about_vertical`; angle: radians."""
        turn = about((0.0, 0.0, 1.0), angle)
        return replace(self, turns={part: multiply(turn, each) for part, each in self.turns.items()},
                       positions=apply(turn, self.positions),
                       soles={side: {name: apply(turn, at) for name, at in points.items()}
                              for side, points in self.soles.items()})

    def between(self, before: np.ndarray, after: np.ndarray, share: np.ndarray) -> RigDetail:
        """The detail at N times, each (N,) `share` of the way from frame `before` to frame `after`."""
        def turned(each: np.ndarray) -> np.ndarray:
            return slerp(each[before], each[after], share.reshape(-1, *[1] * (each.ndim - 2)))

        def placed(each: np.ndarray) -> np.ndarray:
            part = share.reshape(-1, *[1] * (each.ndim - 1))
            return each[before] * (1 - part) + each[after] * part

        return replace(self, turns={part: turned(each) for part, each in self.turns.items()},
                       positions=placed(self.positions),
                       soles={side: {name: placed(at) for name, at in points.items()}
                              for side, points in self.soles.items()})

    def shift(self, shift: np.ndarray) -> RigDetail:
        """The detail of the motion after its root was moved by `shift`, (T, 3) metres."""
        return replace(self, positions=self.positions + shift[:, None],
                       soles={side: {name: at + shift for name, at in points.items()}
                              for side, points in self.soles.items()})


class RigMotion(NamedTuple):
    """A motion that was read from a rig, with its detail; the detail is None if only joint positions were read."""

    motion: Motion
    detail: RigDetail | None = None


class MatchedTwists(NamedTuple):
    """A motion, its detail, and the limb twists of the character, after `match_limb_twists`."""

    motion: Motion
    detail: RigDetail | None
    twists: LimbTwists


def match_limb_twists(motion: Motion, detail: RigDetail | None, rest: RestPose) -> MatchedTwists:
    """Read the limb twists of two rest poses of one skeleton together: those of the source rig and the character.

    rest: the character's rest pose. A take, or a motion of another skeleton, is returned unchanged with no twists;
    the character's twists are then read from its rest pose alone.
    """
    if detail is None or detail.rest is None:
        return MatchedTwists(motion, detail, {})
    source, character = shared_twists(detail.rest, rest)
    if source:
        motion, detail = _with_twists(motion, detail, source)
    return MatchedTwists(motion, detail, character)


def _with_twists(motion: Motion, detail: RigDetail, twists: LimbTwists) -> tuple[Motion, RigDetail]:
    """The motion and detail as they would have been read with these twists of the source's rest pose."""
    rotations = np.array(motion.rotations)
    limbs = alignment_changes(detail.rest, twists, keep_posture=False)
    for side in SIDES:
        for limb, joint in SOURCE_JOINTS.items():
            part = f"{side}_{limb}"
            if limb == "shoulder" or part not in limbs:
                continue
            index = MOCAP22.index(f"{side}_{joint}")
            rotations[:, index] = multiply(rotations[:, index], limbs[part])
    feet = alignment_changes(detail.rest, twists, keep_posture=True)
    turns = dict(detail.turns)
    for side in SIDES:
        for part in (f"{side}_foot", f"{side}_toes"):
            if part in turns:
                turns[part] = multiply(turns[part], feet[f"{side}_foot"])
    return replace(motion, rotations=rotations), replace(detail, turns=turns)
