"""How exact and how fast retargeting is, on every character at hand, measured on the evaluated armature in Blender.

    python benchmarks/retarget.py [--data ../shared/data] [--frames 3000] [--rig NAME ...] [--json FILE]

Run it with a Python that has the bpy module. The motion is CMU mocap (clips of subjects that are never trained on),
repeated to the wanted length; errors are angles between each limb of the character, as Blender evaluates it from the
written keys, and the motion's, in world space: both arms and legs, upper and lower, and the line from hips to neck.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import bpy  # noqa: E402
import numpy as np  # noqa: E402

from anatomy_mocap.blender.armature import read_rig  # noqa: E402
from anatomy_mocap.blender.keyframes import write_keys  # noqa: E402
from anatomy_mocap.blender.rig_files import load_rig  # noqa: E402
from anatomy_mocap.bone_maps.matcher import match  # noqa: E402
from anatomy_mocap.core.known import take_from_positions  # noqa: E402
from anatomy_mocap.core.retarget import retarget  # noqa: E402
from anatomy_mocap.core.rotations import continuous, unit  # noqa: E402
from anatomy_mocap.core.solve import solve  # noqa: E402
from benchmarks.cmu import FPS, load  # noqa: E402
from benchmarks.machine import machine  # noqa: E402
from tests.blender.rigs import mpfb_armature  # noqa: E402

CLIPS = ("86_01", "85_12", "69_75", "131_03", "09_03")
FILES = {"mixamo": "mixamo/animations-mixamo-default.glb", "unreal male": "unreal/human-male.glb",
         "unreal female": "unreal/human-female.glb", "rigify deform": "rigify/human-skeleton.glb",
         "vrm 0": "vrm/basic_armature.vrm", "vrm 1": "vrm/basic_armature_vrm1.vrm",
         "quaternius": "quaternius/Casual.glb", "gdquest": "gdquest_mannequin/mannequiny-0.3.0.glb",
         "cmu bvh": "bvh/cmu_06_01.bvh", "plain bvh": "bvh/wave_hello.bvh"}
MPFB = ("default", "game_engine", "cmu_mb", "mixamo", "human")
LIMBS = {f"{side}_{limb}": (f"{side}_{following}", f"{side}_{joint}") for side in ("left", "right")
         for limb, following, joint in (("upper_arm", "lower_arm", "elbow"), ("lower_arm", "hand", "wrist"),
                                        ("upper_leg", "lower_leg", "knee"), ("lower_leg", "foot", "ankle"))}


@dataclass
class Row:
    """One rig's results: degrees, and processor seconds (those of the wall tell more of a shared machine)."""

    rig: str
    bones: int
    convention: str
    keyed: int
    limb_mean: float
    limb_max: float
    torso_max: float
    retarget: float
    keys: float


def long_motion(data: Path, frames: int):
    """The clips' motion, one after the other, again and again until there are `frames`."""
    clips = [solve(take_from_positions(load(data, clip), FPS)) for clip in CLIPS]
    rotations = np.concatenate([clip.rotations for clip in clips])
    roots = np.concatenate([clip.root_positions for clip in clips])
    order = np.arange(frames) % len(rotations)
    return replace(clips[0], rotations=continuous(rotations[order]), root_positions=roots[order])


def measure(name: str, armature, motion) -> Row:
    """Retarget, write keys, evaluate some frames in Blender."""
    rig = read_rig(armature)
    bone_map = match(rig)
    best = min(timed(lambda: retarget(motion, rig, bone_map)) for _ in range(3))
    keys = retarget(motion, rig, bone_map)
    take = SimpleNamespace(fps=motion.fps, times=np.arange(len(motion)) / motion.fps)
    writing = timed(lambda: write_keys(armature, keys, take, "benchmark"))
    sampled = np.unique(np.linspace(0, len(motion) - 1, 60).astype(int))
    limbs, torso = errors(armature, bone_map, motion, sampled)
    return Row(name, len(rig), bone_map.convention, len(keys.bone_names), float(limbs.mean()), float(limbs.max()),
               float(torso.max()), best, writing)


def timed(work) -> float:
    """Processor seconds that `work` takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def errors(armature, bone_map, motion, frames) -> tuple[np.ndarray, np.ndarray]:
    """Degrees of each limb (frames, limbs) and of the line from hips to neck (frames,)."""
    joints, index = motion.joint_positions(), motion.skeleton.index
    limbs, torso = [], []
    for frame in frames:
        bpy.context.scene.frame_set(int(frame) + 1)
        world = np.array(armature.matrix_world)
        at = {part: world[:3, :3] @ np.array(armature.pose.bones[bones[0]].head)
              for part, bones in bone_map.bones.items() if bones}
        limbs.append([angle(at[end] - at[limb], motion.directions[frame, index(joint)])
                      for limb, (end, joint) in LIMBS.items()])
        hips = (at["left_upper_leg"] + at["right_upper_leg"]) / 2
        torso.append(angle(at.get("neck", at["head"]) - hips, joints[frame, index("thorax")] - joints[frame, 0]))
    return np.array(limbs), np.array(torso)


def angle(first, second) -> float:
    """Degrees between two vectors."""
    first, second = unit(first), unit(second)
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(first, second)), first @ second)))


def rigs(data: Path, wanted: list[str]):
    """(name, function that brings the armature into an empty file) of each rig."""
    found = {name: lambda file=file: load_rig(data / "rigs" / file) for name, file in FILES.items()}
    found |= {f"mpfb {name}": lambda name=name: mpfb_armature(data / "rigs" / "mpfb2" / f"rig.{name}.json")
              for name in MPFB}
    return [(name, make) for name, make in found.items() if not wanted or name in wanted]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--frames", type=int, default=3000)
    parser.add_argument("--rig", action="append", default=[])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    motion = long_motion(options.data, options.frames)
    facts = f"Blender {bpy.app.version_string}, {machine()}"
    print(f"{facts}; {options.frames} frames of CMU {', '.join(CLIPS)}")
    print(f"{'rig':16} {'bones':>5} {'convention':15} {'keyed':>5} {'limbs, mean':>11} {'max':>8} {'torso max':>9} "
          f"{'retarget':>10} {'keys':>7} (CPU s)")
    rows = []
    for name, make in rigs(options.data, options.rig):
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        bpy.context.scene.render.fps = int(FPS)
        row = measure(name, make(), motion)
        rows.append(row)
        print(f"{row.rig:16} {row.bones:5} {row.convention:15} {row.keyed:5} {row.limb_mean:11.5f} {row.limb_max:8.5f} "
              f"{row.torso_max:9.5f} {row.retarget:10.3f} {row.keys:7.3f}", flush=True)
    if options.json:
        options.json.write_text(json.dumps({"facts": facts, "rows": [vars(row) for row in rows]}, indent=1) + "\n")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
