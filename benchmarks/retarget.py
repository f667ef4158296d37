"""Measures the error and the time of retargeting on every character in the shared data, as Blender evaluates the keys.

    python benchmarks/retarget.py [--data ../shared/data] [--frames 3000] [--rig NAME ...] [--json FILE] [--bent]

It needs the bpy module. No bone is posed by hand. The columns form three groups:

take -> rig     The motion is CMU mocap of the validation subjects, repeated to the requested length. "limbs" and "max"
                are the mean and the largest angle between a limb in Blender and in the motion, in world space, over
                upper and lower arms and legs; "torso" is the largest angle of the line from hips to neck; degrees.
CPU seconds     Processor seconds of retargeting (best of three) and of writing keys, with one OpenBLAS thread.
rig -> twin     All mapped bones of the character move by known random rotations. The motion is retargeted to a twin:
                the same skeleton with another rest pose (arms lowered by 45 degrees, or raised where they hang; legs
                spread by 8 degrees) and random bone rolls. Every part should turn exactly like the original's. "mean"
                and "max" are angles of the full rotations, twist included, in degrees. "built-in" is the better of
                Blender's Copy Rotation constraints in world and in local space (Copy Location for the hips) with
                nla.bake: its errors, its seconds for all frames, and their ratio to the seconds of take -> rig.

--bent measures twins whose rest poses have bent elbows and knees and turned limbs, as targets and as sources. The twist
of a limb then follows from the bends and the other rest pose alone. Blender takes no part in it.
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
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import bpy  # noqa: E402
import numpy as np  # noqa: E402
from scipy.spatial.transform import Rotation  # noqa: E402

from anatomy_mocap.animation.solve_rotations import solve  # noqa: E402
from anatomy_mocap.blender.files.rig_files import load_rig  # noqa: E402
from anatomy_mocap.blender.keys.key_places import write_curves  # noqa: E402
from anatomy_mocap.blender.keys.keyframes import bone_curves, clear_unkeyed, key_frames  # noqa: E402
from anatomy_mocap.blender.rigs.armature import read_rig  # noqa: E402
from anatomy_mocap.bone_maps.match import match  # noqa: E402
from anatomy_mocap.core.skeleton import MOCAP22  # noqa: E402
from anatomy_mocap.core.take_from_joints import take_from_positions  # noqa: E402
from anatomy_mocap.maths.rotations import continuous, unit  # noqa: E402
from anatomy_mocap.retargeting.read_rig_motion import read_rig_motion  # noqa: E402
from anatomy_mocap.retargeting.retarget import BoneKeys, retarget  # noqa: E402
from anatomy_mocap.rigs.forward_kinematics import pose_matrices  # noqa: E402
from anatomy_mocap.rigs.rest_pose import read_rest_pose  # noqa: E402
from anatomy_mocap.rigs.t_pose_alignment import alignments  # noqa: E402
from anatomy_mocap.settings import KeySettings  # noqa: E402
from benchmarks.builtin_retarget import SETUPS, bake, constrain  # noqa: E402
from benchmarks.cmu import FPS, load  # noqa: E402
from benchmarks.leaving import run_and_leave  # noqa: E402
from benchmarks.machine import machine  # noqa: E402
from tests.support import made_rigs as zoo  # noqa: E402
from tests.support.blender_armatures import armature_of, mpfb_armature  # noqa: E402
from tests.support.remodelled_rigs import random_channels, random_pose, remodelled, rotation_errors  # noqa: E402

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

MADE = {"made, off axis": zoo.Plan(seed=1, arm_drop=35, straight=False, halves=True),
        "made, askew": zoo.Plan(seed=2, arm_drop=70, elbow=25, knee=15, flags=True, neck=2,
                            world=zoo.placed(Rotation.from_rotvec([0.5, 1.0, 2.0]), 0.01, (3, 1, 2))),
        "made, long spine": zoo.Plan(seed=3, arm_drop=20, spine=6, neck=3, legs_on_root=True, twists="inside"),
        "made, bare": zoo.Plan(seed=4, spine=1, neck=0, clavicles=False, toes=False, twists="beside")}
"""Procedural rigs (tests/support/made_rigs.py): bones beside their limbs, random rolls, unusual flags and chains."""
TWIN_FRAMES = 60


@dataclass
class Row:
    """One rig's results, in degrees and processor seconds. Wall seconds depend on the machine's other load."""

    rig: str
    bones: int
    convention: str
    keyed: int
    limb_mean: float
    limb_max: float
    torso_max: float
    retarget: float
    keys: float
    twin_mean: float = float("nan")
    twin_max: float = float("nan")
    builtin: str = ""
    builtin_mean: float = float("nan")
    builtin_max: float = float("nan")
    builtin_seconds: float = float("nan")


def long_motion(data: Path, frames: int):
    """Join the motions of all CLIPS and repeat them up to a length of `frames`."""
    clips = [solve(take_from_positions(load(data, clip), FPS)) for clip in CLIPS]
    rotations = np.concatenate([clip.rotations for clip in clips])
    roots = np.concatenate([clip.root_positions for clip in clips])
    order = np.arange(frames) % len(rotations)
    return replace(clips[0], rotations=continuous(rotations[order]), root_positions=roots[order])


def measure(name: str, armature, motion):
    """Retarget, write keys and evaluate 60 frames in Blender. Returns the row, the rig and its bones by part."""
    rig = read_rig(armature)
    bone_map = match(rig)
    best = min(timed(lambda: retarget(motion, rig, bone_map)) for _ in range(3))
    keys = retarget(motion, rig, bone_map)
    writing = timed(lambda: write_keys(armature, keys, "benchmark"))
    sampled = np.unique(np.linspace(0, len(motion) - 1, 60).astype(int))
    limbs, torso = errors(armature, bone_map, motion, sampled)
    row = Row(name, len(rig), bone_map.convention, len(keys.bone_names), float(limbs.mean()), float(limbs.max()),
              float(torso.max()), best, writing)
    return row, rig, {part: names for part, names in bone_map.bones.items() if names}


def timed(work) -> float:
    """Return the processor seconds of one call."""
    started = time.process_time()
    work()
    return time.process_time() - started


def errors(armature, bone_map, motion, frames) -> tuple[np.ndarray, np.ndarray]:
    """Return the angles in degrees of each limb (frames, limbs) and of the line from hips to neck (frames,)."""
    joints, index = motion.joint_positions(), MOCAP22.index
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
    """Return the angle between two vectors in degrees."""
    first, second = unit(first), unit(second)
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(first, second)), first @ second)))


def measure_twin(row: Row, rig, bones, frames: int, seed: int) -> None:
    """Add the errors of a twin that copies the rig's random motion to the row: ours and Blender's own."""
    random = np.random.default_rng(seed)
    turns = other_rest_pose(rig, bones)
    twin = remodelled(rig, turns, random)
    names = {name: name for found in bones.values() for name in found}
    channels = random_channels(rig, bones, random, TWIN_FRAMES)
    dancer, copy = fresh(rig), armature_of(twin)
    key(dancer, rig, channels)
    shown = evaluated(dancer, rig, TWIN_FRAMES)
    motion, detail = read_rig_motion(rig, SimpleNamespace(bones=bones), shown, FPS)
    write_keys(copy, retarget(motion, twin, SimpleNamespace(bones=bones), detail=detail), "twin")
    ours = np.array(list(rotation_errors(rig, shown, twin, evaluated(copy, twin, TWIN_FRAMES), turns, names).values()))
    row.twin_mean, row.twin_max = float(ours.mean()), float(ours.max())
    best = {}
    for setup in SETUPS:
        dancer, copy = fresh(rig), armature_of(twin)
        key(dancer, rig, channels)
        constrain(dancer, copy, list(names), bones["hips"][0], setup)
        bake(copy, list(names), TWIN_FRAMES)
        found = rotation_errors(rig, shown, twin, evaluated(copy, twin, TWIN_FRAMES), turns, names)
        best[setup] = np.array(list(found.values()))
    row.builtin = min(best, key=lambda setup: best[setup].mean())
    row.builtin_mean, row.builtin_max = float(best[row.builtin].mean()), float(best[row.builtin].max())
    dancer, copy = fresh(rig), armature_of(twin)
    key(dancer, rig, random_channels(rig, bones, random, frames))

    def whole():
        constrain(dancer, copy, list(names), bones["hips"][0], row.builtin)
        bake(copy, list(names), frames)

    row.builtin_seconds = timed(whole)


def bent_twin(name: str, rig, bones, seed: int) -> str:
    """Return the line of twins whose rest poses have bent elbows and knees, evaluated without Blender."""
    random, names = np.random.default_rng(seed), {name: name for found in bones.values() for name in found}
    kinds = ("upper_arm", "lower_arm", "upper_leg", "lower_leg")
    limbs = {f"{side}_{limb}": ([], []) for side in ("left", "right") for limb in kinds}
    for _ in range(10):
        turns = bent_rest_pose(rig, bones, random)
        twin = remodelled(rig, turns, random)
        there = random_pose(rig, bones, random, 12), None
        back = None, random_pose(twin, bones, random, 12)
        for way, (shown, copied) in enumerate((there, back)):
            shown = performed(twin, copied, rig, bones) if shown is None else shown
            copied = performed(rig, shown, twin, bones) if copied is None else copied
            errors = rotation_errors(rig, shown, twin, copied, turns, names)
            for part, each in limbs.items():
                each[way].append(errors[bones[part][0]].max())
    worst = [max(max(limbs[f"{side}_{limb}"][way]) for side in ("left", "right"))
             for way in (0, 1) for limb in kinds]
    return f"{name:16} " + " ".join(f"{value:9.3f}" for value in worst)


def performed(source, world, target, bones) -> np.ndarray:
    """Retarget the source's poses and return the target's world matrices (T, B, 4, 4), without the hips' path."""
    mapped = SimpleNamespace(bones=bones)
    motion, detail = read_rig_motion(source, mapped, world, FPS)
    keys = retarget(motion, target, mapped, detail=detail)
    rotations = np.tile([1.0, 0, 0, 0], (len(world), len(target), 1))
    rotations[:, [target.index(bone) for bone in keys.bone_names]] = keys.rotations
    return target.world_from_armature @ pose_matrices(target, rotations)


