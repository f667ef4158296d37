"""Measures the time and the errors of the steps from a lifted clip to a motion.

    python -m benchmarks.solve [SHARED_DATA]

It prints five blocks. The motions are the validation clips of CMU mocap; noise as in a lifter's output is added to
directions, keypoints and up directions of the noisy takes.

1. Seconds of each step for 3000 frames. numpy's number of threads is left as the environment sets it.
2. Noisy takes: errors of the root path (mm, depth separately), of the up direction (degrees) and of the floor (mm).
3. Hinges: angle between the true bending axis of a bent limb and the reference axis, which straight limbs are given.
4. Rotation steps: how far a bone's rotation steps more from frame to frame than the bone's direction does.
5. Noisy takes before and after grounding: horizontal speed of standing feet ("slide"), distance of the lower foot from
   the floor, error of the feet's velocity, and the largest acceleration of any joint.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from anatomy_mocap.animation.animate import CleanUp, animate
from anatomy_mocap.animation.ground import ground
from anatomy_mocap.animation.smoothing import REGIONS, smooth
from anatomy_mocap.animation.solve_rotations import ARM, LEG, solve
from anatomy_mocap.animation.tuning import TUNING
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.soles import foot_points
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.fitting.floor_plane import level
from anatomy_mocap.fitting.root_fit import fit_root
from anatomy_mocap.maths.rotations import angle_between, apply, inverse, unit
from anatomy_mocap.settings import SMOOTHING
from anatomy_mocap.touch.contacts import find_contacts
from benchmarks.cmu import FPS, VALIDATION, load
from benchmarks.machine import machine
from benchmarks.noise import noisy_take

STILL = 0.2
"""Metres a second. A recorded foot point below this speed stands."""


def timings(take) -> None:
    """Print the seconds of each step for 3000 frames of the take, repeated."""
    repeats = -(-3000 // len(take))
    ahead, frames = np.tile(np.arange(len(take)), repeats)[:3000], 3000
    times = np.arange(frames) / take.fps
    take = replace(take[ahead], times=times, keypoints=replace(take.keypoints[ahead], times=times))
    up = np.tile((0, -1.0, 0), (frames, 1))

    def timed(name, function, *arguments):
        started = time.perf_counter()
        result = function(*arguments)
        print(f"  {name:14}{time.perf_counter() - started:8.3f} s")
        return result

    print("3000 frames")
    timed("fit_root", lambda: drain(fit_root(take.bone_lengths, take.directions, take.keypoints,
                                             take.camera)))
    timed("level", level, take.joint_positions("camera"), up, take.fps)
    motion = timed("solve", solve, take)
    motion = timed("smooth", smooth, motion, SMOOTHING)
    contacts = timed("find_contacts", find_contacts, motion)
    timed("ground", ground, motion, contacts)
    retuned(take)


def retuned(take) -> None:
    """Print the seconds in which a whole clip is cleaned up again, with all steps on."""
    everything = CleanUp(dict.fromkeys(REGIONS, SMOOTHING), repair=True, doubt=0.5)
    for frames in (1000, 3000):
        part, seconds = take[:frames], []
        for _ in range(5):
            started = time.perf_counter()
            animate(part, 1.5 * SMOOTHING, 1.0, everything)
            seconds.append(time.perf_counter() - started)
        print(f"re-tuned, {frames} frames, all on: {min(seconds):.3f} s (the best of {len(seconds)})")


def root_and_world(pairs) -> None:
    """Print errors of the root path, the up direction and the floor."""
    rows = []
    for true, noisy in pairs:
        error = noisy.root_positions - true.root_positions
        up = np.degrees(np.arccos(np.clip(noisy.world_from_camera[2, :3] @ true.world_from_camera[2, :3], -1, 1)))
        floors = [np.percentile(foot_points(take.joint_positions())[..., 2].min(axis=(1, 2)), 10)
                  for take in (true, noisy)]
        rows.append([*(np.sqrt((error**2).mean(axis=0)) * 1000), up, abs(floors[1] - floors[0]) * 1000])
    x, y, z, up, floor = np.mean(rows, axis=0)
    print(f"noisy takes, {len(rows)} clips: root x {x:.0f} y {y:.0f} depth {z:.0f} mm, up {up:.1f} degrees, "
          f"floor {floor:.0f} mm")


def hinges(pairs) -> None:
    """Print the angles between true bending axes and reference axes, for bends of 30 degrees and more."""
    for limb, names in (("arm", ("elbow", "wrist")), ("leg", ("knee", "ankle"))):
        angles = []
        for take, motion in pairs:
            world = take.directions @ take.world_from_camera[:3, :3].T
            trunk = motion.rotations[:, MOCAP22.index("thorax") if limb == "arm" else 0]
            for side in ("left", "right"):
                upper, lower = (apply(inverse(trunk), world[:, MOCAP22.index(f"{side}_{name}")]) for name in names)
                reference = (ARM[side] if limb == "arm" else LEG).reference(upper)
                if limb == "leg":
                    toe = apply(inverse(trunk), world[:, MOCAP22.index(f"{side}_toe")])
                    across = np.cross(toe, lower)
                    across = across - upper * (across * upper).sum(-1, keepdims=True)
                    reference = unit(reference + TUNING.foot_hint * across)
                axis = np.cross(upper, lower)
                bent = np.linalg.norm(axis, axis=-1) > 0.5
                angles.append(np.degrees(np.arccos(np.clip((unit(axis) * reference).sum(-1), -1, 1)))[bent])
        middle, most = np.percentile(np.concatenate(angles), [50, 99])
        print(f"hinge of a bent {limb} against its reference: median {middle:.0f}, 99 % {most:.0f} degrees")


def steps(pairs) -> None:
    """Print by how much rotations step more from frame to frame than the bones' directions."""
    extra = []
    for take, motion in pairs:
        world = take.directions @ take.world_from_camera[:3, :3].T
        own = np.degrees(np.arccos(np.clip((world[1:] * world[:-1]).sum(-1), -1, 1)))
        extra.append((np.degrees(angle_between(motion.rotations[1:], motion.rotations[:-1])) - own)[:, 1:])
    extra = np.concatenate(extra)
    print(f"rotation step beyond the bone's own, at {FPS:g} fps: median {np.median(extra):.2f}, 99 % "
          f"{np.percentile(extra, 99):.1f}, most {extra.max():.0f} degrees")


