"""Draws hands of characters in close-up for the documents: fingers at rest, and relaxed.

    python benchmarks/hands.py OUT.png [--rigs ../shared/data/rigs]
    python benchmarks/hands.py OUT.png --video VIDEO --frames 9 54 [--rigs ../shared/data/rigs]

It needs the bpy module and Pillow. Each character performs a made-up walk, with and without Relaxed Fingers, and its
left hand is drawn from the side of the thumb and from the back. With --video, the clip is captured with --fingers, and
both hands of the first character are drawn from the video's camera beside the pictures: with captured fingers, with
relaxed ones, and with neither these nor turned palms.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")

import bpy  # noqa: E402
import contact_sheet as sheet  # noqa: E402
import numpy as np  # noqa: E402
from mathutils import Matrix, Vector  # noqa: E402
from PIL import Image  # noqa: E402

from anatomy_mocap.blender.file_jobs import empty_scene  # noqa: E402
from anatomy_mocap.blender.files.rig_files import load_rig  # noqa: E402
from anatomy_mocap.blender.retarget_onto import Target, retarget_onto, source_of_take  # noqa: E402
from anatomy_mocap.blender.rigs.armature import read_rig  # noqa: E402
from anatomy_mocap.bone_maps.match import match  # noqa: E402
from anatomy_mocap.core.progress import drain  # noqa: E402
from anatomy_mocap.core.skeleton import SIDES  # noqa: E402
from anatomy_mocap.core.take import Take  # noqa: E402
from anatomy_mocap.hands.finger_rest import read_hands  # noqa: E402
from anatomy_mocap.people.crop import Region, crop  # noqa: E402
from anatomy_mocap.pipeline import capture  # noqa: E402
from anatomy_mocap.settings import AnimationSettings, CaptureSettings, KeySettings, RetargetSettings  # noqa: E402
from anatomy_mocap.sources.video import open_video  # noqa: E402
from benchmarks.leaving import run_and_leave  # noqa: E402
from tests.support.field_rigs import walking_take  # noqa: E402

CHARACTERS = ("unreal/human-male.glb", "unreal/human-female.glb", "quaternius/Casual.glb")
SIDE = 360
"""Pixels of one picture's side."""


def pictures(path: Path, relaxed: bool) -> list[Image.Image]:
    """The left hand of a character from the thumb's side and from the back of the hand."""
    empty_scene()
    armature = load_rig(path)
    rig = read_rig(armature)
    bone_map = match(rig)
    retarget_onto(armature, source_of_take(walking_take(6), "walk"),
                  Target(rig, bone_map, RetargetSettings(relaxed_fingers=relaxed), KeySettings("NEW")))
    scene = bpy.context.scene
    scene.frame_set(3)
    hand = read_hands(rig, bone_map.bones, bone_map.fingers)["left"]
    bone = armature.pose.bones[bone_map.bones["left_hand"][0]]
    turn = np.array(bone.matrix.to_3x3().normalized()) @ np.array(bone.bone.matrix_local.to_3x3()).T
    along, across, out = (armature.matrix_world.to_3x3() @ Vector(turn @ axis) for axis in hand.axes)
    knuckle = armature.matrix_world @ armature.pose.bones[rig.bone_names[hand.fingers["middle"][0]]].head
    wrist = armature.matrix_world @ bone.head
    sheet.set_up_workbench(scene, SIDE, SIDE)
    scene.display.shading.show_shadows = False
    found = []
    for way in (across - 0.2 * out, -out + 0.3 * across):
        look(scene, knuckle, way.normalized(), along, 3.6 * (knuckle - wrist).length)
        found.append(sheet.render_frames(scene, [3.0])[0])
    return found


