"""Keys of bones in a Blender action, and the scene's timing set to that of the motion."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Sequence
from typing import Protocol

import bpy
import numpy as np

from ...core.errors import MocapError
from ...retargeting.bone_keys import BoneKeys
from ...scene_frames import scene_frames
from ...sparse_keys.key_plan import EVERY_FRAME, KeyPlan
from ...sparse_keys.rotation_channels import rotation_channels
from ..rigs.pose_state import REST
from .key_data import write_keys_of
from .merged_curves import Keys, planned_keys
from .written_curves import curves_in, record_of

Curves = Sequence[tuple[str, str, np.ndarray]]
"""(bone name, data path, (T, C) values, or (1, C) for one key) of each keyed property."""


class Timed(Protocol):
    """Frames in time. fps: frames per second. times: (T,) seconds from the source's start."""

    fps: float
    times: np.ndarray


def key_frames(times: np.ndarray, scene: bpy.types.Scene) -> np.ndarray:
    """(T,) scene frames, whole or not, of `times` in seconds from the source's start, at the scene's frame rate."""
    return scene_frames(times, scene.render.fps / scene.render.fps_base)


def whole_frames(frames: np.ndarray) -> np.ndarray:
    """(N,) every whole scene frame within (T,) rising frames; the nearest one where there is none."""
    first, last = math.ceil(frames[0] - 1e-3), math.floor(frames[-1] + 1e-3)
    return np.arange(first, last + 1, dtype=float) if last >= first else np.round(frames[:1])


def set_scene_timing(scene: bpy.types.Scene, take: Timed, start: float | None = None, with_rate: bool = True,
                     whole: bool = True) -> None:
    """Set the scene's frame rate, range and current frame to those of a take or of another source of motion.

    Frame 1 is its time 0. 29.97 becomes 30 / 1.001, as editors write it.
    start: the scene frame of the first frame; None leaves it at the source's own time. with_rate: otherwise the
    scene's rate stays. whole: keys lie on whole frames only.
    """
    render = scene.render
    if with_rate:
        render.fps, render.fps_base = frame_rate(take.fps)
    frames = key_frames(take.times, scene)
    if start is not None:
        frames = frames - frames[0] + start
    frames = whole_frames(frames) if whole else frames
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


def made_here(armature: bpy.types.Object, take: str) -> bool:
    """Whether the armature's active action was written by this add-on from a take of this name, and can be changed."""
    data = armature.animation_data
    if not (data and data.action and data.action_slot and data.action.is_editable):
        return False
    record = record_of(data.action, data.action_slot)
    return record is not None and record.take == take and bool(curves_in(data.action, data.action_slot))


def require_editable(armature: bpy.types.Object) -> None:
    """MocapError where Blender refuses a new action for this armature object."""
    if armature.type != "ARMATURE":
        raise MocapError(f"{armature.name}: not an armature, but of type {armature.type.lower()}; choose an armature")
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


def bone_curves(armature: bpy.types.Object, keys: BoneKeys) -> list[tuple[str, str, np.ndarray]]:
    """(bone name, data path, (T, C) values) of all keys."""
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
            raise MocapError(f"{armature.name}: the keys of bone {bone_name!r} contain NaN; capture the take again")
    return curves


def bone_path(name: str) -> str:
    """The data path of a pose bone, from its armature object."""
    return f'pose.bones["{bpy.utils.escape_identifier(name)}"]'


def write_new_action(armature: bpy.types.Object, curves: Curves, frames: np.ndarray, name: str,
                     plan: KeyPlan = EVERY_FRAME) -> bpy.types.Action:
    """Write the curves into a new action, and assign it to the armature once it is complete."""
    action, slot = fill_new_action(armature, curves, frames, name, plan)
    try:
        _assign(armature, action, slot)
    except BaseException:
        bpy.data.actions.remove(action)
        raise
    return action


def fill_new_action(armature: bpy.types.Object, curves: Curves, frames: np.ndarray, name: str,
                    plan: KeyPlan = EVERY_FRAME) -> tuple[bpy.types.Action, bpy.types.ActionSlot]:
    """(action, slot) of a new action with the curves, which no object plays yet; on failure it is removed."""
    action = bpy.data.actions.new(name)
    try:
        slot = action.slots.new(id_type="OBJECT", name=armature.name)
        bag = action.layers.new("Layer").strips.new(type="KEYFRAME").channelbag(slot, ensure=True)
        _fill(bag, curves, frames, plan)
        action.use_fake_user = True
    except BaseException:
        bpy.data.actions.remove(action)
        raise
    return action, slot


def _assign(armature, action, slot) -> None:
    """Assign `action` to the armature; on failure assign the previous one again."""
    data = armature.animation_data or armature.animation_data_create()
    before, slot_before = data.action, data.action_slot
    try:
        _set_action(data, action, slot)
    except BaseException:
        _set_action(data, before, slot_before)
        raise


def _set_action(data, action, slot) -> None:
    data.action = action  # Blender chooses the slot with the object's name, if there is one
    if action is not None and data.action_slot != slot:
        # Setting the slot of an armature that was never evaluated crashes Blender 4.5 to 5.2.
        bpy.context.view_layer.update()
        data.action_slot = slot


def bag_of(action: bpy.types.Action, slot: bpy.types.ActionSlot) -> bpy.types.ActionChannelbag:
    """The curves of a slot; made where there are none yet."""
    layer = action.layers[0] if action.layers else action.layers.new("Layer")
    strip = layer.strips[0] if layer.strips else layer.strips.new(type="KEYFRAME")
    return strip.channelbag(slot, ensure=True)


def _fill(bag, curves, frames, plan: KeyPlan) -> None:
    for bone_name, path, values in curves:
        for index in range(values.shape[1]):
            add_curve(bag, bone_name, path, index,
                      planned_keys(plan, path, index, frames[:len(values)], values[:, index]))


def add_curve(bag: bpy.types.ActionChannelbag, group: str, path: str, index: int, keys: Keys) -> None:
    """Add one F-curve. Dense keys are straight: they need no handles, and handles would let rotations overshoot."""
    curve = bag.fcurves.new(path, index=index)
    if group:
        curve.group = bag.groups.get(group) or bag.groups.new(group)
    write_keys_of(curve, keys)


def clear_unkeyed(armature: bpy.types.Object, keys: BoneKeys, above: Iterable[str] | None = None,
                  helpers: Iterable[str] = ()) -> None:
    """Reset the unkeyed channels of the keyed bones, of the bones that move them and of twist bones to rest.

    An earlier action leaves its last pose in these channels, which would distort the new motion. Other bones (fingers,
    face, clothes) keep their pose.
    above: names of all bones that move the keyed ones; None takes their ancestors.
    helpers: names of twist bones.
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


def to_rest(armature: bpy.types.Object, paths: Iterable[str]) -> None:
    """Reset the channels of these data paths, whose curves were removed, to rest; other properties stay."""
    for path in paths:
        owner, _, name = path.rpartition(".")
        if name in REST and owner:
            with contextlib.suppress(ValueError):  # the bone is gone
                setattr(armature.path_resolve(owner), name, REST[name])
