"""World rotations of body parts and the hips' path as a rig's own channels, parents first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .errors import MocapError
from .loose_parts import LoosePart, movable
from .rest_pose import RestPose
from .rig import TargetRig, from_matrix
from .rotations import apply, continuous, inverse, multiply, swing, unit


@dataclass(frozen=True)
class BoneKeys:
    """A pose over time, as a rig's own channels.

    bone_names: B keyed bones, parents first. rotations: (T, B, 4) local basis quaternions, continuous signs.
    root_bone: the bone whose location is keyed. root_locations: (T, 3) local basis, armature units.
    more_locations: other bones whose location is keyed -> (T, 3): the root bone that takes the way over the ground, and
        roots of parts that do not hang on the body.
    helpers: keyed bones that no part of the map names -> the part with which they go; twist bones.
    """

    bone_names: tuple[str, ...]
    rotations: np.ndarray
    root_bone: str
    root_locations: np.ndarray
    more_locations: Mapping[str, np.ndarray] = field(default_factory=dict)
    helpers: Mapping[str, str] = field(default_factory=dict)


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


def world_rotation(rig: TargetRig) -> np.ndarray:
    """(4,) the turn in the armature object's place; a turn of the world is that of the armature seen through it."""
    left, _, right = np.linalg.svd(rig.world_from_armature[:3, :3])
    turn = left @ right
    return from_matrix(turn * np.sign(np.linalg.det(turn)))


def armature_pose(rest: RestPose, turns: Mapping[str, np.ndarray], path: np.ndarray) -> ArmaturePose:
    """Poses in armature space from world rotations.

    turns: part -> (T, 4) (spine and neck (T, N, 4)) world rotation from rest.
    path: (T, 3) world, the middle of the hip joints.
    """
    rig = rest.rig
    by_bone = {rest.bones["hips"][0]: turns["hips"], rest.carrier: turns["hips"]}
    for part, turn in turns.items():
        if part in ("spine_chain", "neck"):
            by_bone |= {bone: turn[:, n] for n, bone in enumerate(rest.bones[part])}
        elif part != "hips" and part in rest.bones:
            by_bone[rest.bones[part][0]] = turn
    for part in rest.loose:
        by_bone.setdefault(part.bone, by_bone[part.anchor])
    world, rest_rotations = world_rotation(rig), from_matrix(rig.rest[:, :3, :3])
    rotations = {bone: multiply(inverse(world), turn, multiply(world, rest_rotations[bone]))
                 for bone, turn in by_bone.items()}
    stretch = np.linalg.svd(rig.world_from_armature[:3, :3], compute_uv=False)
    if stretch.max() / stretch.min() > 1 + 1e-6:
        _aim_under_shear(rest, turns, rotations, rest_rotations)
    return ArmaturePose(rest, rotations, in_armature(rig, path))


def _aim_under_shear(rest: RestPose, turns: Mapping, rotations: dict[int, np.ndarray], rest_rotations) -> None:
    """Under an uneven scale directions bend: turn each limb on so that its world direction is the wanted one again."""
    linear = rest.rig.world_from_armature[:3, :3]
    to_armature = np.linalg.inv(linear)
    for part, tip in rest.tips.items():
        bone = rest.bones[part][0]
        if bone not in rotations or part == "head":
            continue
        limb = to_armature @ (tip - rest.heads[bone])
        turn = turns[part] if part != "neck" else turns[part][:, 0]
        wanted = apply(turn, linear @ limb) @ to_armature.T
        now = apply(multiply(rotations[bone], inverse(rest_rotations[bone])), limb)
        fix = swing(unit(now), unit(wanted))
        for each in rest.bones[part]:
            rotations[each] = multiply(fix, rotations[each])


def local_keys(pose: ArmaturePose, ground_bone: bool = False) -> BoneKeys:
    """The pose as local basis channels.

    ground_bone: the topmost bone above the hips takes the way over the ground, the hips what is left.
    """
    rig = pose.rest.rig
    posed, bases = pose.full()
    keyed = sorted(pose.rotations)
    channels = [multiply(inverse(bases[bone]), pose.rotations[bone]) for bone in keyed]
    rotations = continuous(unit(np.stack(channels, axis=1)))
    return BoneKeys(tuple(rig.bone_names[bone] for bone in keyed), rotations, *_locations(pose, posed, ground_bone),
                    {rig.bone_names[bone]: part for bone, part in pose.helpers.items()})


def _locations(pose: ArmaturePose, posed: Mapping[int, np.ndarray],
               ground_bone: bool) -> tuple[str, np.ndarray, dict[str, np.ndarray]]:
    """The bone that takes the path, its local basis locations, and those of other bones that have to be moved: the one
    that takes the ground's part, and loose parts'.

    A bone connected to its parent can't be moved: the next one above that can is taken then.
    """
    rest, rig = pose.rest, pose.rest.rig
    moved = next(bone for bone in rig.lineage(rest.carrier) if rig.parents[bone] < 0 or not rig.connected[bone])
    shift, more, ground = pose.carrier_head - rig.heads[rest.carrier], {}, {}
    if ground_bone:
        top = rig.lineage(moved)[-1]
        if top == moved:
            raise MocapError(f"{rig.name}: no bone above {rig.bone_names[moved]!r} that could take the way over the "
                             "ground; let the hips keep it")
        ground[top] = _over_ground(pose)
        more[rig.bone_names[top]] = ground[top] @ _location_axes(rig, top)
        shift = shift - ground[top]
    for part in rest.loose:
        bone, way = _loose_way(pose, part, posed, ground)
        more[rig.bone_names[bone]] = way @ _location_axes(rig, bone)
    return rig.bone_names[moved], shift @ _location_axes(rig, moved), more


def _loose_way(pose: ArmaturePose, part: LoosePart, posed: Mapping[int, np.ndarray],
               ground: Mapping[int, np.ndarray]) -> tuple[int, np.ndarray]:
    """The bone that is moved for a loose part, and (T, 3) how far, along its parent's rest axes in armature space.

    ground: the root bone that takes the way over the ground -> (T, 3) that way; it takes along what hangs on it.
    """
    rig = pose.rest.rig
    bone = movable(rig, part, pose.rotations)
    above, line = int(rig.parents[bone]), rig.lineage(part.bone)
    stops = {each.bone for each in pose.rest.loose} | {pose.rest.carrier}
    start = np.broadcast_to(rig.heads[bone], pose.centre.shape)
    if above >= 0:
        start = pose.below([bone, above], pose.head(above, posed), posed)
    if not stops & set(rig.lineage(bone)[1:]):
        start = start + ground.get(line[-1], 0.0)
    way = pose.held(part, posed) - pose.below(line[:line.index(bone) + 1], start, posed)
    return bone, way if above < 0 else apply(inverse(pose.posed_turn(above, posed)), way)


def _over_ground(pose: ArmaturePose) -> np.ndarray:
    """(T, 3) armature space: how far the middle of the hips is from its rest place, without the height."""
    linear = pose.rest.rig.world_from_armature[:3, :3]
    way = (pose.centre - in_armature(pose.rest.rig, pose.rest.hip_centre)) @ linear.T
    way[:, 2] = 0.0
    return way @ np.linalg.inv(linear).T


def _location_axes(rig: TargetRig, bone: int) -> np.ndarray:
    """(3, 3) columns: the axes along which a bone's location channels move it, armature space."""
    if rig.local_location[bone]:
        return rig.rest[bone, :3, :3]
    parent = rig.parents[bone]
    return rig.rest[parent, :3, :3] if parent >= 0 else np.eye(3)
