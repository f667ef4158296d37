"""Scenario inside Blender's window: capture a keypoint file with exact points and the options panel open.

    blender --python options_scenario.py -- WORK

It reads WORK/job.json, {"keypoints": PATH, "character": PATH, "show": FRAME}, and writes WORK/told.json.
"""

import math
import pathlib
import sys

import bpy

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from window import JOB, ask, call, import_character, look_at, new_file, play, show_tab, told, view


def scenario():
    """Run the steps; yields seconds to wait."""
    yield from new_file("capture", "source", "takes")
    armature = import_character()
    settings, shown = bpy.context.scene.anatomy_mocap, bpy.context.window_manager.anatomy_mocap
    settings.source, settings.armature, settings.exact = JOB["keypoints"], armature, True
    settings.lens, settings.fov = "FOV", math.radians(60)
    settings.use_height, settings.height = True, 1.8
    yield from show_tab()
    told["invoked"] = list(call(bpy.ops.anatomy_mocap.capture, "INVOKE_DEFAULT"))
    yield 0.5
    while shown.running:
        yield 0.2
    told["takes"] = [(take.name, take.frames, take.path) for take in settings.takes]
    told["retarget"] = list(call(bpy.ops.anatomy_mocap.retarget))
    bpy.context.scene.frame_set(JOB["show"])
    look_at(armature, "pelvis", 4.0)
    view()[1].tag_redraw()
    yield 4.0
    yield from ask("options", "picture panel_options.png")


play(scenario)
