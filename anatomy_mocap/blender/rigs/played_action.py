"""What an armature plays: the action's slot with curves of its bones, and what keeps an action from being seen."""

from __future__ import annotations

from collections.abc import Iterator

import bpy


def bone_curve_counts(action: bpy.types.Action, armature: bpy.types.Object) -> dict[bpy.types.ActionSlot, int]:
    """Slot of an action -> how many of its curves move bones that the armature has; slots without any are left out."""
    heads = tuple(f'pose.bones["{bpy.utils.escape_identifier(bone.name)}"].' for bone in armature.pose.bones)
    counts = {}
    for bag in _bags(action):
        count = sum(curve.data_path.startswith(heads) for curve in bag.fcurves)
        if count and bag.slot is not None:
            counts[bag.slot] = counts.get(bag.slot, 0) + count
    return counts


def slot_range(action: bpy.types.Action, slot: bpy.types.ActionSlot) -> tuple[float, float]:
    """First and last frame of the keys of a slot; those of the action if it has none."""
    ranges = [tuple(curve.range()) for bag in _bags(action) if bag.slot == slot for curve in bag.fcurves]
    return (min(first for first, _ in ranges), max(last for _, last in ranges)) if ranges else \
        tuple(action.frame_range)


def _bags(action) -> Iterator:
    for layer in action.layers:
        for strip in layer.strips:
            yield from strip.channelbags


def play_slot(armature: bpy.types.Object, action: bpy.types.Action) -> None:
    """Let the armature play the action's slot with the most curves of its bones, unless it plays one that has some."""
    data, counts = armature.animation_data, bone_curve_counts(action, armature)
    if data.action != action:
        data.action = action
    if counts and data.action_slot not in counts:
        bpy.context.view_layer.update()  # a slot set on an armature that was never evaluated crashes Blender
        data.action_slot = max(counts, key=counts.get)


def unseen_warnings(armature: bpy.types.Object, as_strip: bool = False) -> list[str]:
    """Warnings about settings that keep the armature from showing a new action. as_strip: it is on a new NLA track."""
    found, data = [], armature.animation_data
    if armature.data.pose_position == "REST":
        found.append(f"{armature.name}: shown in its rest position, so the motion can't be seen; set it to Pose "
                     "Position (armature properties)")
    if data is None:
        return found
    if solo := [track.name for track in data.nla_tracks if track.is_solo]:
        found.append(f"{armature.name}: the NLA track {solo[0]} plays solo, so the new keys don't play; switch its "
                     "star off in the NLA editor")
    if as_strip:
        if not data.use_nla:
            found.append(f"{armature.name}: its NLA is switched off, so the new track doesn't play; switch it on")
        if data.action:
            found.append(f"{armature.name} plays its action {data.action.name} over the new track; push it down or "
                         "unlink it to see the track")
        return found
    mixed = data.use_nla and any(track.strips and not track.mute for track in data.nla_tracks)
    if mixed and (data.action_influence < 1.0 or data.action_blend_type != "REPLACE"):
        found.append(f"{armature.name}: its action is blended ({data.action_blend_type.lower()}, influence "
                     f"{data.action_influence:.2g}), so the pose is not that of the keys; set it to Replace with "
                     "influence 1 in the NLA editor")
    return found
