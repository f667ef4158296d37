"""Draws everybody of a video as characters in one scene: the picture, the characters from the camera, and from above.

    python -m benchmarks.two_people VIDEO RIG --out SHEET.png [--fov 55] [--frames 4]

It captures everybody with the product, puts each take on a copy of the rig, and renders.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

from anatomy_mocap import capture_everybody, retarget
from anatomy_mocap.blender.file_jobs import empty_scene
from anatomy_mocap.blender.files.rig_files import load_rig
from anatomy_mocap.scene_frames import scene_frames
from benchmarks.contact_sheet import add_camera, add_floor, grid, render_frames, set_up_workbench, video_frames

COLOURS = ((0.85, 0.3, 0.25, 1), (0.2, 0.5, 0.85, 1), (0.3, 0.7, 0.3, 1), (0.9, 0.7, 0.2, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("video", type=Path)
    parser.add_argument("rig", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fov", type=float, default=55.0, help="degrees over the longer side")
    parser.add_argument("--frames", type=int, default=4)
    given = parser.parse_args()
    takes = [take for _, take in capture_everybody(given.video, fov=math.radians(given.fov))]
    empty_scene()
    for number, take in enumerate(takes):
        before = set(bpy.data.objects)
        armature = load_rig(given.rig)
        retarget(take, armature)
        paint([o for o in bpy.data.objects if o not in before], COLOURS[number % len(COLOURS)])
    scene = bpy.context.scene
    set_up_workbench(scene, 640, round(640 * takes[0].camera.height / takes[0].camera.width))
    add_floor()
    first, last = max(t.times[0] for t in takes), min(t.times[-1] for t in takes)
    times = np.linspace(first, last, given.frames + 2)[1:-1].tolist()
    frames = [float(f) for f in scene_frames(np.array(times), scene.render.fps / scene.render.fps_base)]
    camera = add_camera(scene, takes[0].camera, takes[0].world_from_camera, 1.0)
    seen = render_frames(scene, frames)
    middle = np.mean([take.joint_positions("world")[:, 0].mean(axis=0) for take in takes], axis=0)
    camera.matrix_world = Matrix.Translation((middle[0], middle[1], 9.0))
    above = render_frames(scene, frames)
    rows = [[a, b, c] for a, b, c in zip(video_frames(given.video, times), seen, above, strict=True)]
    grid(rows, ["video", "characters, from the camera", "from above"], 240).save(given.out)


def paint(objects: list[bpy.types.Object], colour: tuple[float, ...]) -> None:
    """One colour for all meshes of a character."""
    material = bpy.data.materials.new("Character")
    material.diffuse_color = colour
    for each in objects:
        if each.type == "MESH":
            each.data.materials.clear()
            each.data.materials.append(material)


if __name__ == "__main__":
    main()
