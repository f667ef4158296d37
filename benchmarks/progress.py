"""How often a capture of a long keypoint clip yields, and how far its bar moves. `python -m benchmarks.progress TAKE`

The keypoints of a take, played forwards and backwards with noise until they fill 15,000 frames, are written as .npz and
as one JSON file and captured. For each stage: the longest time between two steps, which is how long a cancel waits, by
the clock and by the processor time of the process, and the fractions between which the bar moves. Other programs
lengthen the time by the clock; threads of the network that run side by side are added up in the processor time.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass
class Row:
    """One stage. seconds, steps: in all. pause, busy: the longest between two steps, by the clock and by the processor,
    seconds. first, last: fractions of the bar. rises: whether the fractions never fall."""

    first: float
    seconds: float = 0.0
    steps: int = 0
    pause: float = 0.0
    busy: float = 0.0
    last: float = 0.0
    rises: bool = True

    def add(self, seconds: float, busy: float) -> None:
        """Count the time before a step."""
        self.seconds += seconds
        self.pause, self.busy = max(self.pause, seconds), max(self.busy, busy)


def written(keypoints: Keypoints2D, folder: Path) -> Iterator[Path]:
    """The long clip in two formats."""
    index = np.arange(FRAMES) % (2 * len(keypoints) - 2)
    index = np.where(index < len(keypoints), index, 2 * len(keypoints) - 2 - index)
    xy, score = keypoints.xy[index], keypoints.score[index]
    xy = xy + np.random.default_rng(0).normal(scale=NOISE, size=xy.shape)
    np.savez(folder / "clip.npz", xy=xy, score=score, layout=keypoints.layout, fps=keypoints.fps,
             width=keypoints.width, height=keypoints.height)
    yield folder / "clip.npz"
    rows = zip(xy.round(2).tolist(), score.round(4).tolist(), strict=True)
    frames = [{"frame_id": number, "instances": [{"keypoints": points, "keypoint_scores": values}]}
              for number, (points, values) in enumerate(rows)]
    (folder / "clip.json").write_text(json.dumps(frames))
    yield folder / "clip.json"


def observed(path: Path, settings: CaptureSettings) -> dict[str, Row]:
    """The stages of a capture by name."""
    rows: dict[str, Row] = {}
    before = time.perf_counter(), time.process_time()
    for step in capture(path, settings):
        row = rows.setdefault(step.stage, Row(step.fraction, last=step.fraction))
        row.add(time.perf_counter() - before[0], time.process_time() - before[1])
        row.rises &= step.fraction >= row.last
        row.steps, row.last = row.steps + 1, step.fraction
        before = time.perf_counter(), time.process_time()
    row.add(time.perf_counter() - before[0], time.process_time() - before[1])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("take", help="a take (.npz), for its keypoints")
    keypoints = load_take(parser.parse_args().take).keypoints
    settings = CaptureSettings(device="cpu", layout=keypoints.layout, size=(keypoints.width, keypoints.height))
    print(f"{machine()}; {FRAMES} frames")
    print(f"{'file':10}{'stage':12}{'seconds':>9}{'steps':>7}{'longest pause, s':>18}{'its processor time':>20}"
          f"{'bar from':>10}{'to':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for path in written(keypoints, Path(folder)):
            for name, row in observed(path, settings).items():
                print(f"{path.name:10}{name:12}{row.seconds:9.1f}{row.steps:7}{row.pause:18.3f}{row.busy:20.3f}"
                      f"{row.first:10.0%}{row.last:6.0%}{'' if row.rises else '  falls'}", flush=True)


if __name__ == "__main__":
    main()