def bent_rest_pose(rig, bones, random) -> dict[str, Rotation]:
    """Draw a random rest pose with turned limbs, bent at the rig's own hinges: bone name -> turn in armature space."""
    rest, turns = read_rest_pose(rig, bones), {}
    base = alignments(rest, at_ease=False)
    place = Rotation.from_matrix(rig.world_from_armature[:3, :3] / np.cbrt(np.linalg.det(
        rig.world_from_armature[:3, :3])))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for kind, pose, axis, bend in (
                ("arm", ("xzy", (random.uniform(-40, 40), sign * random.uniform(-50, 20),
                                 sign * random.uniform(0, 60))),
                 (0, 0, -sign), random.uniform(20, 70)),
                ("leg", ("zx", (sign * random.uniform(-25, 25), -random.uniform(0, 30))), (1, 0, 0),
                 random.uniform(20, 50))):
            stand = Rotation.from_quat(base[f"{side}_upper_{kind}"], scalar_first=True) * place
            whole = Rotation.from_euler(*pose, degrees=True)
            bent = whole * Rotation.from_rotvec(np.radians(bend) * np.array(axis, float))
            turns[bones[f"{side}_upper_{kind}"][0]] = stand.inv() * whole * stand
            turns[bones[f"{side}_lower_{kind}"][0]] = stand.inv() * bent * stand
        if f"{side}_foot" in bones:
            turns[bones[f"{side}_foot"][0]] = Rotation.identity()
    return turns