def feet(pairs) -> None:
    """Print slide, height, velocity error and largest acceleration before and after grounding."""
    print(f"{'':22}{'slide':>8}{'floor':>8}{'foot velocity error':>22}{'most acceleration':>20}")
    rows = {"rough, smoothed": [], "grounded": []}
    for true, noisy in pairs:
        positions = true.joint_positions()
        points = foot_points(positions)
        still = np.linalg.norm(np.gradient(points, 1 / FPS, axis=0), axis=-1) < STILL
        motion = smooth(solve(noisy), SMOOTHING)
        for name, found in zip(rows, (motion, ground(motion, find_contacts(motion))), strict=True):
            placed = found.joint_positions()
            moved = foot_points(placed)
            joints = [MOCAP22.index(f"{side}_{part}") for side in ("left", "right") for part in ("ankle", "toe")]
            rows[name].append([
                np.linalg.norm(np.gradient(moved[..., :2], 1 / FPS, axis=0), axis=-1)[still].mean() * 100,
                np.abs(moved[..., 2].min(axis=-1)[still.any(axis=-1)]).mean() * 1000,
                np.linalg.norm(np.diff(placed - positions, axis=0)[:, joints], axis=-1).mean() * FPS * 100,
                (np.linalg.norm(np.diff(placed, 2, axis=0), axis=-1) * FPS**2).max()])
    for name, values in rows.items():
        slide, height, velocity, most = np.mean(values, axis=0)
        print(f"{name:22}{slide:5.1f} cm/s{height:5.0f} mm{velocity:17.1f} cm/s{most:15.0f} m/s2")


def main() -> None:
    """Run all five measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shared_data", nargs="?", type=Path, default=Path(__file__).parents[2] / "shared" / "data",
                        help="folder of the shared data, which holds mocap/ (default: %(default)s)")
    shared_data = parser.parse_args().shared_data
    print(machine())
    rng = np.random.default_rng(0)
    true = [take_from_positions(load(shared_data, clip), FPS) for clip in VALIDATION]
    noisy = [noisy_take(take, rng) for take in true]
    solved = [(take, solve(take)) for take in true]
    timings(noisy[12])
    root_and_world(list(zip(true, noisy, strict=True)))
    hinges(solved)
    steps(solved)
    feet(list(zip(true, noisy, strict=True)))


if __name__ == "__main__":
    main()
