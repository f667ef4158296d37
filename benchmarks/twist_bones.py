"""Draws a forearm with a turned hand for the documents, without and with keys on twist bones.

    python benchmarks/twist_bones.py OUT.png [--degrees 90]

It needs the bpy module and Pillow. A procedural rig with a twist bone in the forearm gets a striped tube as the skin of
its left forearm and hand. The weights are those that modellers use: the outer forearm follows the twist bone, and the
wrist blends to the hand over a short distance. The motion is a T-pose with the left hand turned about the forearm.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")

import bpy  # noqa: E402
import contact_sheet as sheet  # noqa: E402
import numpy as np  # noqa: E402
from mathutils import Vector  # noqa: E402
from PIL import Image  # noqa: E402

from anatomy_mocap.blender.perform import perform  # noqa: E402
from anatomy_mocap.core.motion import Motion  # noqa: E402
from anatomy_mocap.core.skeleton import MOCAP22, rest_directions  # noqa: E402
from anatomy_mocap.maths.rotations import about  # noqa: E402
from anatomy_mocap.settings import RetargetSettings  # noqa: E402
from benchmarks.leaving import run_and_leave  # noqa: E402
from tests.support.blender_armatures import armature_of  # noqa: E402
from tests.support.made_rigs import Plan, make  # noqa: E402

SKIN = (57, 48)
"""(rings along the limb, points around it)."""
WIDTH, HEIGHT = 420, 240


def turned_hand(degrees: float) -> Motion:
    """Return two frames of a T-pose with the left hand turned about its own direction."""
    rotations = np.tile([1.0, 0, 0, 0], (2, len(MOCAP22), 1))
    hand = MOCAP22.index("left_knuckle")
    rotations[:, hand] = about(rest_directions()[hand], np.radians(degrees))
    lengths = np.where(np.arange(len(MOCAP22)) > 0, 0.3, 0.0)
    return Motion(rotations, np.full((2, 3), (0.0, 0.0, 0.9)), lengths, 30.0)


def picture(motion: Motion, twist_bones: bool) -> Image.Image:
    """Render the left forearm from the front."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    made = make(Plan(seed=3, twists="beside"))
    armature = armature_of(made.rig)
    elbow, wrist = (Vector(made.rig.heads[made.rig.index(f"left_{part}")]) for part in ("lower_arm", "hand"))
    wear_skin(armature, elbow, wrist)
    perform(armature, made.rig, SimpleNamespace(bones=made.bones, warnings=()), motion, np.arange(1.0, 3.0), "turn",
            placing=RetargetSettings(twist_bones=twist_bones))
    scene = bpy.context.scene
    scene.frame_set(1)
    elbow, wrist = (armature.matrix_world @ armature.pose.bones[f"left_{part}"].head for part in ("lower_arm", "hand"))
    look(scene, elbow.lerp(wrist, 0.7), 1.5 * (wrist - elbow).length)
    sheet.set_up_workbench(scene, WIDTH, HEIGHT)
    scene.display.shading.show_shadows = False
    return sheet.render_frames(scene, [1.0])[0]


def wear_skin(armature, elbow: Vector, wrist: Vector) -> None:
    """Add a striped tube from the elbow to beyond the wrist, skinned to forearm, twist bone and hand."""
    way, (rings, around) = wrist - elbow, SKIN
    side = way.orthogonal().normalized()
    across, length = way.cross(side).normalized(), way.length
    along = np.linspace(0.0, 1.4, rings)
    elbow, way, side, across = (np.array(vector) for vector in (elbow, way, side, across))
    points = [elbow + s * way + length * (0.2 - 0.08 * min(s, 1.0)) * (side * np.cos(a) + across * np.sin(a))
              for s in along for a in np.linspace(0, 2 * np.pi, around, endpoint=False)]
    faces = [(r * around + c, r * around + (c + 1) % around, (r + 1) * around + (c + 1) % around, (r + 1) * around + c)
             for r in range(rings - 1) for c in range(around)]
    mesh = bpy.data.meshes.new("Skin")
    mesh.from_pydata([tuple(point) for point in points], [], faces)
    for colour in ((0.85, 0.62, 0.5, 1), (0.45, 0.25, 0.2, 1)):
        material = bpy.data.materials.new("Skin")
        material.diffuse_color = colour
        mesh.materials.append(material)
    mesh.polygons.foreach_set("material_index", [(number % around) // 3 % 2 for number in range(len(faces))])
    skin = bpy.data.objects.new("Skin", mesh)
    bpy.context.scene.collection.objects.link(skin)
    outer, hand = (np.clip((along - start) / over, 0.0, 1.0) for start, over in ((0.4, 0.4), (0.92, 0.16)))
    for bone, weights in (("left_lower_arm", (1 - outer) * (1 - hand)), ("left_lower_arm_twist", outer * (1 - hand)),
                          ("left_hand", hand)):
        group = skin.vertex_groups.new(name=bone)
        for ring, weight in enumerate(weights):
            group.add(range(ring * around, (ring + 1) * around), float(weight), "REPLACE")
    skin.modifiers.new("Armature", "ARMATURE").object = armature


def look(scene, at: Vector, width: float) -> None:
    """Add an orthographic camera in front of the body that shows `width` around a point."""
    data = bpy.data.cameras.new("View")
    data.type, data.ortho_scale = "ORTHO", width
    camera = bpy.data.objects.new("View", data)
    away = Vector((0.0, -1.0, 0.35)).normalized() * 10 * width
    camera.location = at + away
    camera.rotation_euler = away.to_track_quat("Z", "Y").to_euler()
    scene.collection.objects.link(camera)
    scene.camera = camera


def main() -> None:
    """Draw both pictures and save them side by side."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="write the picture to this file (.png)")
    parser.add_argument("--degrees", type=float, default=90.0, help="turn of the hand (default: %(default)s)")
    options = parser.parse_args()
    motion = turned_hand(options.degrees)
    both = [picture(motion, twist) for twist in (False, True)]
    sheet.grid([both], [f"hand turned {options.degrees:g} degrees, twist bones at rest", "with twist_bones"],
               HEIGHT).save(options.out)


if __name__ == "__main__":
    run_and_leave(main)