def beside_video(path: Path, video: Path, frames: list[int]) -> list[list[Image.Image]]:
    """One row for each frame and hand: the picture, and the character in three ways from the same camera."""
    take = drain(capture(video, CaptureSettings(fingers=True, device="cpu")))
    with open_video(video) as source:
        shown = {n: rgb.copy() for n, (_, rgb) in enumerate(source.pictures()) if n in frames}
    bare = replace(take, finger_points=None, finger_presence=None)
    ways = ((take, {}, {}), (bare, {}, {}), (bare, {"palms": False}, {"relaxed_fingers": False}))
    columns = [[_cut(take, shown[frame], frame, side) for frame in frames for side in SIDES]]
    for each, animation, placing in ways:
        empty_scene()
        armature = load_rig(path)
        rig = read_rig(armature)
        bone_map = match(rig)
        retarget_onto(armature, source_of_take(each, "clip", AnimationSettings(**animation)),
                      Target(rig, bone_map, RetargetSettings(**placing), KeySettings("NEW", source_times=True)))
        scene, view = bpy.context.scene, take.world_from_camera[:3, :3]
        sheet.set_up_workbench(scene, SIDE, SIDE)
        scene.display.shading.show_shadows = False
        column = []
        for frame in frames:
            for side in SIDES:
                scene.frame_set(scene.frame_start + frame)
                forearm, hand = (armature.pose.bones[bone_map.bones[f"{side}_{part}"][0]]
                                 for part in ("lower_arm", "hand"))
                elbow, wrist = (armature.matrix_world @ bone.head for bone in (forearm, hand))
                at = wrist + 0.3 * (wrist - elbow)
                look(scene, at, Vector(-view[:, 2]), Vector(view[:, 1]), 1.6 * (wrist - elbow).length)
                column.append(sheet.render_frames(scene, [float(scene.frame_current)])[0])
        columns.append(column)
    return [list(row) for row in zip(*columns, strict=True)]


def _cut(take: Take, rgb: np.ndarray, frame: int, side: str) -> Image.Image:
    """The part of a picture around a hand, as large as the character's."""
    elbow, wrist = (take.joint_names.index(f"{side}_{joint}") for joint in ("elbow", "wrist"))
    at = take.joint_positions("camera")[frame]
    centre = take.camera.project(at[wrist] + 0.3 * (at[wrist] - at[elbow]))
    size = 1.6 * take.bone_lengths[wrist] * take.camera.focal / at[wrist, 2]
    pixels = crop(rgb, Region((float(centre[0]), float(centre[1])), float(size)), SIDE)
    return Image.fromarray(pixels.transpose(1, 2, 0).astype(np.uint8))


def look(scene, at: Vector, way: Vector, along: Vector, width: float) -> None:
    """An orthographic camera that shows `width` around a point, the hand downwards. way: from the point to it."""
    data = bpy.data.cameras.new("View")
    data.type, data.ortho_scale, data.clip_start = "ORTHO", width, 1e-3 * width
    camera = bpy.data.objects.new("View", data)
    back, up = way.normalized(), -along.normalized()
    right = up.cross(back).normalized()
    matrix = np.eye(4)
    matrix[:3, :3] = np.array([right, back.cross(right), back]).T
    matrix[:3, 3] = at + 2.0 * width * back
    camera.matrix_world = Matrix(matrix.tolist())
    scene.collection.objects.link(camera)
    scene.camera = camera


def main() -> None:
    """Draw all characters and save the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="write the picture to this file (.png)")
    parser.add_argument("--rigs", type=Path, default=ROOT.parent / "shared" / "data" / "rigs",
                        help="folder of the characters (default: %(default)s)")
    parser.add_argument("--video", type=Path, help="a clip whose hands are drawn beside a character's")
    parser.add_argument("--frames", type=int, nargs="+", default=[0], help="its frames (default: %(default)s)")
    options = parser.parse_args()
    if options.video:
        rows = beside_video(options.rigs / CHARACTERS[0], options.video, options.frames)
        sheet.grid(rows, ["the video", "with --fingers", "relaxed", "palms not turned, fingers at rest"],
                   SIDE // 2).save(options.out)
        return
    rows = [[*pictures(options.rigs / name, False), *pictures(options.rigs / name, True)] for name in CHARACTERS]
    sheet.grid(rows, ["at rest, thumb's side", "at rest, back", "relaxed, thumb's side", "relaxed, back"],
               SIDE).save(options.out)


if __name__ == "__main__":
    run_and_leave(main)
