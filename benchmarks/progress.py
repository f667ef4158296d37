"""How often a capture of a long keypoint clip yields, and how far its bar moves. `python -m benchmarks.progress TAKE`

The keypoints of a take, played forwards and backwards with noise until they fill 15,000 frames, are written as .npz and
as one JSON file and captured. For each stage: the longest time between two steps, which is how long a cancel waits, and
the fractions between which the bar moves. The processor is to be idle otherwise: other programs lengthen every pause.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from anatomy_mocap.core.keypoints import Keypoints2D
from anatomy_mocap.core.take import load_take
from anatomy_mocap.pipeline import capture
from anatomy_mocap.settings import CaptureSettings
from benchmarks.machine import machine

FRAMES = 15_000
NOISE = 1.5
"""Pixels of noise (one standard deviation) on each keypoint."""


def long_clip(keypoints: Keypoints2D) -> tuple[np.ndarray, np.ndarray]:
    """xy (FRAMES, K, 2) pixels and score (FRAMES, K)."""
    index = np.arange(FRAMES) % (2 * len(keypoints) - 2)
    index = np.where(index < len(keypoints), index, 2 * len(keypoints) - 2 - index)
    noise = np.random.default_rng(0).normal(scale=NOISE, size=(FRAMES, *keypoints.xy.shape[1:]))
    return keypoints.xy[index] + noise, keypoints.score[index]


def written(keypoints: Keypoints2D, folder: Path) -> Iterator[Path]:
    """The clip in two formats."""
    xy, score = long_clip(keypoints)
    np.savez(folder / "clip.npz", xy=xy, score=score, layout=keypoints.layout, fps=keypoints.fps,
             width=keypoints.width, height=keypoints.height)
    yield folder / "clip.npz"
    rows = zip(xy.round(2).tolist(), score.round(4).tolist(), strict=True)
    frames = [{"frame_id": number, "instances": [{"keypoints": points, "keypoint_scores": values}]}
              for number, (points, values) in enumerate(rows)]
    (folder / "clip.json").write_text(json.dumps(frames))
    yield folder / "clip.json"


def observed(path: Path, settings: CaptureSettings) -> list[tuple[str, float, float, int, float, float]]:
    """Of each stage: its name, seconds, longest pause in seconds, steps, and the bar's first and last fraction."""
    rows: dict[str, list] = {}
    last = time.perf_counter()
    for step in capture(path, settings):
        now = time.perf_counter()
        row = rows.setdefault(step.stage, [0.0, 0.0, 0, step.fraction, 0.0])
        row[0] += now - last
        row[1] = max(row[1], now - last)
        row[2] += 1
        row[4] = step.fraction
        last = time.perf_counter()
    stage = next(reversed(rows))
    rows[stage][1] = max(rows[stage][1], time.perf_counter() - last)
    return [(name, *row) for name, row in rows.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("take", help="a take (.npz), for its keypoints")
    keypoints = load_take(parser.parse_args().take).keypoints
    settings = CaptureSettings(device="cpu", layout=keypoints.layout, size=(keypoints.width, keypoints.height))
    print(f"{machine()}; {FRAMES} frames")
    print(f"{'file':10}{'stage':12}{'seconds':>9}{'steps':>7}{'longest pause, s':>18}{'bar from':>10}{'to':>7}")
    with tempfile.TemporaryDirectory() as folder:
        for path in written(keypoints, Path(folder)):
            for name, seconds, pause, steps, first, final in observed(path, settings):
                print(f"{path.name:10}{name:12}{seconds:9.1f}{steps:7}{pause:18.3f}{first:10.0%}{final:7.0%}")


if __name__ == "__main__":
    main()
