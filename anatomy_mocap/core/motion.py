"""Motion: a solved clip in world axes - full rotations of every bone and the root's path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from ..maths.rotations import about, apply, multiply
from .skeleton import Skeleton, rest_directions

if TYPE_CHECKING:
    from ..rigs.rest_pose import RestPose


@dataclass(frozen=True)
class Detail:
    """What a motion read off a rig knows beyond the skeleton's bones; world axes, metres.

    turns: part ("hips", "neck", "left_toes" ...) -> (T, 4) world <- standing at ease: the identity is the rest pose of
        the rig it came from, stood upright and facing -Y. (T, N, 4) for "spine_chain" and "neck", from below.
    places: (N,) 0..1: where on the way from hips to neck the spine's bones are.
    positions: (T, J, 3) the joints as they are; a rig's trunk does not lie on the skeleton's lines.
    flat: side -> how high ankle and ball are above the floor under a flat foot.
    soles: side -> {"heel", "toe"} -> (T, 3) the points of the sole under ankle and ball.
    rest: the rest pose by which the rig was read; None where it is not known.
    """

    turns: Mapping[str, np.ndarray]
    places: np.ndarray
    positions: np.ndarray
    flat: Mapping[str, tuple[float, float]]
    soles: Mapping[str, Mapping[str, np.ndarray]]
    rest: RestPose | None = None


@dataclass(frozen=True)
class Motion:
    """A clip as rotations, in world axes (Z up, metres).

    skeleton: J joints.
    rotations: (T, J, 4) quaternions (w, x, y, z), world <- rest, of bone j (the segment that ends at joint j). The
        identity is the rest pose of `rest_directions`: T-pose facing -Y. Row 0 turns the pelvis as a body part.
        Signs are continuous over time.
    root_positions: (T, 3) the pelvis.
    bone_lengths: (J,) metres; row 0 is 0.
    fps: frames per second; frame i is at start_time + i / fps.
    start_time: seconds from the start of the source.
    eye: (3,) metres, world axes: where the camera stood that the motion was lifted from; None where it was not lifted.
    detail: more, where the motion was read off a rig. What changes rotations or path has to leave it out.
    """

    skeleton: Skeleton
    rotations: np.ndarray
    root_positions: np.ndarray
    bone_lengths: np.ndarray
    fps: float
    start_time: float = 0.0
    detail: Detail | None = None
    eye: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.root_positions)

    @property
    def directions(self) -> np.ndarray:
        """(T, J, 3) unit directions of the bones, world axes; row 0 is zero."""
        rest = rest_directions(self.skeleton)
        flat = Rotation.from_quat(self.rotations.reshape(-1, 4), scalar_first=True)
        return flat.apply(np.tile(rest, (len(self), 1))).reshape(len(self), -1, 3)

    def joint_positions(self) -> np.ndarray:
        """(T, J, 3) metres, world axes."""
        return self.skeleton.joint_positions(self.bone_lengths, self.directions, self.root_positions)


def turned(motion: Motion, angle: float) -> Motion:
    """The whole performance turned about the world's vertical through the origin by `angle` radians."""
    turn = about((0.0, 0.0, 1.0), angle)
    detail = motion.detail
    if detail is not None:
        detail = replace(detail, turns={part: multiply(turn, each) for part, each in detail.turns.items()},
                         positions=apply(turn, detail.positions),
                         soles={side: {name: apply(turn, at) for name, at in points.items()}
                                for side, points in detail.soles.items()})
    return replace(motion, rotations=multiply(turn, motion.rotations),
                   root_positions=apply(turn, motion.root_positions), detail=detail,
                   eye=None if motion.eye is None else apply(turn, motion.eye))


def held_in_place(motion: Motion) -> Motion:
    """The motion with its pelvis above where it begins in every frame; heights stay."""
    shift = motion.root_positions[:1] - motion.root_positions
    shift[:, 2] = 0.0
    detail = motion.detail
    if detail is not None:
        detail = replace(detail, positions=detail.positions + shift[:, None],
                         soles={side: {name: at + shift for name, at in points.items()}
                                for side, points in detail.soles.items()})
    # A camera that went along would stand elsewhere in every frame.
    return replace(motion, root_positions=motion.root_positions + shift, detail=detail, eye=None)
