"""Bone keys into a Blender action, and the scene's timing after the take's."""

from __future__ import annotations

import math

import bpy
import numpy as np

from ...core.errors import MocapError
from ..rigs.pose_state import REST
from .rotation_channels import rotation_channels

FIRST_FRAME = 1
"""The scene frame that shows the source's time 0, as Blender's own movie clips and strips begin at frame 1."""

MADE_BY = "anatomy_mocap"
"""Custom property on every action that this add-on wrote: the name of its take."""

_LINEAR = 1


def key_frames(times, scene) -> np.ndarray:
    """(T,) scene frames, whole or not, at which `times` (seconds from the source's start) are shown in this scene."""
    frames = FIRST_FRAME + np.asarray(times, dtype=float) * (scene.render.fps / scene.render.fps_base)
    whole = np.round(frames)
    return np.where(np.abs(frames - whole) < 1e-3, whole, frames)


def set_scene_timing(scene, take, start: float | None = None) -> None:
    """Make scene time the source's time: frame rate, range and the current frame.

    Frame 1 is the source's time 0; the range is that of the take. 29.97 becomes 30 / 1.001, as editors write it.
    start: the scene frame of the take's first frame, where it shall not be the source's.
    """
    render = scene.render
    render.fps, render.fps_base = frame_rate(take.fps)
    frames = key_frames(take.times, scene)
    if start is not None:
        frames = frames - frames[0] + start
    scene.frame_start, scene.frame_end = math.floor(frames[0]), math.ceil(frames[-1])
    scene.use_preview_range = False
    scene.frame_set(scene.frame_start)


def frame_rate(fps: float) -> tuple[int, float]:
    """Blender's whole frame rate and its base: fps = whole / base."""
    whole = max(1, math.ceil(fps - 1e-3))
    if abs(fps - whole) < 1e-3:
        return whole, 1.0
    if abs(fps - whole / 1.001) < 5e-3:
        return whole, 1.001
    return whole, whole / fps


def made_here(armature) -> bool:
    """Whether the armature's active action was written by this add-on."""
    data = armature.animation_data
    if not (data and data.action and data.action_slot and MADE_BY in data.action):
        return False
    return bool(data.action.layers and data.action.layers[0].strips)


def require_editable(armature) -> None:
    """MocapError when Blender would not let this armature object have a new action."""
    if armature.type != "ARMATURE":
        raise MocapError(f"{armature.name}: not an armature but {armature.type.lower()}; choose an armature")
    if armature.library is not None:
        raise MocapError(f"{armature.name}: linked from {armature.library.filepath}, so it can't be keyed here; "
                         "make a library override of it (Object > Library Override > Make)")
    if armature.override_library is not None and armature.override_library.is_system_override:
        raise MocapError(f"{armature.name}: its library override is not editable; make it editable in the Outliner "
                         "(Library Override > Make Editable)")
    if armature.mode == "EDIT":
        raise MocapError(f"{armature.name}: its bones are being edited; leave edit mode (Tab)")
    if armature.animation_data and armature.animation_data.use_tweak_mode:
        raise MocapError(f"{armature.name}: an NLA strip is in tweak mode; leave it (Tab in the NLA editor)")


def bone_curves(armature, keys) -> list[tuple[str, str, np.ndarray]]:
    """(bone name, data path, (T, C) values) of everything that is keyed."""
    curves = []
    for index, bone_name in enumerate(keys.bone_names):
        bone = armature.pose.bones.get(bone_name)
        if bone is None:
            raise MocapError(f"{armature.name}: no bone {bone_name!r}; the bone map belongs to another rig")
        path, values = rotation_channels(keys.rotations[:, index], bone.rotation_mode)
        curves.append((bone_name, f"{bone_path(bone_name)}.{path}", values))
    locations = ({keys.root_bone: keys.root_locations} if keys.root_bone else {}) | dict(keys.more_locations)
    for bone_name, values in locations.items():
        if bone_name not in armature.pose.bones:
            raise MocapError(f"{armature.name}: no bone {bone_name!r}; the bone map belongs to another rig")
        curves.append((bone_name, f"{bone_path(bone_name)}.location", np.asarray(values)))
    for bone_name, _, values in curves:
        if not np.isfinite(values).all():
            raise MocapError(f"{armature.name}: the keys of bone {bone_name!r} hold NaN; capture the take again")
    return curves


