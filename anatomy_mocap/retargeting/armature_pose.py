"""Wanted pose of a rig in armature space: rotations of some bones and the place of the hips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..maths.rotations import apply, inverse, multiply
from ..rigs.loose_parts import LoosePart
from ..rigs.rest_pose import RestPose
from ..rigs.rig import TargetRig, from_matrix
from ..rigs.skin import Skin


@dataclass(frozen=True)
class ArmaturePose:
    """Wanted poses of some bones in armature space, before their conversion to local channels.

    rest: the rig's rest pose.
    rotations: bone -> (T, 4) wanted pose rotation.
    centre: (T, 3) the middle of the hip joints.
    helpers: unmapped bone -> the body part to which it belongs.
    """

    rest: RestPose
    rotations: dict[int, np.ndarray]
    centre: np.ndarray
    helpers: dict[int, str] = field(default_factory=dict)

    @property
    def body_root_head(self) -> np.ndarray:
        """(T, 3) the head of the bone that moves the whole body."""
        rig, body_root = self.rest.rig, self.rest.body_root
        hips_at_rest = in_armature(rig, self.rest.hip_centre)
        return self.centre - apply(self.turn(body_root), hips_at_rest - rig.heads[body_root])

    def turn(self, bone: int) -> np.ndarray:
        """(T, 4) rotation from the rest pose, armature space, of a bone in `rotations`."""
        return multiply(self.rotations[bone], inverse(self._rest_rotation(bone)))

    def _rest_rotation(self, bone: int) -> np.ndarray:
        return from_matrix(self.rest.rig.rest[bone, :3, :3])

    def rotation(self, bone: int, turn: np.ndarray) -> np.ndarray:
        """(T, 4) pose rotation of a bone with the rotation `turn` from its rest pose, armature space."""
        return multiply(turn, self._rest_rotation(bone))

    def full(self) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
        """Two dicts, bone -> (T, 4) pose rotation and bone -> (T, 4) or (4,) factor on the left of its basis rotation.

        They hold the wanted bones and all their ancestors, parents first; an ancestor that is not wanted keeps its rest
        pose on its parent.
        """
        rig = self.rest.rig
        rest_rotations = from_matrix(rig.rest[:, :3, :3])
        posed: dict[int, np.ndarray] = {}
        bases: dict[int, np.ndarray] = {}
        for bone in sorted({above for each in self.rotations for above in rig.lineage(each)}):
            parent = int(rig.parents[bone])
            base = rest_rotations[bone]
            if parent >= 0 and rig.inherit_rotation[bone]:
                base = multiply(posed[parent], multiply(inverse(rest_rotations[parent]), base))
            bases[bone], posed[bone] = base, self.rotations.get(bone, base)
        return posed, bases

    def head(self, bone: int, posed: Mapping[int, np.ndarray]) -> np.ndarray:
        """(T, 3) head of a bone. posed: the first dict of `full`."""
        line, loose = self.rest.rig.lineage(bone), {part.bone: part for part in self.rest.loose}
        for place, above in enumerate(line):
            if above in loose:
                return self.below(line[:place + 1], self.attached_head(loose[above], posed), posed)
            if above == self.rest.body_root:
                return self.below(line[:place + 1], self.body_root_head, posed)
        return np.broadcast_to(self.rest.rig.heads[bone], self.centre.shape)

    def below(self, line: list[int], start: np.ndarray, posed: Mapping[int, np.ndarray]) -> np.ndarray:
        """(T, 3) head of the first bone of `line` (upwards) if the head of its last, topmost bone is at `start`."""
        heads, at = self.rest.rig.heads, start
        for lower, above in zip(line[-2::-1], line[:0:-1], strict=True):
            at = at + apply(self.posed_turn(above, posed), heads[lower] - heads[above])
        return at

    def attached_head(self, part: LoosePart, posed: Mapping[int, np.ndarray]) -> np.ndarray:
        """(T, 3) head of a loose part that keeps its rest offset from its anchor."""
        reach = self.rest.rig.heads[part.bone] - self.rest.rig.heads[part.anchor]
        return self.head(part.anchor, posed) + apply(self.posed_turn(part.anchor, posed), reach)

    def posed_turn(self, bone: int, posed: Mapping[int, np.ndarray]) -> np.ndarray:
        """(T, 4) rotation of any bone from its rest pose, armature space. posed: the first dict of `full`."""
        return multiply(posed[bone], inverse(self._rest_rotation(bone)))


def in_armature(rig: TargetRig, points: np.ndarray) -> np.ndarray:
    """(..., 3) world points in armature space."""
    inverted = np.linalg.inv(rig.world_from_armature)
    return np.asarray(points) @ inverted[:3, :3].T + inverted[:3, 3]


def skin_heights(pose: ArmaturePose, skin: Skin) -> np.ndarray:
    """(T, N) world, the heights of the N points of a character's skin in a pose."""
    rig, (posed, _) = pose.rest.rig, pose.full()
    to_world = rig.world_from_armature[2]
    points = in_armature(rig, skin.points)
    heights = np.full((len(pose.centre), len(points)), to_world[3])
    for column, name in enumerate(skin.bone_names):
        rows, places = np.nonzero(skin.carriers == column)
        if not len(rows):
            continue
        # The parents of a control rig are others than those of its bones, so a bone may have no pose of its own.
        bone = next((above for above in rig.lineage(rig.index(name)) if above in posed), pose.rest.body_root)
        head, turn = pose.head(bone, posed), pose.posed_turn(bone, posed)
        level = apply(inverse(turn), to_world[:3])
        own = (head @ to_world[:3])[:, None] + level @ (points[rows] - rig.heads[bone]).T
        heights[:, rows] += own * skin.weights[rows, places]
    return heights
