"""Measures whether errors and speed stay the same in long clips: one motion, repeated from seconds to minutes.

    python -m benchmarks.long_clips --data SET

Validation clips are played forwards and backwards again and again, so that their paths are continuous. Columns:

    camera, frames    number of the benchmark's camera; length of the repeated clip
    lengths mm        mean error of the bone lengths
    MPJPE, P-MPJPE    mean joint position error with the hips at the origin; the same after alignment to the truth
    frames/s          speed of lifting and fitting together
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import numpy as np

from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.pipeline import lift_keypoints
from anatomy_mocap.settings import CaptureSettings
from benchmarks.machine import machine
from training.measure import metrics
from training.mocap.dataset import load_mocap, split
from training.simulate.simulate_clip import simulate_clip

CLIPS = ("86_01", 1), ("86_09", 4), ("09_12", 2)
"""(validation clip, number of the benchmark's camera)."""

TIMES = 1, 4, 16


def row(clip, times: int) -> list[float]:
    """Return frames, bone length error (mm), MPJPE (mm), P-MPJPE (mm), and frames a second of lifting and fitting."""
    there = np.arange(len(clip.keypoints))
    index = np.concatenate([np.concatenate([there, there[::-1]])] * times)[: times * len(there)]
    keypoints = replace(clip.keypoints[index], times=np.arange(len(index)) / clip.keypoints.fps)
    started = time.perf_counter()
    take = drain(lift_keypoints(keypoints, clip.camera, CaptureSettings(device="cpu"), {"warnings": [], "seconds": {}}))
    seconds = time.perf_counter() - started
    found = MOCAP22.joint_positions(take.bone_lengths, take.directions, np.zeros(3))
    true = clip.joints[index] - clip.joints[index, :1]
    return [len(index), 1000 * metrics.bone_length_error(take.bone_lengths, clip.lengths),
            1000 * metrics.mpjpe(found, true), 1000 * metrics.p_mpjpe(found, true), len(index) / seconds]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="motion set (.npz)")
    _, held_out = split(load_mocap(parser.parse_args().data))
    print(machine())
    print(f"{'clip':10}{'camera':>8}{'frames':>9}{'lengths mm':>13}{'MPJPE mm':>11}{'P-MPJPE mm':>13}{'frames/s':>11}")
    for name, view in CLIPS:
        clip = simulate_clip(held_out, list(held_out.names).index(name), view)
        for times in TIMES:
            frames, lengths, mpjpe, aligned, speed = row(clip, times)
            print(f"{name:10}{view:8}{frames:9}{lengths:13.1f}{mpjpe:11.1f}{aligned:13.1f}{speed:11.0f}")


if __name__ == "__main__":
    main()
