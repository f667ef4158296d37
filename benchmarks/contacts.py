"""Feet found and held on the floor in lifted takes. `python -m benchmarks.contacts --data cmu17.npz`

The validation clips by two of the benchmark's cameras, with the detector's errors, lifted, placed, smoothed and
grounded as the add-on does it, with speed along the line of sight held for error as anything else is, and discounted
(animation/foot_contacts.py). A foot truly stands where heel or toe of the recording is slow and low.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from anatomy_mocap.animation.foot_contacts import find_contacts, ground
from anatomy_mocap.animation.smoothing import smooth
from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.animation.tuning import TUNING
from anatomy_mocap.core.skeleton import MOCAP22
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
"""Metres a second below which a foot point truly stands, if it is not higher than contacts may be."""

ACROBAT = 85


def truly_standing(joints: np.ndarray) -> np.ndarray:
    """(T, 2, 2) bool: [left, right] x [heel, toe] of joints (T, J, 3) metres, Z up, on a floor at their lowest."""
    points = smooth_series(foot_points(joints, MOCAP22), 0.04, LIFTER_FPS)
    slow = np.linalg.norm(np.gradient(points, 1 / LIFTER_FPS, axis=0), axis=-1) < STILL
    return slow & (points[..., 2] - np.percentile(points[..., 2].min(axis=(1, 2)), 10) < TUNING.stand_height)


def row(motion, stands: np.ndarray) -> list[float]:
    """Frames of the feet that are found rightly, found wrongly and missed; slide and height of those that stand."""
    contacts, any_point = find_contacts(motion), stands.any(axis=-1)
    points = foot_points(ground(motion, contacts).joint_positions(), MOCAP22)
    slide = np.linalg.norm(np.gradient(points[..., :2], 1 / LIFTER_FPS, axis=0), axis=-1)[stands]
    height = np.abs(points[..., 2].min(axis=-1))[any_point]
    return [(contacts & any_point).sum(), (contacts & ~any_point).sum(), (~contacts & any_point).sum(),
            slide.sum(), len(slide), height.sum(), len(height)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="the motion set (.npz)")
    _, held_out = split(load_mocap(parser.parse_args().data))
    found: dict[tuple[str, str], list] = {}
    for clip in range(len(held_out)):
        joints, _ = moving(held_out, clip, subjects_body(held_out, clip), LIFTER_FPS)
        stands = truly_standing(joints[0].astype(float))
        who = f"{ACROBAT}" if held_out.subject[clip] == ACROBAT else "the others"
        for view in VIEWS:
            seen = simulate_clip(held_out, clip, view)
            lifted = lift(seen.keypoints, seen.camera, device="cpu")
            motion = smooth(solve(place(lifted, seen.keypoints, seen.keypoints, seen.camera, {})), SMOOTHING)
            for name, one in (("all speed alike", replace(motion, eye=None)), ("along the sight less", motion)):
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
