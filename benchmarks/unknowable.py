"""Measures the lifter's errors from facts that 2D cannot show: body proportions, detector offsets and focal length.

    python -m benchmarks.unknowable --data cmu17.npz

The lifter gets exact 2D of the validation clips and of as many training clips, each from three of the benchmark's
cameras. The bodies are the subjects' own, or have average bone lengths, average offsets between keypoints and joints,
or both. The difference between the rows is the error that the unknown lengths and offsets cause. Columns: MPJPE,
P-MPJPE and N-MPJPE (aligned by hips, similarity and scale), bone length error, and error of the bones' directions.

The last lines use noisy 2D from the front and a wrong focal length. They give the mean excess bend of the lifted knee
where the true knee is straight.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from anatomy_mocap.core.camera import Camera
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.lifting.lift import lift
from benchmarks.machine import machine
from training.measure import metrics
from training.measure.evaluate import ACROBAT, COLUMNS, LEGS, Kind, clip_errors
from training.mocap.dataset import MocapSet, load_mocap, split
from training.simulate.anthropometry import Bodies, draw_bodies
from training.simulate.simulate_clip import simulate_clip, subjects_body

VIEWS = (0, 2, 4)
SHOWN = ("mpjpe", "p_mpjpe", "n_mpjpe", "length_error", "angle")
LONGEST = 1500
"""Frames of the motion set. Longer training clips are left out."""

FOCAL = (0.7, 1.0, 1.4)


def as_usual(bodies: Bodies, lengths: bool, places: bool) -> Bodies:
    """Give one person the average lengths and height, the average offsets of the keypoints (`places`), or both."""
    many = draw_bodies(np.random.default_rng(5), 2000, spread=0.0, shipped=1.0, modelled=0.0)
    if lengths:
        bodies = replace(bodies, lengths=many.lengths[:1], height=many.height[:1])
    if places:
        usual = many.offsets.mean(axis=0, keepdims=True) / many.height[0] * bodies.height[:, None, None]
        bodies = replace(bodies, offsets=usual.astype(np.float32))
    return bodies


def errors(mocap: MocapSet, clips: np.ndarray, lengths: bool, places: bool) -> np.ndarray:
    """Return the errors SHOWN from exact 2D, as means over frames."""
    values, frames = [], []
    for clip in clips:
        bodies = as_usual(subjects_body(mocap, clip), lengths, places)
        for view in VIEWS:
            simulated = simulate_clip(mocap, clip, view, noisy=False, bodies=bodies)
            found, _ = clip_errors(simulated, Kind(noisy=False))
            values.append([found[name] for name in SHOWN])
            frames.append(len(simulated.keypoints))
    return np.average(values, axis=0, weights=frames)


def straight_knees(mocap: MocapSet, clips: np.ndarray, factor: float) -> float:
    """Return the mean excess bend, in degrees, of lifted knees that are straight in truth.

    The 2D is noisy and from the front. factor: ratio of the assumed focal length to the true one.
    """
    found = []
    for clip in clips:
        simulated = simulate_clip(mocap, clip, 0)
        true = simulated.camera
        lifted = drain(lift(simulated.keypoints, Camera.from_focal(true.width, true.height, true.focal * factor),
                            "cpu"))
        joints = MOCAP22.joint_positions(lifted.bone_lengths, lifted.directions, np.zeros(3))
        found.append(metrics.crouch(joints, simulated.joints, LEGS))
    return float(np.degrees(np.nanmean(found)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="motion set (.npz)")
    train, held_out = split(load_mocap(parser.parse_args().data))
    everyday = np.flatnonzero(held_out.subject != ACROBAT)
    short = np.flatnonzero(train.frames < LONGEST)
    chosen = np.random.default_rng(0).choice(short, len(held_out), replace=False)
    print(machine())
    print(f"{'exact 2D; average values of':36}{'clips of':20}" + "".join(f"{COLUMNS[name]:>16}" for name in SHOWN))
    for title, lengths, places in (("nothing (subjects' own bodies)", False, False),
                                   ("keypoint offsets", False, True), ("lengths", True, False),
                                   ("both", True, True)):
        for name, mocap, clips in (("validation", held_out, np.arange(len(held_out))),
                                   (f"validation, no {ACROBAT}", held_out, everyday), ("training", train, chosen)):
            row = errors(mocap, clips, lengths, places)
            print(f"{title:36}{name:20}" + "".join(f"{value:16.1f}" for value in row), flush=True)
    for factor in FOCAL:
        bent = straight_knees(held_out, everyday, factor)
        print(f"from the front, focal length {factor} times the true one: straight knees bend by {bent:.1f} deg")


if __name__ == "__main__":
    main()
