"""Retargets with Blender's own tools, for comparison: Copy Rotation constraints and a bake."""

from __future__ import annotations

import bpy

SETUPS = ("world", "local")
"""Copy Rotation in world space, and in local space with the owner's axes. Tutorials use these two; others would need
bones that are posed by hand."""


def constrain(source, target, names: list[str], hips: str, setup: str) -> None:
    """Constrain each bone of `target` in `names` to the bone of the same name in `source`.

    Each bone gets a Copy Rotation constraint; the hips get a Copy Location constraint too. setup: a key of SETUPS.
    """
    for name in names:
        constraint = target.pose.bones[name].constraints.new("COPY_ROTATION")
        constraint.target, constraint.subtarget = source, name
        if setup == "local":
            constraint.target_space, constraint.owner_space = "LOCAL_OWNER_ORIENT", "LOCAL"
    place = target.pose.bones[hips].constraints.new("COPY_LOCATION")
    place.target, place.subtarget = source, hips


def bake(target, names: list[str], frames: int):
    """Bake the constrained bones to keys on frames 1 to `frames`, remove the constraints and return the action."""
    view_layer = bpy.context.view_layer
    for item in bpy.context.selected_objects:
        item.select_set(False)
    target.select_set(True)
    view_layer.objects.active = target
    bpy.ops.object.mode_set(mode="POSE")
    for bone in target.pose.bones:
        _select(bone, bone.name in names)
    bpy.ops.nla.bake(frame_start=1, frame_end=frames, only_selected=True, visual_keying=True, clear_constraints=True,
                     use_current_action=True, bake_types={"POSE"}, channel_types={"LOCATION", "ROTATION"})
    bpy.ops.object.mode_set(mode="OBJECT")
    return target.animation_data.action


def _select(bone, on: bool) -> None:
    """Select or deselect a pose bone. Blender 5 moved the selection from bones to pose bones."""
    if hasattr(bone, "select"):
        bone.select = on
    else:
        bone.bone.select = on
