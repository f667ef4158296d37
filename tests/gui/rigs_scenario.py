"""Scenario inside Blender's window: retarget from another armature, then onto a control rig.

    blender --python rigs_scenario.py -- WORK

It reads WORK/job.json, {"take": PATH, "character": PATH, "show": FRAME}, and writes WORK/told.json.
"""

import importlib
import pathlib
import sys

import bpy

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from window import (
    JOB,
    WORK,
    ask,
    call,
    empty_scene,
    import_character,
    look_at,
    new_file,
    play,
    show_tab,
    told,
    view,
)


def scenario():
    """Run the steps; yields seconds to wait."""
    yield from from_armature()
    yield from onto_control_rig()


def bvh_of_take():
    """Write the take on the character as a BVH file, like one of another program, and empty the scene."""
    armature, settings = import_character(), bpy.context.scene.anatomy_mocap
    call(bpy.ops.anatomy_mocap.load_take, filepath=JOB["take"])
    settings.armature = armature
    call(bpy.ops.anatomy_mocap.retarget)
    armature.select_set(True)
    bpy.context.view_layer.objects.active = armature
    first, last = bpy.context.scene.frame_start, bpy.context.scene.frame_end
    file = str(WORK / "walk.bvh")
    call(bpy.ops.export_anim.bvh, filepath=file, frame_start=first, frame_end=last)
    empty_scene()
    return file


def from_armature():
    """Stop a reading with Esc, then retarget a BVH file's armature onto the character."""
    yield from new_file("capture", "retarget", "placement")
    call(bpy.ops.import_anim.bvh, filepath=bvh_of_take(), rotate_mode="QUATERNION", axis_forward="Y", axis_up="Z")
    source = next(item for item in bpy.context.scene.objects if item.type == "ARMATURE")
    source.data.display_type = "STICK"
    armature = import_character()
    settings, shown = bpy.context.scene.anatomy_mocap, bpy.context.window_manager.anatomy_mocap
    settings.motion_from, settings.source_armature, settings.armature = "ARMATURE", source, armature
    settings.hands, settings.feet = "chest", "space"
    yield from show_tab()

    settings.use_source_range, settings.source_start, settings.source_end = True, 1, 100_000
    told["invoked"] = list(call(bpy.ops.anatomy_mocap.retarget, "INVOKE_DEFAULT"))
    yield 1.0
    told["was reading"] = shown.reading
    yield from ask("escape", "key Escape")
    yield 1.0
    told["survived escape"], told["frame while reading"] = shown.reading, bpy.context.scene.frame_current
    call(bpy.ops.anatomy_mocap.cancel)
    yield 0.5
    told["reading after escape"] = shown.reading
    told["keyed after escape"] = bool(armature.animation_data and armature.animation_data.action)

    settings.use_source_range = False
    call(bpy.ops.anatomy_mocap.retarget, "INVOKE_DEFAULT")
    while shown.reading:
        yield 0.2
    told["source"], told["action"] = source.name, armature.animation_data.action.name
    told["source range"] = list(source.animation_data.action.frame_range)
    told["range"] = list(armature.animation_data.action.frame_range)
    source.location.x -= 1.7
    bpy.context.scene.frame_set(JOB["show"])
    look_at(armature, "pelvis", 5.0)
    yield 4.0  # panels animate to their new size
    yield from ask("source", "picture panel_source.png")


def onto_control_rig():
    """Retarget the take onto a generated Rigify rig with FK and IK, then onto a range of its action."""
    yield from new_file("retarget", "keys", "controls")
    importlib.import_module("addon_utils").enable("rigify", default_set=True)  # Rigify reads its preferences
    call(bpy.ops.object.armature_basic_human_metarig_add)
    call(bpy.ops.pose.rigify_generate)
    bpy.data.objects.remove(bpy.data.objects["metarig"])
    armature = bpy.data.objects["rig"]
    call(bpy.ops.anatomy_mocap.load_take, filepath=JOB["take"])
    settings = bpy.context.scene.anatomy_mocap
    settings.armature, settings.match_ik = armature, True
    told["onto rig"] = list(call(bpy.ops.anatomy_mocap.retarget))
    settings.destination, settings.use_start, settings.start_frame, settings.blend = "INTO", True, 60.0, 10.0
    told["into range"] = list(call(bpy.ops.anatomy_mocap.retarget))
    told["rig action"] = armature.animation_data.action.name
    told["rig range"] = list(armature.animation_data.action.frame_range)
    armature.select_set(True)
    bpy.context.view_layer.objects.active = armature
    call(bpy.ops.object.mode_set, mode="POSE")
    yield from show_tab()
    bpy.context.scene.frame_set(JOB["show"] + 59)
    look_at(armature, "torso", 3.8)
    view()[1].tag_redraw()
    yield 4.0
    yield from ask("keys", "picture panel_keys.png")


play(scenario)
