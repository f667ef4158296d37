"""Helpers of the scenarios inside Blender: the 3D view, and requests to the driver for pictures and keys."""

import json
import pathlib
import sys
import traceback

import bpy

WORK = pathlib.Path(sys.argv[sys.argv.index("--") + 1])
JOB = json.loads((WORK / "job.json").read_text())
told = {}
_PANELS = ("capture", "source", "takes", "retarget", "bones", "clean_up", "placement", "keys", "controls")


def view():
    """Return (window, area, window region) of the 3D view."""
    window = bpy.context.window_manager.windows[0]
    area = next(area for area in window.screen.areas if area.type == "VIEW_3D")
    return window, area, next(region for region in area.regions if region.type == "WINDOW")


def call(operator, *arguments, **options):
    """Call an operator with the 3D view as its context."""
    window, area, region = view()
    with bpy.context.temp_override(window=window, area=area, region=region):
        return operator(*arguments, **options)


def ask(name, text):
    """Send a request to the driver and wait until it is done."""
    request = WORK / f"{name}.ask"
    request.with_suffix(".writing").write_text(text)
    request.with_suffix(".writing").rename(request)
    while request.exists():
        yield 0.1


def show_tab():
    """Show the sidebar with the Mocap tab."""
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


def look_at(armature, bone, distance):
    """Turn the 3D view to the front, slightly from the side, centred on the head of the armature's bone."""
    _, area, _ = view()
    view_3d = area.spaces.active.region_3d
    view_3d.view_perspective = "PERSP"
    view_3d.view_location = armature.matrix_world @ armature.pose.bones[bone].head
    view_3d.view_rotation = (0.78, 0.6, 0.11, 0.14)
    view_3d.view_distance = distance


def empty_scene():
    """Remove the cube, the light and the camera of a new file."""
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)


def new_file(*opened):
    """Open a new file without objects in which these panels are open, by a change of their default."""
    classes = [getattr(bpy.types, f"ANATOMY_MOCAP_PT_{name}") for name in _PANELS]
    for panel in reversed(classes):
        bpy.utils.unregister_class(panel)
    for name, panel in zip(_PANELS, classes, strict=True):
        panel.bl_options = set() if name in opened else {"DEFAULT_CLOSED"}
        bpy.utils.register_class(panel)
    call(bpy.ops.wm.read_homefile)
    yield 1.0
    empty_scene()


def import_character():
    """Import the job's character and return its armature, displayed as sticks and not selected."""
    before = set(bpy.data.objects)
    call(bpy.ops.import_scene.gltf, filepath=JOB["character"], disable_bone_shape=True)
    armature = next(item for item in bpy.data.objects if item.type == "ARMATURE" and item not in before)
    armature.data.display_type = "STICK"
    call(bpy.ops.object.select_all, action="DESELECT")
    return armature


def play(scenario):
    """Run the scenario, a generator of seconds to wait, in a timer of Blender, then quit."""
    steps = scenario()
    bpy.app.timers.register(lambda: _step(steps), first_interval=2.0, persistent=True)


def _step(steps):
    try:
        return next(steps)
    except StopIteration:
        pass
    except BaseException:
        told["error"] = traceback.format_exc()
    (WORK / "told.json").write_text(json.dumps(told, indent=2))
    bpy.ops.wm.quit_blender()
    return None
