"""Runs inside Blender's window: a character, the Mocap tab, a capture, a retarget, a capture that Esc stops.

    blender --python scenario.py -- WORK

WORK/job.json: {"video": PATH, "character": PATH, "show": FRAME}; leaves WORK/told.json
"""

import json
import pathlib
import shutil
import sys
import time
import traceback

import bpy

WORK = pathlib.Path(sys.argv[sys.argv.index("--") + 1])
JOB = json.loads((WORK / "job.json").read_text())
told = {}


def view():
    """(window, area, window region) of the 3D view."""
    window = bpy.context.window_manager.windows[0]
    area = next(area for area in window.screen.areas if area.type == "VIEW_3D")
    return window, area, next(region for region in area.regions if region.type == "WINDOW")


def call(operator, *arguments, **options):
    """Call an operator as from the 3D view."""
    window, area, region = view()
    with bpy.context.temp_override(window=window, area=area, region=region):
        return operator(*arguments, **options)


def ask(name, text):
    """Ask the driver for something and wait until it is done."""
    request = WORK / f"{name}.ask"
    request.with_suffix(".writing").write_text(text)
    request.with_suffix(".writing").rename(request)
    while request.exists():
        yield 0.1


def show_tab():
    _, area, _ = view()
    area.spaces.active.show_region_ui = True
    area.spaces.active.shading.type = "SOLID"
    area.spaces.active.shading.color_type = "TEXTURE"
    yield 1.0
    for region in area.regions:
        if region.type == "UI":
            region.active_panel_category = "Mocap"  # read-only until the region has been drawn once
    area.tag_redraw()
    yield 1.0


def look_at(armature, distance):
    """The 3D view from the front and a little from the side, the armature's hips in the middle."""
    _, area, _ = view()
    view_3d = area.spaces.active.region_3d
    hips = armature.pose.bones.get("pelvis") or armature.pose.bones[0]
    view_3d.view_perspective = "PERSP"
    view_3d.view_location = armature.matrix_world @ hips.head
    view_3d.view_rotation = (0.78, 0.6, 0.11, 0.14)
    view_3d.view_distance = distance


def scenario():
    """Yields seconds to wait."""
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)
    call(bpy.ops.import_scene.gltf, filepath=JOB["character"], disable_bone_shape=True)
    armature = next(item for item in bpy.data.objects if item.type == "ARMATURE")
    armature.data.display_type = "STICK"
    call(bpy.ops.object.select_all, action="DESELECT")
    settings, shown = bpy.context.scene.anatomy_mocap, bpy.context.window_manager.anatomy_mocap
    video = pathlib.Path(shutil.copy(JOB["video"], WORK))
    bpy.ops.wm.save_as_mainfile(filepath=str(WORK / "scene.blend"))
    settings.source, settings.armature = f"//{video.name}", armature
    yield from show_tab()
    look_at(armature, 3.5)
    yield 1.0
    yield from ask("start", "picture panel_start.png")

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

    told["retarget"] = list(call(bpy.ops.anatomy_mocap.retarget))
    scene = bpy.context.scene
    told["action"] = armature.animation_data.action.name
    told["range"] = [scene.frame_start, scene.frame_end]
    scene.frame_set(JOB["show"])
    look_at(armature, 4.0)
    yield 4.0  # panels grow slowly to their new size
    call(bpy.ops.screen.animation_play)
    yield 1.0
    told["playing"], told["frame"] = view()[0].screen.is_animation_playing, scene.frame_current
    yield from ask("done", "picture panel_done.png")
    call(bpy.ops.screen.animation_cancel)

    call(bpy.ops.anatomy_mocap.capture, "INVOKE_DEFAULT")
    while shown.running and shown.fraction < 0.05:
        yield 0.1
    told["second_was_running"] = shown.running
    yield from ask("escape", "key Escape")
    yield 1.5
    told["second_still_running"] = shown.running
    told["takes_after_escape"] = [(take.name, take.frames) for take in settings.takes]
    yield from ask("cancelled", "picture panel_cancelled.png")

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
            bpy.context.scene.anatomy_mocap.source = f"//{video.name}"


def step(steps):
    """Run the scenario as a timer of Blender's, then leave."""
    try:
        return next(steps)
    except StopIteration:
        pass
    except BaseException:
        told["error"] = traceback.format_exc()
    (WORK / "told.json").write_text(json.dumps(told, indent=2))
    bpy.ops.wm.quit_blender()
    return None


steps = scenario()
bpy.app.timers.register(lambda: step(steps), first_interval=2.0, persistent=True)
