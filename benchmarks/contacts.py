"""Measures how well foot contacts are found in lifted takes, and how still the feet stand after grounding.

    python -m benchmarks.contacts --data cmu17.npz

Two of the benchmark's cameras film the validation clips with the detector's errors. The clips are lifted, placed,
smoothed and grounded as in the product: once with equal speed limits in all directions and once with the discounted
speed along the line of sight (animation/foot_contacts.py). In truth a foot stands where the recorded heel or toe is
slow and low. Columns:

    precision, recall, F1   of the frames with a contact, each foot by itself
    slide                   mean horizontal speed of truly standing foot points after grounding
    height                  mean distance of the standing foot's lowest point from the floor after grounding
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from anatomy_mocap.animation.contacts import find_contacts
from anatomy_mocap.animation.ground import ground
from anatomy_mocap.animation.smoothing import smooth
from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.animation.tuning import TUNING
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.soles import foot_points
from anatomy_mocap.lifting.lift import lift
from anatomy_mocap.maths.smooth_series import smooth_series
from anatomy_mocap.pipeline import place
from anatomy_mocap.settings import SMOOTHING
from benchmarks.machine import machine
from training.mocap.dataset import LIFTER_FPS, load_mocap, split
from training.simulate.simulate_clip import moving, simulate_clip, subjects_body

VIEWS = (1, 3)
STILL = 0.25
"""Metres a second. A recorded foot point below this speed stands, provided that it is low enough for a contact."""

ACROBAT = 85


def truly_standing(joints: np.ndarray) -> np.ndarray:
    """Mark the foot points that stand in truth: (T, 2, 2) bool, [left, right] x [heel, toe].

    joints: (T, J, 3) recorded positions in metres, Z up. Their lowest points define the floor.
    """
    points = smooth_series(foot_points(joints), 0.04, LIFTER_FPS)
    slow = np.linalg.norm(np.gradient(points, 1 / LIFTER_FPS, axis=0), axis=-1) < STILL
    return slow & (points[..., 2] - np.percentile(points[..., 2].min(axis=(1, 2)), 10) < TUNING.stand_height)


def row(motion, stands: np.ndarray) -> list[float]:
    """Count true positives, false positives and misses of standing feet; sum slide and height with their counts."""
    found, any_point = find_contacts(motion), stands.any(axis=-1)
    contacts = found.feet
    points = foot_points(ground(motion, found).joint_positions())
    slide = np.linalg.norm(np.gradient(points[..., :2], 1 / LIFTER_FPS, axis=0), axis=-1)[stands]
    height = np.abs(points[..., 2].min(axis=-1))[any_point]
    return [(contacts & any_point).sum(), (contacts & ~any_point).sum(), (~contacts & any_point).sum(),
            slide.sum(), len(slide), height.sum(), len(height)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="motion set (.npz)")
    _, held_out = split(load_mocap(parser.parse_args().data))
    found: dict[tuple[str, str], list] = {}
    for clip in range(len(held_out)):
        joints, _ = moving(held_out, clip, subjects_body(held_out, clip), LIFTER_FPS)
        stands = truly_standing(joints[0].astype(float))
        who = f"{ACROBAT}" if held_out.subject[clip] == ACROBAT else "the others"
        for view in VIEWS:
            seen = simulate_clip(held_out, clip, view)
            lifted = drain(lift(seen.keypoints, seen.camera, device="cpu"))
            take = drain(place(lifted, seen.keypoints, seen.keypoints, seen.camera, {}))
            motion = smooth(solve(take), SMOOTHING)
            for name, one in (("all directions equal", replace(motion, eye=None)), ("depth discounted", motion)):
                found.setdefault((name, who), []).append(row(one, stands))
    print(machine())
    print(f"{'speed':24}{'subjects':14}{'precision':>11}{'recall':>11}{'F1':>11}{'slide':>13}{'height':>11}")
    for (name, who), rows in sorted(found.items()):
        right, wrong, missed, slide, slides, height, heights = np.sum(rows, axis=0)
        print(f"{name:24}{who:14}{right / (right + wrong):11.3f}{right / (right + missed):11.3f}"
              f"{2 * right / (2 * right + wrong + missed):11.3f}{100 * slide / slides:8.1f} cm/s"
              f"{1000 * height / heights:8.1f} mm")


if __name__ == "__main__":
    main()
