"""Measures how much of fast movements several smoothing filters preserve at equal jitter.

    python -m benchmarks.smoothing [SHARED_DATA]

Validation clips of CMU mocap are solved to rotations, with slow and white noise on the directions as in a lifter's
output. Each filter gets the strength that lowers the mean third difference of the joints to the true motion's. Columns:

    seconds           the filter's strength
    mm, mm/frame      mean position error and mean velocity error against the true motion
    fast moves left   speed of wrists and ankles in their fastest 1 % of frames, divided by the true speed
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import brentq
from scipy.signal import butter, savgol_filter, sosfiltfilt

from anatomy_mocap.animation import smoothing
from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.maths.banded_least_squares import penalty_bands, penalty_strength, smooth_fit
from anatomy_mocap.maths.rotations import continuous
from benchmarks.cmu import FPS, load
from benchmarks.machine import machine
from benchmarks.noise import noisy_directions

CLIPS = ("09_12", "86_01", "86_09", "69_70", "131_02", "131_04", "85_02", "09_03")
FAST = ("left_wrist", "right_wrist", "left_ankle", "right_ankle")


def gaussian(values, seconds):
    """Apply a Gaussian filter with gain 1/2 at the frequency 1 / (2 seconds), with odd reflection at the ends."""
    sigma = np.sqrt(2 * np.log(2)) / np.pi * seconds * FPS
    pad = min(len(values) - 1, int(4 * sigma) + 1)
    wide = np.concatenate([2 * values[:1] - values[pad:0:-1], values, 2 * values[-1:] - values[-2:-pad - 2:-1]])
    return gaussian_filter1d(wide, sigma, axis=0)[pad:pad + len(values)]


def butterworth(values, seconds):
    """Apply a Butterworth filter of second order forwards and backwards, with odd padding."""
    cutoff = min(1.0 / (2 * seconds) / (FPS / 2), 0.99)
    return sosfiltfilt(butter(2, cutoff, output="sos"), values, axis=0)


def savitzky_golay(values, seconds):
    """Apply a cubic Savitzky-Golay filter over a window of 2.8 x seconds."""
    window = max(2 * int(1.4 * seconds * FPS) + 1, 5)
    return savgol_filter(values, min(window, len(values) - 1 + len(values) % 2), 3, axis=0)


def whittaker(values, seconds, order):
    """Solve penalised least squares with differences of this order (Whittaker-Henderson smoothing)."""
    penalty = penalty_bands(len(values), order, penalty_strength(seconds, FPS, order))
    return smooth_fit(values, np.ones(len(values)), penalty)


FILTERS = {
    "penalised, 1st difference": partial(whittaker, order=1), "penalised, 2nd difference": partial(whittaker, order=2),
    "Gaussian": gaussian, "Butterworth twice": butterworth, "Savitzky-Golay": savitzky_golay,
    "two strengths (the product's)": None}


def filtered(motion, fit, seconds):
    """Apply `fit(values, seconds)` to the motion's rotations and root. None stands for the product's filter."""
    if fit is None:
        return smoothing.smooth(motion, seconds)
    frames = len(motion)
    rotations = fit(continuous(motion.rotations).reshape(frames, -1), seconds).reshape(motion.rotations.shape)
    return replace(motion, rotations=rotations / np.linalg.norm(rotations, axis=-1, keepdims=True),
                   root_positions=fit(motion.root_positions, seconds))


def jitter(positions) -> float:
    """Return the mean magnitude of the third difference in m/s3."""
    return float(np.linalg.norm(np.diff(positions, 3, axis=0), axis=-1).mean() * FPS**3)


def measure(fit, pairs) -> dict[str, float]:
    """Return the strength at equal jitter, and the errors and the ratio of fast speeds at it, as means over clips."""
    goal = np.mean([jitter(true.joint_positions()) for true, _ in pairs])

    def excess(seconds):
        return np.mean([jitter(filtered(rough, fit, seconds).joint_positions()) for _, rough in pairs]) - goal

    seconds = brentq(excess, 0.02, 0.6, xtol=2e-3)
    rows = []
    for true, rough in pairs:
        truth, found = true.joint_positions(), filtered(rough, fit, seconds).joint_positions()
        joints = [MOCAP22.index(name) for name in FAST]
        speed, kept = (np.linalg.norm(np.diff(p[:, joints] - p[:, :1], axis=0), axis=-1) for p in (truth, found))
        fast = speed > np.percentile(speed, 99)
        rows.append([np.linalg.norm(found - truth, axis=-1).mean() * 1000,
                     np.linalg.norm(np.diff(found - truth, axis=0), axis=-1).mean() * 1000,
                     kept[fast].mean() / speed[fast].mean()])
    error, velocity, left = np.mean(rows, axis=0)
    return {"seconds": seconds, "mm": error, "mm/frame": velocity, "fast moves left": left}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shared_data", nargs="?", type=Path, default=Path(__file__).parents[2] / "shared" / "data",
                        help="folder of the shared data, which holds mocap/ (default: %(default)s)")
    shared_data = parser.parse_args().shared_data
    print(machine())
    rng = np.random.default_rng(0)
    pairs = []
    for clip in CLIPS:
        take = take_from_positions(load(shared_data, clip), FPS)
        rough = replace(take, directions=noisy_directions(take.directions, 5.0, FPS, rng))
        pairs.append((solve(take), solve(rough)))
    print(f"{'filter':30}{'seconds':>9}{'mm':>8}{'mm/frame':>10}{'fast moves left':>17}")
    for name, fit in FILTERS.items():
        row = measure(fit, pairs)
        print(f"{name:30}{row['seconds']:9.3f}{row['mm']:8.1f}{row['mm/frame']:10.2f}{row['fast moves left']:17.3f}")


if __name__ == "__main__":
    main()