def other_rest_pose(rig, bones) -> dict[str, Rotation]:
    """Lower arms by 45 degrees or raise hanging ones, spread legs by 8: bone name -> turn in armature space."""
    rest, turns = read_rest_pose(rig, bones), {}
    for part, angle in (("upper_arm", 45.0), ("upper_leg", -8.0)):
        for side, sign in (("left", 1.0), ("right", -1.0)):
            hanging = part == "upper_arm" and rest.direction(f"{side}_{part}")[2] < -0.3
            turn = Rotation.from_euler("y", sign * angle * (-1 if hanging else 1), degrees=True).as_matrix()
            # from the body's axes to the armature's
            body = rest.body_from_world @ rig.world_from_armature[:3, :3]
            inside = np.linalg.inv(body) @ turn @ body
            turns[bones[f"{side}_{part}"][0]] = Rotation.from_matrix(inside)
            foot = bones.get(f"{side}_foot")
            if part == "upper_leg" and foot:
                turns[foot[0]] = Rotation.identity()
    return turns


def fresh(rig):
    """Build the rig's bones as the only armature in an empty file."""
    empty()
    return armature_of(rig)


def empty() -> None:
    """Open an empty file with the benchmark's frame rate."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.context.scene.render.fps = int(FPS)


def write_keys(armature, keys, name: str) -> None:
    """Write ready keys into a new action, at FPS frames per second."""
    frames = key_frames(np.arange(len(keys.rotations)) / FPS, bpy.context.scene)
    write_curves(armature, bone_curves(armature, keys), frames, name, KeySettings())
    clear_unkeyed(armature, keys)


def key(armature, rig, channels) -> None:
    """Key an armature's bones with channels (rotations (T, B, 4), locations, name of the bone that they move)."""
    rotations, locations, moved = channels
    keys = BoneKeys(rig.bone_names, rotations, moved, locations)
    for bone in armature.pose.bones:
        bone.rotation_mode = "QUATERNION"
    write_keys(armature, keys, "dance")


