"""Measures the seconds that the fits to the picture take while every core of the machine is busy.

    python -m benchmarks.busy TAKE.npz

TAKE.npz is a take such as out/demo.npz of `build.py demo`. Meanwhile one process a core counts. Columns (median of
three runs):

    one thread        seconds with one OpenBLAS thread, as the product runs
    its own threads   seconds with OpenBLAS' default number of threads
    times             the second divided by the first
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import time

from threadpoolctl import threadpool_info

from anatomy_mocap.core.keypoints import to_canonical
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.take import load_take
from anatomy_mocap.fitting.body_fit import fit_body
from anatomy_mocap.fitting.pose_fit import refine
from anatomy_mocap.lifting.lift import lift
from benchmarks.machine import machine

ROUNDS = 3


def count(_: int) -> None:
    """Keep one core busy for ever."""
    while True:
        sum(range(10000))


def seconds(function, *arguments) -> float:
    """Return the wall seconds of one call."""
    started = time.perf_counter()
    drain(function(*arguments))
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("take", help="take whose keypoints are lifted and fitted (.npz)")
    take = load_take(parser.parse_args().take)
    keypoints = to_canonical(take.keypoints)
    lifted = drain(lift(keypoints, take.camera, device="cpu"))
    cores = os.cpu_count() or 1
    pools = ", ".join(str(pool["num_threads"]) for pool in threadpool_info() if pool["user_api"] == "blas")
    others = [multiprocessing.Process(target=count, args=(core,), daemon=True) for core in range(cores)]
    for other in others:
        other.start()
    print(f"{machine()}; {len(take)} frames, {cores} busy processes, OpenBLAS threads by default: {pools}")
    print("seconds     one thread  its own threads  times")
    body = drain(fit_body(lifted, keypoints, take.camera))
    fits = {"fit_body": (fit_body, (lifted, keypoints, take.camera)),
            "refine": (refine, (lifted, body, take.root_positions, keypoints, take.camera))}
    for name, (fit, arguments) in fits.items():
        found = [(seconds(fit, *arguments), seconds(fit.__wrapped__, *arguments)) for _ in range(ROUNDS)]
        one, own = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"{name:12}{one:10.3f}{own:17.3f}{own / one:7.0f}")
    for other in others:
        other.terminate()


if __name__ == "__main__":
    main()
