"""Rigify's generated rigs: how exact FK keys and matched IK keys are as Blender evaluates the deform bones, how fast.

    python benchmarks/control_rigs.py [--data ../shared/data] [--frames 3000] [--rig basic|full ...]

Run it with a Python that has the bpy module. The motion is CMU mocap of subjects that are never trained on, repeated to
the wanted length. Directions are those of arms and legs of the deform bones, in world space, in degrees. "IK, moved by"
is how far any joint of arms and legs goes when the IK/FK switch is thrown to IK, in millimetres, over 60 frames.
Seconds are of the processor (wall in brackets): trying the rig out, retargeting and writing keys; the same with IK; and
reading the keyed rig back as a source of motion (every frame evaluated by Blender) and putting it on a plain rig.
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
    """The rig that Rigify makes of its basic or full human; returns its armature."""
    importlib.import_module("addon_utils").enable("rigify", default_set=True)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=False)
    getattr(bpy.ops.object, f"armature_{'basic_' if kind == 'basic' else ''}human_metarig_add")()
    bpy.ops.pose.rigify_generate()
    bpy.data.objects.remove(bpy.data.objects["metarig"])
    bpy.context.scene.render.fps = int(FPS)
    return bpy.data.objects["rig"]


def timed(work):
    """(what `work` returns, processor seconds, seconds of the wall)."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return result, time.process_time() - cpu, time.perf_counter() - wall


def heads(armature, frame: int) -> np.ndarray:
    """(L, 2, 3) starts and ends of the limbs at a scene frame."""
    bpy.context.scene.frame_set(frame)
    return np.array([[np.array(armature.pose.bones[name].head) for name in pair] for pair in LIMBS])


def direction_error(armature, motion, frames) -> float:
    """Degrees: the largest angle between a limb as evaluated and as wanted."""
    worst = 0.0
    for frame in frames:
        points = heads(armature, frame)
        ways = points[:, 1] - points[:, 0]
        wanted = motion.directions[frame - 1, [MOCAP22.index(joint) for joint in LIMBS.values()]]
        sines = np.linalg.norm(np.cross(ways, wanted), axis=-1)
        worst = max(worst, float(np.degrees(np.arctan2(sines, (ways * wanted).sum(-1))).max()))
    return worst


def throw_switch(action) -> None:
    """Let the IK controls play."""
    for curve in action.layers[0].strips[0].channelbags[0].fcurves:
        if curve.data_path.endswith('["IK_FK"]'):
            curve.keyframe_points[0].co[1] = 0.0
            curve.update()


def measure(kind: str, motion) -> None:
    """Print one rig's line."""
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
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--frames", type=int, default=3000)
    parser.add_argument("--rig", action="append", choices=("basic", "full"), default=[])
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
