"""Measures whether errors and speed stay the same in long clips: one motion, repeated from seconds to minutes.

    python -m benchmarks.long_clips --data SET
    python -m benchmarks.long_clips --data SET --memory [--lengths 4000,16000,108000]

Validation clips are played forwards and backwards again and again, so that their paths are continuous. Columns:

    camera, frames    number of the benchmark's camera; length of the repeated clip
    lengths mm        mean error of the bone lengths
    MPJPE, P-MPJPE    mean joint position error with the hips at the origin; the same after alignment to the truth
    frames/s          speed of lifting and fitting together

With --memory a keypoint file of each length, as .npz and as COCO's JSON, is captured in a process of its own:

    file, frames      the kind of file; frames, at 30 a second
    peak MB           highest resident memory of the command `capture`, from its start to the written take
    growth            MB for 1000 frames more than the shortest clip of this kind
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.pipeline import lift_keypoints
from anatomy_mocap.settings import CaptureSettings
from benchmarks.machine import machine
from training import metrics
from training.mocap.dataset import load_mocap, split
from training.simulate.simulate_clip import simulate_clip

CLIPS = ("86_01", 1), ("86_09", 4), ("09_12", 2)
"""(validation clip, number of the benchmark's camera)."""

TIMES = 1, 4, 16

LENGTHS = 4000, 16000, 108000
"""Frames of the clips whose memory is measured; the last one is an hour."""

_CAPTURE = """
import sys
from anatomy_mocap.cli import main
from benchmarks.speed_engine import peak
code = main(sys.argv[1:])
print(peak())
sys.exit(code)
"""


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


def keypoint_files(clip, frames: int, folder: Path) -> list[Path]:
    """A clip, played forwards and backwards to this length, as keypoint files: our own .npz, and COCO's results."""
    there = np.arange(len(clip.keypoints))
    index = np.resize(np.concatenate([there, there[::-1]]), frames)
    xy, score = clip.keypoints.xy[index].astype(np.float32), clip.keypoints.score[index].astype(np.float32)
    own, coco = folder / f"{frames}.npz", folder / f"{frames}.json"
    np.savez(own, xy=xy, score=score, layout=clip.keypoints.layout, fps=30.0, width=clip.camera.width,
             height=clip.camera.height)
    points = np.concatenate([xy, score[..., None]], axis=-1)[:, :17].round(3)  # COCO's 17 come first
    coco.write_text(json.dumps([{"image_id": number, "category_id": 1, "keypoints": one.ravel().tolist(), "score": 1.0}
                                for number, one in enumerate(points.astype(float))]), encoding="utf-8")
    return [own, coco]


def peak_of_capture(file: Path) -> float:
    """MB: the highest memory of the command `capture` of a keypoint file, from its start to the written take."""
    words = ["capture", str(file), "-o", str(file.with_suffix(".take.npz")), "--device", "cpu", "--quiet"]
    done = subprocess.run([sys.executable, "-c", _CAPTURE, *words], check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def memory(held_out, lengths: list[int]) -> None:
    """Print the peak memory of captures of these lengths."""
    name, view = CLIPS[0]
    clip = simulate_clip(held_out, list(held_out.names).index(name), view)
    print(f"{'file':8}{'frames':>9}{'peak MB':>10}{'growth':>9}")
    first: dict[str, tuple[int, float]] = {}
    for frames in lengths:
        with tempfile.TemporaryDirectory() as folder:
            for file in keypoint_files(clip, frames, Path(folder)):
                used = peak_of_capture(file)
                start, least = first.setdefault(file.suffix, (frames, used))
                growth = f"{1000 * (used - least) / (frames - start):9.2f}" if frames > start else f"{'-':>9}"
                print(f"{file.suffix:8}{frames:9}{used:10.0f}{growth}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="../shared/data/mocap/cmu17.npz", help="motion set (.npz)")
    parser.add_argument("--memory", action="store_true", help="measure peak memory in place of errors and speed")
    parser.add_argument("--lengths", default=",".join(map(str, LENGTHS)), help="frames, comma-separated")
    given = parser.parse_args()
    _, held_out = split(load_mocap(given.data))
    print(machine())
    if given.memory:
        memory(held_out, [int(length) for length in given.lengths.split(",")])
        return
    print(f"{'clip':10}{'camera':>8}{'frames':>9}{'lengths mm':>13}{'MPJPE mm':>11}{'P-MPJPE mm':>13}{'frames/s':>11}")
    for name, view in CLIPS:
        clip = simulate_clip(held_out, list(held_out.names).index(name), view)
        for times in TIMES:
            frames, lengths, mpjpe, aligned, speed = row(clip, times)
            print(f"{name:10}{view:8}{frames:9}{lengths:13.1f}{mpjpe:11.1f}{aligned:13.1f}{speed:11.0f}")


if __name__ == "__main__":
    main()
