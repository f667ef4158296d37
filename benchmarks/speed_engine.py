"""Runs the product's engine once, in this process alone, for `benchmarks.speed`; prints its cost as one JSON line.

    python -m benchmarks.speed_engine VIDEO --mode default --person largest [--lift | --stages]

All calls of the product's engine are in `engine`, those of its parts in `parts`.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Generator, Iterator

import numpy as np

from anatomy_mocap.core.camera import DEFAULT_FOV, Camera
from anatomy_mocap.core.keypoints import Keypoints2D, even_rate_steps
from anatomy_mocap.core.progress import drain
from anatomy_mocap.people.watch import QUALITIES
from anatomy_mocap.pipeline import lift_keypoints, trim
from anatomy_mocap.settings import CaptureSettings
from anatomy_mocap.sources.video import open_video

MODES = QUALITIES
"""The modes of the engine."""


def engine(path: str, mode: str, person: str) -> Generator[object, None, list[Keypoints2D]]:
    """The 2D stage of a capture, from the file to the keypoints of each person, step by step. mode: one of MODES."""
    from anatomy_mocap.people.watch import watch

    with open_video(path) as source:
        clip = yield from watch(source, "cpu", person, mode)
    return [one.keypoints for one in clip.people]


def parts(mode: str, frames: list[np.ndarray]) -> Iterator[tuple[str, Callable[[np.ndarray], object]]]:
    """Each network stage of the engine by itself, as a function of a picture (H, W, 3)."""
    from anatomy_mocap.people.detect_people import PersonDetector
    from anatomy_mocap.people.pose2d import PoseEstimator, seed_region

    assert mode in MODES
    detector = PersonDetector()
    estimator = PoseEstimator("cpu", "blazepose_full" if mode == "fast" else "blazepose_heavy", threads=1)
    people = next(found for found in map(detector.detect, frames) if found)
    region = seed_region(people[0])
    yield "look", detector.detect
    yield "pose", lambda rgb: estimator.estimate(rgb, region)


def spent() -> float:
    """CPU seconds, user and system, of this process and of its finished children."""
    return sum(os.times()[:4])


def peak() -> float:
    """Highest memory of this process, MB; NaN where the system does not tell (it does on Linux).

    getrusage is no help: it counts what the parent had when it started this process.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as lines:
            return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return float("nan")


def run(path: str, mode: str, person: str, lift: bool) -> dict:
    """Frames, people, wall and CPU seconds of the 2D stage, seconds to the first progress, peak memory; with `lift`
    also the seconds of lifting and fitting everybody."""
    wall, cpu, first = time.perf_counter(), spent(), None
    steps = engine(path, mode, person)
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            found = end.value
            break
        if first is None and getattr(step, "done", 1):
            first = time.perf_counter() - wall
    result = {"frames": max(map(len, found), default=0), "people": len(found), "wall": time.perf_counter() - wall,
              "cpu": spent() - cpu, "first": first, "peak": peak()}
    if lift:
        wall, cpu = time.perf_counter(), spent()
        for each in found:
            camera = Camera.from_fov(each.width, each.height, DEFAULT_FOV)
            even = trim(drain(even_rate_steps(each)), [])
            drain(lift_keypoints(even, camera, CaptureSettings(device="cpu"), {"warnings": [], "seconds": {}}))
        result |= {"lift wall": time.perf_counter() - wall, "lift cpu": spent() - cpu}
    return result


def stages(path: str, mode: str, most: int = 60) -> dict:
    """Milliseconds of wall and CPU a frame of decoding, and a call of each network stage, each by itself."""
    wall, cpu, frames, count = time.perf_counter(), spent(), [], 0
    with open_video(path) as source:
        for _, rgb in source:
            count += 1
            if count <= most:
                frames.append(rgb)
    result = {"decode": [1000 * (time.perf_counter() - wall) / count, 1000 * (spent() - cpu) / count]}
    for name, part in parts(mode, frames):
        part(frames[0])
        wall, cpu = time.perf_counter(), spent()
        for rgb in frames:
            part(rgb)
        result[name] = [1000 * (time.perf_counter() - wall) / len(frames), 1000 * (spent() - cpu) / len(frames)]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("video")
    parser.add_argument("--mode", default="default", choices=MODES)
    parser.add_argument("--person", default="largest")
    parser.add_argument("--lift", action="store_true")
    parser.add_argument("--stages", action="store_true")
    given = parser.parse_args()
    if given.stages:
        print(json.dumps(stages(given.video, given.mode)))
    else:
        print(json.dumps(run(given.video, given.mode, given.person, given.lift)))


if __name__ == "__main__":
    main()
