"""Draws pictures for the documents: a dance pose on every character in the shared data, and Rigify's FK beside its IK.

    python benchmarks/all_characters.py characters OUT.png [--data ../shared/data] [--frame N]
    python benchmarks/all_characters.py rigify OUT.png [--data ../shared/data] [--frame N]

It needs the bpy module and Pillow. The dance is a motion capture of a dancer (BVH) that the add-on reads as a source.
Characters without a mesh are drawn as sticks along their mapped bones. `characters` writes one picture a character with
its name and its convention. `rigify` writes four pictures: the FK keys and then the matched IK keys, from two sides.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")

import bpy  # noqa: E402
import contact_sheet as sheet  # noqa: E402
import numpy as np  # noqa: E402
from mathutils import Matrix, Vector  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402

from anatomy_mocap.blender.files.rig_files import load_rig  # noqa: E402
from anatomy_mocap.blender.perform import perform  # noqa: E402
from anatomy_mocap.blender.rigs.armature import read_rig  # noqa: E402
from anatomy_mocap.blender.rigs.source_armature import record, recorded_motion, source_map  # noqa: E402
from anatomy_mocap.bone_maps.match import match  # noqa: E402
from anatomy_mocap.core.progress import drain  # noqa: E402
from anatomy_mocap.settings import KeySettings  # noqa: E402
from benchmarks.control_rigs import generate, throw_switch  # noqa: E402
from benchmarks.leaving import run_and_leave  # noqa: E402
from tests.support.blender_armatures import mpfb_armature  # noqa: E402

DANCE = "bvh/rokoko_dance.bvh"
FILES = {"Unreal male": "unreal/human-male.glb", "Unreal female": "unreal/human-female.glb",
         "Quaternius": "quaternius/Casual.glb", "GDQuest": "gdquest_mannequin/mannequiny-0.3.0.glb",
         "Rigify deform bones": "rigify/human-skeleton.glb", "VRM 0": "vrm/basic_armature.vrm",
         "VRM 1": "vrm/basic_armature_vrm1.vrm", "Mixamo (sticks)": "mixamo/animations-mixamo-default.glb",
         "CMU BVH": "bvh/cmu_06_01.bvh", "BVH": "bvh/wave_hello.bvh"}
MPFB = ("default", "default_no_toes", "game_engine", "cmu_mb", "mixamo_unity", "human", "human_toes")
CHAINS = (("hips", "spine_chain", "neck", "head"),
          *((("hips"), f"{side}_upper_leg", f"{side}_lower_leg", f"{side}_foot", f"{side}_toes")
            for side in ("left", "right")),
          *((("neck"), f"{side}_shoulder", f"{side}_upper_arm", f"{side}_lower_arm", f"{side}_hand")
            for side in ("left", "right")))
COLOURS = {"left": (0.95, 0.45, 0.1, 1), "right": (0.1, 0.5, 0.9, 1), "": (0.85, 0.85, 0.85, 1),
           "ik": (0.2, 0.8, 0.3, 1), "fk": (0.95, 0.8, 0.1, 1)}
WIDTH, HEIGHT = 250, 330


def read_dance(data: Path, frame: int):
    """A short piece of the dance around a frame, as a RigMotion, and the index of the frame in it."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    source = load_rig(data / "rigs" / DANCE)
    first = max(1, frame - 100)
    recording = drain(record(source, first, frame + 100))
    seen, _ = recorded_motion(recording, source_map(recording.rig))
    return seen, frame - first


def put_on(armature, seen, **settings):
    """Key the armature with the motion. Returns the bone map and the result of `perform`."""
    rig = read_rig(armature)
    bone_map = match(rig)
    frames = np.arange(1.0, len(seen.motion) + 1)
    return bone_map, perform(armature, rig, bone_map, seen.motion, frames, "dance", KeySettings(**settings),
                             detail=seen.detail)


def material(colour):
    """Make a material with this viewport colour (RGBA)."""
    made = bpy.data.materials.new("Colour")
    made.diffuse_color = colour
    return made


def stick(start, end, thick: float, colour) -> None:
    """Add a cylinder with round ends between two points."""
    start, end = Vector(start), Vector(end)
    way = end - start
    if way.length < 1e-6:
        return
    for place in (start, end):
        bpy.ops.mesh.primitive_uv_sphere_add(radius=thick * 1.25, location=place, segments=16, ring_count=8)
        bpy.context.object.data.materials.append(material(colour))
    bpy.ops.mesh.primitive_cylinder_add(radius=thick, depth=way.length, location=(start + end) / 2, vertices=12)
    made = bpy.context.object
    made.rotation_mode, made.rotation_quaternion = "QUATERNION", way.to_track_quat("Z", "Y")
    made.data.materials.append(material(colour))


def draw_sticks(armature, bone_map) -> None:
    """Add sticks along the mapped bones in their current pose."""
    def head(name):
        return armature.matrix_world @ armature.pose.bones[name].head

    points = [head(name) for names in bone_map.bones.values() for name in names]
    thick = 0.012 * max((a - b).length for a in points for b in points)
    for chain in CHAINS:
        names = [name for part in chain for name in bone_map.bones.get(part, ())]
        side = next((side for side in ("left", "right") if any(part.startswith(side) for part in chain)), "")
        for start, end in zip(names, names[1:], strict=False):
            stick(head(start), head(end), thick, COLOURS[side])
        last = armature.pose.bones[names[-1]]
        tail = armature.matrix_world @ last.tail
        if not chain[-1].endswith("toes") and (tail - head(names[-1])).length < 15 * thick:
            stick(head(names[-1]), tail, thick, COLOURS[side])


