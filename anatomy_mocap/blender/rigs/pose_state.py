"""The pose of an armature, set aside while a rig is tried out and restored in any case."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import bpy
import numpy as np

from ...core.errors import MocapError
from .armature import matrices_of

REST = {"location": (0, 0, 0), "scale": (1, 1, 1), "rotation_quaternion": (1, 0, 0, 0), "rotation_euler": (0, 0, 0),
        "rotation_axis_angle": (0, 0, 1, 0)}
"""The channels of a pose bone and their values at rest."""


@contextlib.contextmanager
def at_rest(armature: bpy.types.Object) -> Iterator[None]:
    """Inside the block every bone is at rest; afterwards the pose and the custom properties are restored.

    MocapError where Blender does not evaluate the armature, so that a trial would be useless.
    """
    if armature.data.pose_position == "REST":
        raise MocapError(f"{armature.name}: shown in its rest position, so its controls can't be tried out; set it to "
                         "Pose Position (armature properties)")
    if armature.name not in bpy.context.view_layer.objects or not armature.visible_get():
        raise MocapError(f"{armature.name}: hidden, so Blender does not evaluate its controls; show it")
    bones = armature.pose.bones
    before = {path: _get(bones, path, len(rest)) for path, rest in REST.items()}
    properties = {bone.name: dict(bone.items()) for bone in bones if bone.keys()} | {"": dict(armature.items())}
    try:
        for path, rest in REST.items():
            bones.foreach_set(path, np.tile(np.array(rest, np.float32), len(bones)))
        evaluate(armature)
        yield
    finally:
        for path, values in before.items():
            bones.foreach_set(path, values)
        for name, items in properties.items():
            _put_back(bones[name] if name else armature, items)
        evaluate(armature)


@contextlib.contextmanager
def shown(armature: bpy.types.Object) -> Iterator[None]:
    """Inside the block the armature object is visible, because Blender evaluates visible objects only."""
    before = armature.hide_viewport, armature.hide_get()
    armature.hide_viewport = False
    armature.hide_set(False)
    bpy.context.view_layer.update()
    try:
        yield
    finally:
        armature.hide_viewport = before[0]
        armature.hide_set(before[1])


def evaluate(armature: bpy.types.Object) -> None:
    """Let Blender evaluate the armature with its present channels and properties, without its animation."""
    armature.update_tag()
    bpy.context.view_layer.update()


def posed(armature: bpy.types.Object, attribute: str = "matrix") -> np.ndarray:
    """(B, 4, 4) evaluated bones in armature space, in the order of the armature's bones. attribute: another matrix."""
    bones = armature.pose.bones
    matrices = matrices_of(bones, attribute)
    names = [bone.name for bone in armature.data.bones]
    own = [bone.name for bone in bones]
    if own == names:
        return matrices
    place = {name: number for number, name in enumerate(own)}
    return matrices[[place[name] for name in names]]


def set_rotation(bone: bpy.types.PoseBone, quaternion: Sequence[float]) -> None:
    """Turn a pose bone by a local quaternion (w, x, y, z), in its own rotation mode."""
    from mathutils import Quaternion

    turn = Quaternion(quaternion)
    if bone.rotation_mode == "QUATERNION":
        bone.rotation_quaternion = turn
    elif bone.rotation_mode == "AXIS_ANGLE":
        axis, angle = turn.to_axis_angle()
        bone.rotation_axis_angle = (angle, *axis)
    else:
        bone.rotation_euler = turn.to_euler(bone.rotation_mode)


def _get(bones, path: str, size: int) -> np.ndarray:
    values = np.empty(size * len(bones), np.float32)
    bones.foreach_get(path, values)
    return values


def _put_back(owner, items: dict) -> None:
    for key, value in items.items():
        if isinstance(value, int | float) and owner[key] != value:
            owner[key] = value