def evaluated(armature, rig, frames: int) -> np.ndarray:
    """Return the bones' world matrices (T, B, 4, 4) as Blender evaluates them."""
    found = np.empty((frames, len(rig), 4, 4))
    for frame in range(frames):
        bpy.context.scene.frame_set(frame + 1)
        world = armature.matrix_world
        found[frame] = [world @ armature.pose.bones[name].matrix for name in rig.bone_names]
    return found


def rigs(data: Path, wanted: list[str]):
    """Return (name, function that loads the armature) of each rig, or of the rigs named in `wanted`."""
    found = {name: lambda file=file: load_rig(data / "rigs" / file) for name, file in FILES.items()}
    found |= {f"mpfb {name}": lambda name=name: mpfb_armature(data / "rigs" / "mpfb2" / f"rig.{name}.json")
              for name in MPFB}
    found |= {name: lambda plan=plan: armature_of(zoo.make(plan).rig) for name, plan in MADE.items()}
    return [(name, make) for name, make in found.items() if not wanted or name in wanted]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data",
                        help="folder of the shared data, which holds mocap/ and rigs/ (default: %(default)s)")
    parser.add_argument("--frames", type=int, default=3000, help="length of the motion (default: %(default)s)")
    parser.add_argument("--rig", action="append", default=[], metavar="NAME",
                        help="measure this rig only; may be repeated (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows to this file")
    parser.add_argument("--bent", action="store_true", help="measure only twins with bent rest poses, without keys")
    options = parser.parse_args()
    if options.bent:
        print("twins with 10 bent rest poses a rig: largest error of the full rotation in degrees")
        limbs = ("upper_arm", "lower_arm", "upper_leg", "lower_leg")
        print(f"{'':16} {'rig -> bent twin':<39} bent twin -> rig")
        print(f"{'rig':16} " + " ".join(f"{limb:>9}" for limb in limbs * 2))
        for number, (name, make) in enumerate(rigs(options.data, [])):
            if options.rig and name not in options.rig:
                continue
            empty()
            rig = read_rig(make())
            bones = {part: names for part, names in match(rig).bones.items() if names}
            print(bent_twin(name, rig, bones, number), flush=True)
        return
    motion = long_motion(options.data, options.frames)
    facts = f"Blender {bpy.app.version_string}, {machine()}"
    print(f"{facts}; {options.frames} frames of CMU {', '.join(CLIPS)}")
    print(f"{'':41}| take -> rig, degrees        | CPU seconds    | rig -> twin, degrees (full rotation)")
    print(f"{'rig':16} {'bones':>5} {'convention':12} {'keyed':>5}| {'limbs':>8} {'max':>8} {'torso':>8} | "
          f"{'retarget':>8} {'keys':>5} | {'mean':>8} {'max':>8} | {'built-in':>8} {'mean':>6} {'max':>6} {'s':>6} "
          f"{'times':>5}")
    rows = []
    for number, (name, make) in enumerate(rigs(options.data, options.rig)):
        empty()
        armature = make()
        row, rig, bones = measure(name, armature, motion)
        measure_twin(row, rig, bones, options.frames, number)
        rows.append(row)
        print(f"{row.rig:16} {row.bones:5} {row.convention[:12]:12} {row.keyed:5}| {row.limb_mean:8.5f} "
              f"{row.limb_max:8.5f} {row.torso_max:8.5f} | {row.retarget:8.3f} {row.keys:5.3f} | {row.twin_mean:8.5f} "
              f"{row.twin_max:8.5f} | {row.builtin:>8} {row.builtin_mean:6.1f} {row.builtin_max:6.1f} "
              f"{row.builtin_seconds:6.2f} {row.builtin_seconds / (row.retarget + row.keys):5.0f}", flush=True)
    if options.json:
        options.json.write_text(json.dumps({"facts": facts, "rows": [vars(row) for row in rows]}, indent=1) + "\n")


if __name__ == "__main__":
    run_and_leave(main)
