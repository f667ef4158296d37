"""Wanted poses of a rig's bones in armature space: where each bone begins, and how it is turned from its rest pose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..maths.rotations import apply, inverse, multiply
from ..rigs.loose_parts import LoosePart
from ..rigs.rest_pose import RestPose
from ..rigs.rig import TargetRig, from_matrix


@dataclass(frozen=True)
class ArmaturePose:
    """Poses of some bones in armature space, on their way to local channels.

    rest: the rig. rotations: bone -> (T, 4) wanted pose rotation. centre: (T, 3) the middle of the hip joints.
    helpers: bone -> the part with which it goes, of bones that the map does not name.
    """

    rest: RestPose
    rotations: dict[int, np.ndarray]
    centre: np.ndarray
    helpers: dict[int, str] = field(default_factory=dict)

    @property
    def carrier_head(self) -> np.ndarray:
        """(T, 3) where the bone that carries the body begins."""
        rig, carrier = self.rest.rig, self.rest.carrier
        hips_at_rest = in_armature(rig, self.rest.hip_centre)
        return self.centre - apply(self.turn(carrier), hips_at_rest - rig.heads[carrier])

    def turn(self, bone: int) -> np.ndarray:
        """(T, 4) armature space: how a bone whose pose is wanted is turned from its rest pose."""
        return multiply(self.rotations[bone], inverse(self._rest_rotation(bone)))

    def _rest_rotation(self, bone: int) -> np.ndarray:
        return from_matrix(self.rest.rig.rest[bone, :3, :3])

    def rotation(self, bone: int, turn: np.ndarray) -> np.ndarray:
        """(T, 4) the pose rotation of a bone that is turned so from its rest pose, armature space."""
        return multiply(turn, self._rest_rotation(bone))

    def full(self) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
        """Bone -> (T, 4) pose and (T, 4) (or (4,)) what its basis rotation is multiplied by, parents first.

        All bones that are wanted, and those above them, which ride along.
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
        """(T, 3) where a bone begins. posed: as `full` gives it."""
        line, held = self.rest.rig.lineage(bone), {part.bone: part for part in self.rest.loose}
        for place, above in enumerate(line):
            if above in held:
                return self.below(line[:place + 1], self.held(held[above], posed), posed)
            if above == self.rest.carrier:
                return self.below(line[:place + 1], self.carrier_head, posed)
        return np.broadcast_to(self.rest.rig.heads[bone], self.centre.shape)

    def below(self, line: list[int], start: np.ndarray, posed: Mapping[int, np.ndarray]) -> np.ndarray:
        """(T, 3) where the first bone of a chain begins if its last, the topmost, begins at `start`."""
        heads, at = self.rest.rig.heads, start
        for lower, above in zip(line[-2::-1], line[:0:-1], strict=True):
            at = at + apply(self.posed_turn(above, posed), heads[lower] - heads[above])
        return at

    def held(self, part: LoosePart, posed: Mapping[int, np.ndarray]) -> np.ndarray:
        """(T, 3) where a loose part has to begin, for the body to hold together."""
        reach = self.rest.rig.heads[part.bone] - self.rest.rig.heads[part.anchor]
        return self.head(part.anchor, posed) + apply(self.posed_turn(part.anchor, posed), reach)

    def posed_turn(self, bone: int, posed: Mapping[int, np.ndarray]) -> np.ndarray:
        """(T, 4) armature space: how a bone is turned from its rest pose. posed: as `full` gives it."""
        return multiply(posed[bone], inverse(self._rest_rotation(bone)))


def in_armature(rig: TargetRig, points) -> np.ndarray:
    """(..., 3) world points in armature space."""
    inverted = np.linalg.inv(rig.world_from_armature)
    return np.asarray(points) @ inverted[:3, :3].T + inverted[:3, 3]