def bone_path(name: str) -> str:
    """The data path of a pose bone, from its armature object."""
    return f'pose.bones["{bpy.utils.escape_identifier(name)}"]'


def write_new_action(armature, curves, frames, name: str):
    """A new action of the curves, assigned to the armature only when it is complete."""
    action, slot = fill_new_action(armature, curves, frames, name)
    try:
        _assign(armature, action, slot)
    except BaseException:
        bpy.data.actions.remove(action)
        raise
    return action


def fill_new_action(armature, curves, frames, name: str):
    """(action, slot): a new action of the curves that no object plays yet; nothing stays of it on failure."""
    action = bpy.data.actions.new(name)
    try:
        slot = action.slots.new(id_type="OBJECT", name=armature.name)
        bag = action.layers.new("Layer").strips.new(type="KEYFRAME").channelbag(slot, ensure=True)
        _fill(bag, curves, frames)
        action.use_fake_user = True
    except BaseException:
        bpy.data.actions.remove(action)
        raise
    return action, slot


def _assign(armature, action, slot) -> None:
    """Make `action` the armature's own; on failure the one before is assigned again."""
    data = armature.animation_data or armature.animation_data_create()
    before, slot_before = data.action, data.action_slot
    try:
        _set_action(data, action, slot)
    except BaseException:
        _set_action(data, before, slot_before)
        raise


def _set_action(data, action, slot) -> None:
    data.action = action  # picks the slot that has the object's name, where there is one
    if action is not None and data.action_slot != slot:
        # Setting the slot of an armature that was never evaluated crashes Blender 4.5 to 5.2.
        bpy.context.view_layer.update()
        data.action_slot = slot


def replace_curves(action, slot, curves, frames) -> None:
    """New curves in a slot of the action; the old ones come back if anything fails."""
    bag = action.layers[0].strips[0].channelbag(slot, ensure=True)
    before = [_read(curve) for curve in bag.fcurves]
    try:
        bag.fcurves.clear()
        _fill(bag, curves, frames)
    except BaseException:
        bag.fcurves.clear()
        for group, path, index, points in before:
            _add_curve(bag, group, path, index, points[0::2], points[1::2])
        raise


def _read(curve) -> tuple[str, str, int, np.ndarray]:
    points = np.empty(2 * len(curve.keyframe_points), np.float32)
    curve.keyframe_points.foreach_get("co", points)
    return curve.group.name if curve.group else "", curve.data_path, curve.array_index, points


def _fill(bag, curves, frames) -> None:
    for bone_name, path, values in curves:
        for index in range(values.shape[1]):
            _add_curve(bag, bone_name, path, index, frames[:len(values)], values[:, index])


def _add_curve(bag, group: str, path: str, index: int, frames, values) -> None:
    """One F-curve of straight segments: dense keys need no handles, and rotations no overshoot."""
    curve = bag.fcurves.new(path, index=index)
    if group:
        curve.group = bag.groups.get(group) or bag.groups.new(group)
    points = curve.keyframe_points
    points.add(len(frames))
    pairs = np.empty(2 * len(frames), np.float32)
    pairs[0::2], pairs[1::2] = frames, values
    points.foreach_set("co", pairs)
    points.foreach_set("interpolation", np.full(len(frames), _LINEAR, np.int32))
    curve.update()


def clear_unkeyed(armature, keys, above=None, helpers=()) -> None:
    """Bring to rest what is not keyed of the keyed bones, of the bones above them and of the limbs' helpers.

    An earlier action leaves its last pose there, and it would bend what the keys say. Other bones (fingers, face,
    clothes) keep their pose.
    above: names of the bones that move the keyed ones, where constraints do so too; None takes their parents.
    helpers: names of twist bones: keyed or not, they go with their limbs.
    """
    keyed = set(keys.bone_names)
    if above is None:
        above = {parent.name for name in keyed for parent in armature.pose.bones[name].parent_recursive}
    for name in set(above) | keyed | set(helpers):
        bone = armature.pose.bones[name]
        for path, rest in REST.items():
            if name in keyed and (path.startswith("rotation") or (path == "location" and name == keys.root_bone)):
                continue
            setattr(bone, path, rest)
    armature.update_tag()
    bpy.context.view_layer.update()
