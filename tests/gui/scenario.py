"""Scenario inside Blender's window: capture, retarget onto a character, and stop another capture with Esc.

    blender --python scenario.py -- WORK

It reads WORK/job.json, {"video": PATH, "character": PATH, "show": FRAME}, and writes WORK/told.json.
"""

import pathlib
import shutil
import sys
import time

import bpy

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from window import JOB, WORK, ask, call, empty_scene, import_character, look_at, play, show_tab, told, view


def scenario():
    """Run the steps; yields seconds to wait."""
    empty_scene()
    armature = import_character()
    settings, shown = bpy.context.scene.anatomy_mocap, bpy.context.window_manager.anatomy_mocap
    video = pathlib.Path(shutil.copy(JOB["video"], WORK))
    bpy.ops.wm.save_as_mainfile(filepath=str(WORK / "scene.blend"))
    settings.source, settings.armature = f"//{video.name}", armature
    yield from show_tab()
    look_at(armature, "pelvis", 3.5)
    yield 1.0
    yield from ask("start", "picture panel_start.png")
    yield from capture(settings, shown)
    yield from retarget(settings, armature)
    yield from video_behind(settings)
    yield from escape(settings, shown)
    yield from endings(video.name)


def capture(settings, shown):
    """Run a capture to its end and take a picture during it."""
    started = time.monotonic()
    told["invoked"] = list(call(bpy.ops.anatomy_mocap.capture, "INVOKE_DEFAULT"))
    pauses, last = [], time.monotonic()
    while shown.running and shown.fraction < 0.5:
        yield 0.1
        pauses.append(time.monotonic() - last)
        last = time.monotonic()
    told["fraction"], told["text"], told["longest_pause"] = shown.fraction, shown.text, max(pauses)
    yield from ask("running", "picture panel_running.png")
    while shown.running:
        yield 0.2
    told["seconds"] = time.monotonic() - started
    told["takes"] = [(take.name, take.frames) for take in settings.takes]
    told["take_file"] = settings.takes[0].path


def retarget(settings, armature):
    """Retarget the take onto the character and play it."""
    told["retarget"] = list(call(bpy.ops.anatomy_mocap.retarget))
    scene = bpy.context.scene
    told["action"] = armature.animation_data.action.name
    told["range"] = [scene.frame_start, scene.frame_end]
    scene.frame_set(JOB["show"])
    look_at(armature, "pelvis", 4.0)
    yield 4.0  # panels animate to their new size
    call(bpy.ops.screen.animation_play)
    yield 1.0
    told["playing"], told["frame"] = view()[0].screen.is_animation_playing, scene.frame_current
    yield from ask("done", "picture panel_done.png")
    call(bpy.ops.screen.animation_cancel)


def video_behind(settings):
    """Look through the take's camera at its own armature, with the video behind."""
    armature, shown = settings.armature, view()[1].spaces.active
    character = [armature, *armature.children_recursive]
    for item in character:
        item.hide_set(True)
    told["built"] = list(call(bpy.ops.anatomy_mocap.build_armature))
    told["video"] = list(call(bpy.ops.anatomy_mocap.show_video, "INVOKE_DEFAULT"))
    told["perspective"], told["camera"] = shown.region_3d.view_perspective, bpy.context.scene.camera.name
    bpy.context.scene.render.resolution_x = bpy.context.scene.render.resolution_y = 720
    call(bpy.ops.anatomy_mocap.show_video, "INVOKE_DEFAULT")
    bpy.context.scene.frame_set(JOB["show"])
    call(bpy.ops.view3d.view_center_camera)
    yield 3.0
    yield from ask("video", "picture panel_video.png")
    shown.region_3d.view_perspective = "PERSP"
    for item in [item for item in bpy.context.scene.objects if item.name.startswith(("Mocap Camera", "bodypose"))]:
        bpy.data.objects.remove(item)
    for item in character:
        item.hide_set(False)
    look_at(armature, "pelvis", 4.0)
    call(bpy.ops.object.select_all, action="DESELECT")
    armature.select_set(True)
    bpy.context.view_layer.objects.active = armature
    yield 1.0


def escape(settings, shown):
    """Press Esc to end the playback, a transform and a menu: the capture goes on. Then stop it with the button."""
    call(bpy.ops.anatomy_mocap.capture, "INVOKE_DEFAULT", True)  # as a press: for Repeat Last
    while shown.running and shown.fraction < 0.05:
        yield 0.1
    told["second_was_running"] = shown.running
    armature = settings.armature
    before = tuple(armature.location)
    for name, keys in {"play": "space", "move": "g", "menu": "F4"}.items():
        yield from ask(f"{name}_starts", f"key {keys}")
        yield 1.0
        window = view()[0]
        told[f"{name} began"] = window.screen.is_animation_playing if name == "play" else \
            [operator.bl_idname for operator in window.modal_operators]
        yield from ask(f"{name}_escape", "key Escape")
        yield 1.0
        told[f"playing after {name}"] = window.screen.is_animation_playing
        told[f"moving after {name}"] = [operator.bl_idname for operator in window.modal_operators]
        told[f"running after {name}"] = shown.running
    told["moved"] = tuple(armature.location) != before
    yield from ask("again", "key shift+r")
    yield 1.0
    told["waiting"], told["first still running"] = shown.waiting, shown.running
    while shown.waiting:
        call(bpy.ops.anatomy_mocap.cancel)
        yield 0.5
    call(bpy.ops.anatomy_mocap.cancel)
    yield 4.0  # panels animate to their new size
    told["second_still_running"] = shown.running
    told["takes_after_escape"] = [(take.name, take.frames) for take in settings.takes]
    yield from ask("cancelled", "picture panel_cancelled.png")


def endings(video):
    """Stop captures by opening another file and by quitting Blender."""
    for ending in ("file opened", "left"):
        call(bpy.ops.anatomy_mocap.capture, "INVOKE_DEFAULT")
        shown = bpy.context.window_manager.anatomy_mocap
        while shown.running and shown.fraction < 0.05:
            yield 0.1
        told[f"running before {ending}"] = shown.running
        if ending == "file opened":
            call(bpy.ops.wm.open_mainfile, filepath=str(WORK / "scene.blend"))
            yield 2.0
            told["running after file opened"] = bpy.context.window_manager.anatomy_mocap.running
            bpy.context.scene.anatomy_mocap.source = f"//{video}"


play(scenario)
