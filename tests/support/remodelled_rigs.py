"""One skeleton with another rest pose (and rolls, bone axes, place), and the error of its motion against the first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from anatomy_mocap.maths.rotations import quaternions
from anatomy_mocap.rigs.forward_kinematics import pose_matrices
from anatomy_mocap.rigs.rig import TargetRig


def remodelled(rig: TargetRig, turns: dict[str, Rotation], random, axes: str = "roll", world=None) -> TargetRig:
    """Return the rig with a pose applied as its rest pose.

    turns: bone name -> turn from its old rest pose, armature space; its descendants follow unless they have their own.
    axes: "same", "roll" (bones keep their direction, rolls are new) or "any" (bones point anywhere).
    world: (4, 4) world_from_armature, None for the same.
    """
    total = rest_turns(rig, turns)
    rest = rig.rest.copy()
    for bone, parent in enumerate(rig.parents):
        head = rig.heads[bone]
        if parent >= 0:
            head = rest[parent, :3, 3] + total[parent].apply(head - rig.heads[parent])
        own = {"same": Rotation.identity(), "roll": Rotation.from_rotvec([0, random.uniform(-3, 3), 0]),
               "any": Rotation.random(random_state=int(random.integers(1 << 31)))}[axes]
        rest[bone, :3, :3] = total[bone].as_matrix() @ rig.rest[bone, :3, :3] @ own.as_matrix()
        rest[bone, :3, 3] = head
    connected = rig.connected if axes != "any" else np.zeros(len(rig), bool)
    return replace(rig, rest=rest, connected=connected,
                   world_from_armature=rig.world_from_armature if world is None else np.asarray(world, dtype=float))


def rest_turns(rig: TargetRig, turns: dict[str, Rotation]) -> list[Rotation]:
    """For each bone, the rotation from the old rest pose to the new one, armature space."""
    total: list[Rotation] = []
    for bone, parent in enumerate(rig.parents):
        above = total[parent] if parent >= 0 else Rotation.identity()
        total.append(turns.get(rig.bone_names[bone], above))
    return total


def random_channels(rig: TargetRig, bones: dict[str, tuple[str, ...]], random, frames: int = 12, most: float = 50.0):
    """Make large smooth random motions of the mapped bones and of the body's position.

    Returns (T, B, 4) local quaternions, (T, 3) local locations of the body's root bone, and its name.
    """
    rotations = np.tile([1.0, 0, 0, 0], (frames, len(rig), 1))
    # The waves are the same for all lengths up to 60 frames; longer motions continue at the same frequency.
    t = np.linspace(0, max(1.0, frames / 60), frames)[:, None]
    for part, names in bones.items():
        size = np.radians(most) / (1 if part.startswith(("left", "right")) else 2)
        for name in names:
            waves = sum(random.normal(size=3) * np.sin(2 * np.pi * (speed * t + random.uniform())) for speed in (1, 2))
            waves *= size / np.maximum(np.linalg.norm(waves, axis=-1, keepdims=True), 1.0) / len(names)
            rotations[:, rig.index(name)] = quaternions(Rotation.from_rotvec(waves))
    height = np.ptp(rig.heads, axis=0).max()
    locations = 0.3 * height * np.sin(2 * np.pi * t * random.uniform(0.3, 1, size=3))
    return rotations, locations, bones["hips"][0]


def random_pose(rig: TargetRig, bones: dict[str, tuple[str, ...]], random, frames: int = 12, most: float = 50.0):
    """Return world matrices (T, B, 4, 4) of such a random motion."""
    rotations, moves, name = random_channels(rig, bones, random, frames, most)
    locations = np.zeros((frames, len(rig), 3))
    locations[:, rig.index(name)] = moves
    return rig.world_from_armature @ pose_matrices(rig, rotations, locations)


def turns_from_rest(rig: TargetRig, world: np.ndarray, name: str) -> Rotation:
    """Return the world rotations (T,) of a bone from its rest pose, for a posed rig `world` (T, B, 4, 4)."""
    bone = rig.index(name)
    at_rest = rig.world_from_armature[:3, :3] @ rig.rest[bone, :3, :3]
    found = world[:, bone, :3, :3] @ np.linalg.inv(at_rest)
    left, _, right = np.linalg.svd(found)
    return Rotation.from_matrix(left @ right)


def rotation_errors(source: TargetRig, shown, target: TargetRig, found, turns: dict[str, Rotation],
                    names: dict[str, str]) -> dict[str, np.ndarray]:
    """Bone of the source -> (T,) degrees between its body part's rotation and that of its counterpart.

    shown, found: (T, B, 4, 4) world matrices of source and target. turns: those of `remodelled`.
    names: bone of the source -> of the target; the other side's under a mirroring object. Bodies are symmetric about
    the armature's YZ plane.
    """
    total = dict(zip(source.bone_names, rest_turns(source, turns), strict=True))
    errors = {}
    for name, counterpart in names.items():
        wanted = turns_from_rest(source, shown, name) * _standing(source)
        seen = turns_from_rest(target, found, counterpart) * _in_world(target, total[counterpart]) * _standing(target)
        errors[name] = np.degrees((seen * wanted.inv()).magnitude())
    return errors


def _standing(rig: TargetRig) -> Rotation:
    """The rotation of a symmetric body by the object; a mirrored body is mirrored at its own middle plane."""
    linear = rig.world_from_armature[:3, :3]
    return _nearest(linear * ([-1.0, 1, 1] if np.linalg.det(linear) < 0 else [1.0, 1, 1]))


def _in_world(rig: TargetRig, turn: Rotation) -> Rotation:
    linear = rig.world_from_armature[:3, :3]
    return _nearest(linear @ turn.as_matrix() @ np.linalg.inv(linear))


def _nearest(matrix: np.ndarray) -> Rotation:
    left, _, right = np.linalg.svd(matrix)
    return Rotation.from_matrix(left @ right)
