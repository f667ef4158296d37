"""Scenario inside Blender's window: review an uncertain bone map, with the bones shown in the viewport.

    blender --python bones_scenario.py -- WORK

It reads WORK/job.json, {"character": PATH}, and writes WORK/told.json.
"""

import pathlib
import sys

import bpy

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from window import ask, call, empty_scene, import_character, look_at, new_file, play, show_tab, told, view

_VAGUE = {"upperarm": "arm_1", "lowerarm": "arm_2", "hand": "arm_3", "thigh": "leg_1", "calf": "leg_2",
          "foot": "leg_3", "ball": "leg_4"}
"""Names that identify the limb but not the bone of the limb."""


def scenario():
    """Run the steps; yields seconds to wait."""
    yield from new_file("retarget", "bones")
    empty_scene()
    armature = import_character()
    for bone in armature.data.bones:
        for clear, vague in _VAGUE.items():
            if bone.name in (f"{clear}_l", f"{clear}_r"):
                bone.name = f"{vague}_{bone.name[-1]}"
    settings = bpy.context.scene.anatomy_mocap
    settings.armature = armature
    call(bpy.ops.anatomy_mocap.find_bones)
    told["doubtful"] = [row.name for row in settings.bones if row.doubtful]
    yield from show_tab()
    settings.active_bone = settings.bones.find("left_hand")
    told["shown"] = list(call(bpy.ops.anatomy_mocap.show_bones))
    told["active"] = armature.data.bones.active.name
    look_at(armature, "spine_03", 3.0)
    view()[1].tag_redraw()
    yield 5.0
    yield from ask("bones", "picture panel_bones.png")
    for _ in told["doubtful"]:
        if call(bpy.ops.anatomy_mocap.accept_bones.poll):
            call(bpy.ops.anatomy_mocap.accept_bones)
    told["left"] = sum(row.doubtful for row in settings.bones)


play(scenario)