def look_at(points: np.ndarray, frame: int, pan: float) -> Image.Image:
    """Render the surroundings of `points` (N, 3) from the front, turned aside by `pan` radians."""
    scene = bpy.context.scene
    low, high = points.min(axis=0), points.max(axis=0)
    data = bpy.data.cameras.new("View")
    data.type, data.ortho_scale, data.clip_end = "ORTHO", 1.5 * float(np.ptp(points, axis=0).max()), 1e5
    data.sensor_fit = "VERTICAL"
    view = bpy.data.objects.new("View", data)
    scene.collection.objects.link(view)
    away = Vector((np.sin(pan), -np.cos(pan), 0.18)).normalized()
    turn = away.to_track_quat("Z", "Y").to_matrix().to_4x4()
    view.matrix_world = Matrix.Translation(Vector((low + high) / 2) + away * 10 * data.ortho_scale) @ turn
    scene.camera = view
    sheet.set_up_workbench(scene, WIDTH, HEIGHT)
    return sheet.render_frames(scene, [frame])[0]


def portrait(name: str, make, motion, at: int) -> Image.Image:
    """Render one character in the pose of frame `at` of the motion."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    armature = make()
    bone_map, _ = put_on(armature, motion)
    bpy.context.scene.frame_set(at + 1)
    world = armature.matrix_world
    points = np.array([world @ armature.pose.bones[bone].head for names in bone_map.bones.values() for bone in names])
    skinned = [item for item in bpy.context.scene.objects if item.type == "MESH" and
               any(each.type == "ARMATURE" and each.object == armature for each in item.modifiers)]
    if not skinned:
        draw_sticks(armature, bone_map)
    return captioned(look_at(points, at + 1, 0.5), f"{name}: {bone_map.convention}")


def captioned(picture: Image.Image, text: str) -> Image.Image:
    """Return the picture with a line of text below it."""
    result = Image.new("RGB", (picture.width, picture.height + 16), (30, 30, 30))
    result.paste(picture, (0, 0))
    ImageDraw.Draw(result).text((4, picture.height + 2), text, fill=(230, 230, 230))
    return result


def tiled(pictures: list[Image.Image], columns: int) -> Image.Image:
    """Arrange pictures of equal size in rows of `columns`."""
    width, height = pictures[0].size
    rows = -(-len(pictures) // columns)
    result = Image.new("RGB", (columns * (width + 3), rows * (height + 3)), (30, 30, 30))
    for number, picture in enumerate(pictures):
        result.paste(picture, (number % columns * (width + 3), number // columns * (height + 3)))
    return result


def characters(data: Path, frame: int) -> Image.Image:
    """Draw the contact sheet of all characters."""
    motion, at = read_dance(data, frame)
    makers = {name: lambda file=file: load_rig(data / "rigs" / file) for name, file in FILES.items()}
    makers["Rigify generated"] = lambda: generate("full")
    makers |= {f"MPFB {name}": lambda name=name: mpfb_armature(data / "rigs" / "mpfb2" / f"rig.{name}.json")
               for name in MPFB}
    return tiled([portrait(name, make, motion, at) for name, make in makers.items()], 6)


def rigify(data: Path, frame: int) -> Image.Image:
    """Draw Rigify's deform bones with the switch at FK and the matched IK controls; then with the switch at IK."""
    motion, at = read_dance(data, frame)
    pictures = []
    for by_ik in (False, True):
        armature = generate("full")
        _, done = put_on(armature, motion, match_ik=True)
        if by_ik:
            throw_switch(done.action)
        for pan in (0.3, 1.4):
            bpy.context.scene.frame_set(at + 1)
            skin = match(read_rig(armature), "rigify_deform")
            points = [np.array(armature.pose.bones[name].head) for names in skin.bones.values() for name in names]
            if pan == 0.3:
                draw_sticks(armature, skin)
                draw_controls(armature)
            title = "switch at IK" if by_ik else "switch at FK"
            pictures.append(captioned(look_at(np.array(points), at + 1, pan), title))
    return tiled(pictures, 4)


def draw_controls(armature) -> None:
    """Add a box at each IK control, and a line from each elbow and knee to its pole."""
    for letter in "LR":
        for end, middle, pole in (("hand_ik", "DEF-forearm", "upper_arm_ik_target"), ("foot_ik", "DEF-shin",
                                                                                         "thigh_ik_target")):
            bone = armature.pose.bones[f"{end}.{letter}"]
            bpy.ops.mesh.primitive_cube_add(size=0.1)
            box = bpy.context.object
            box.matrix_world = bone.matrix @ Matrix.Translation((0, 0.05, 0)) @ Matrix.Diagonal((0.9, 1.3, 0.5, 1))
            box.data.materials.append(material(COLOURS["ik"]))
            stick(armature.pose.bones[f"{middle}.{letter}"].head, armature.pose.bones[f"{pole}.{letter}"].head, 0.004,
                  COLOURS["ik"])


def main() -> None:
    """Draw and save one of the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("characters", "rigify"), help="all characters, or Rigify's FK beside its IK")
    parser.add_argument("picture", type=Path, help="write the picture to this file (.png)")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data",
                        help="folder of the shared data, which holds rigs/ (default: %(default)s)")
    parser.add_argument("--frame", type=int, default=870, help="frame of the dance (default: %(default)s)")
    options = parser.parse_args()
    draw = {"characters": characters, "rigify": rigify}[options.what]
    draw(options.data, options.frame).save(options.picture)


if __name__ == "__main__":
    run_and_leave(main)
