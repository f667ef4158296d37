"""Measures the error and the time of FK keys and matched IK keys on Rigify's generated rigs, evaluated by Blender.

    python benchmarks/control_rigs.py [--data ../shared/data] [--frames 3000] [--rig basic|full ...]

It needs the bpy module. The motion is CMU mocap of the validation subjects, repeated to the requested length. Columns:

    bones, keyed   number of the rig's bones and of the keyed controls
    FK, limbs      largest angle between an evaluated and a wanted direction of arms and legs (deform bones), degrees
    IK, moved by   largest distance by which a joint of arms and legs moves when the switch goes to IK, mm, 60 frames
    FK             processor seconds (wall seconds in brackets) to test the rig, retarget and write keys
    FK and IK      the same with matched IK keys
    read back      seconds to read the keyed rig as a source of motion; Blender evaluates every frame
    onto plain     seconds to retarget the motion that was read back onto a plain rig
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import bpy  # noqa: E402
import numpy as np  # noqa: E402

from anatomy_mocap.blender.files.rig_files import load_rig  # noqa: E402
from anatomy_mocap.blender.perform import perform  # noqa: E402
from anatomy_mocap.blender.rigs.armature import read_rig  # noqa: E402
from anatomy_mocap.blender.rigs.source_armature import record, recorded_motion, source_map  # noqa: E402
from anatomy_mocap.bone_maps.match import match  # noqa: E402
from anatomy_mocap.core.progress import drain  # noqa: E402
from anatomy_mocap.core.skeleton import MOCAP22  # noqa: E402
from anatomy_mocap.settings import KeySettings  # noqa: E402
from benchmarks.cmu import FPS  # noqa: E402
from benchmarks.leaving import run_and_leave  # noqa: E402
from benchmarks.machine import machine  # noqa: E402

LIMBS = {(f"DEF-{start}.{letter}", f"DEF-{end}.{letter}"): f"{side}_{joint}"
         for side, letter in (("left", "L"), ("right", "R"))
         for start, end, joint in (("upper_arm", "forearm", "elbow"), ("forearm", "hand", "wrist"),
                                   ("thigh", "shin", "knee"), ("shin", "foot", "ankle"))}
SAMPLES = 60


def generate(kind: str):
    """Generate Rigify's basic or full human rig and return its armature."""
    importlib.import_module("addon_utils").enable("rigify", default_set=True)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=False)
    getattr(bpy.ops.object, f"armature_{'basic_' if kind == 'basic' else ''}human_metarig_add")()
    bpy.ops.pose.rigify_generate()
    bpy.data.objects.remove(bpy.data.objects["metarig"])
    bpy.context.scene.render.fps = int(FPS)
    return bpy.data.objects["rig"]


def timed(work):
    """Call `work` and return (its result, processor seconds, wall seconds)."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return result, time.process_time() - cpu, time.perf_counter() - wall


def heads(armature, frame: int) -> np.ndarray:
    """Return the starts and ends of the L limbs at a scene frame: (L, 2, 3)."""
    bpy.context.scene.frame_set(frame)
    return np.array([[np.array(armature.pose.bones[name].head) for name in pair] for pair in LIMBS])


def direction_error(armature, motion, frames) -> float:
    """Return the largest angle between an evaluated and a wanted limb direction, in degrees."""
    worst = 0.0
    for frame in frames:
        points = heads(armature, frame)
        ways = points[:, 1] - points[:, 0]
        wanted = motion.directions[frame - 1, [MOCAP22.index(joint) for joint in LIMBS.values()]]
        sines = np.linalg.norm(np.cross(ways, wanted), axis=-1)
        worst = max(worst, float(np.degrees(np.arctan2(sines, (ways * wanted).sum(-1))).max()))
    return worst


def throw_switch(action) -> None:
    """Key the rig's IK/FK switches to IK."""
    for curve in action.layers[0].strips[0].channelbags[0].fcurves:
        if curve.data_path.endswith('["IK_FK"]'):
            curve.keyframe_points[0].co[1] = 0.0
            curve.update()


def measure(kind: str, motion) -> None:
    """Measure one rig and print its line."""
    armature = generate(kind)
    frames = np.arange(1.0, len(motion) + 1)
    sampled = np.unique(np.linspace(1, len(motion), SAMPLES).astype(int))

    def run(match_ik: bool):
        rig = read_rig(armature)
        return perform(armature, rig, match(rig), motion, frames, "benchmark", KeySettings(match_ik=match_ik))

    best = min((timed(lambda: run(False)) for _ in range(3)), key=lambda each: each[1])
    error = direction_error(armature, motion, sampled)
    done, cpu, wall = timed(lambda: run(True))
    by_fk = np.array([heads(armature, frame) for frame in sampled])
    throw_switch(done.action)
    moved = np.linalg.norm(np.array([heads(armature, frame) for frame in sampled]) - by_fk, axis=-1).max() * 1000
    recording, read_cpu, read_wall = timed(lambda: drain(record(armature, 1, len(motion))))
    target = load_rig(ROOT / "tests" / "data" / "rigs" / "human-male.glb")

    def onto_plain():
        seen, _ = recorded_motion(recording, source_map(recording.rig))
        rig = read_rig(target)
        return perform(target, rig, match(rig), seen.motion, recording.frames, "back", detail=seen.detail)

    _, put_cpu, put_wall = timed(onto_plain)
    print(f"{kind:6} {len(armature.data.bones):5} {best[0].bones:5} {error:10.5f} {moved:12.3f} "
          f"{best[1]:7.2f} ({best[2]:.2f}) {cpu:7.2f} ({wall:.2f}) {read_cpu:7.2f} ({read_wall:.2f}) "
          f"{put_cpu:7.2f} ({put_wall:.2f})", flush=True)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data",
                        help="folder of the shared data, which holds mocap/ (default: %(default)s)")
    parser.add_argument("--frames", type=int, default=3000, help="length of the motion (default: %(default)s)")
    parser.add_argument("--rig", action="append", choices=("basic", "full"), default=[],
                        help="measure this rig only; may be given twice (default: both)")
    options = parser.parse_args()
    from benchmarks.retarget import long_motion

    motion = long_motion(options.data, options.frames)
    print(f"Blender {bpy.app.version_string}, {machine()}; {options.frames} frames")
    print(f"{'rig':6} {'bones':>5} {'keyed':>5} {'FK, limbs':>10} {'IK, moved by':>12} {'FK':>14} {'FK and IK':>14} "
          f"{'read back':>14} {'onto plain':>14} (s)", flush=True)
    for kind in options.rig or ("basic", "full"):
        measure(kind, motion)


if __name__ == "__main__":
    run_and_leave(main)
