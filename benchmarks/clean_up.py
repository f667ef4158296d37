"""Measures what each clean-up of a take changes, on clips with known motion.

    python -m benchmarks.clean_up --data cmu17.npz [--rendered FOLDER ...] [--clips N]

Each row is the default smoothing with one clean-up more; "all" has those that are on by default. Columns: P-MPJPE, mm,
in all frames and in those in which a limb joint has a confidence below 0.5; jerk relative to the truth's; pops in 1000
frames; share of the frames that the clean-up changes by more than a millimetre, percent.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from anatomy_mocap.animation.animate import CleanUp, animate
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.measuring.pops import direction_pops, root_pops
from anatomy_mocap.measuring.smoothness import differences
from anatomy_mocap.settings import OF_TAKES, SMOOTHING
from benchmarks.machine import machine
from benchmarks.motion_clips import KINDS, rendered, simulated
from benchmarks.motion_scores import LIMBS
from training import metrics
from training.mocap.dataset import directions_of, load_mocap, split

VARIANTS = {"none": CleanUp(), "doubt 0.5": CleanUp(doubt=0.5), "doubt 1": CleanUp(doubt=1.0),
            "repair": CleanUp(repair=True), "bridge": CleanUp(bridge=True), "limits": CleanUp(limits=True),
            "all": CleanUp({}, OF_TAKES.repair, OF_TAKES.doubt, OF_TAKES.palms, OF_TAKES.limits, OF_TAKES.bridge)}


def measure(title: str, clips) -> None:
    """Print a table of a set of clips."""
    errors, doubtful = {name: [] for name in VARIANTS}, []
    jerks, pops, changed = ({name: [] for name in VARIANTS} for _ in range(3))
    true_jerk = []
    for truth, take in clips:
        doubtful.append(take.confidence[:, LIMBS].min(axis=1) < 0.5)
        true_jerk.append(differences(truth.joints, truth.fps, 3).ravel())
        plain = None
        for name, more in VARIANTS.items():
            joints = animate(take, SMOOTHING, 0.0, more).joint_positions()
            plain = joints if plain is None else plain
            aligned = metrics.similarity_aligned(joints[:, LIMBS], truth.joints[:, LIMBS])
            errors[name].append(1000 * np.linalg.norm(aligned - truth.joints[:, LIMBS], axis=-1).mean(axis=1))
            jerks[name].append(differences(joints, truth.fps, 3).ravel())
            pops[name].append(len(direction_pops(directions_of(joints)[:, 1:], MOCAP22.joint_names[1:], truth.fps))
                              + len(root_pops(joints[:, 0], truth.fps)))
            changed[name].append(np.linalg.norm(joints - plain, axis=-1).max(axis=1) > 0.001)
    if not doubtful:
        return
    low, base = np.concatenate(doubtful), np.concatenate(true_jerk).mean()
    print(f"\n{title}: {len(low)} frames, {100 * low.mean():.1f} % with a doubtful limb joint")
    print(f"{'clean-up':12}{'P-MPJPE':>9}{'doubtful':>10}{'jerk':>7}{'pops':>7}{'changed':>9}")
    for name in VARIANTS:
        error = np.concatenate(errors[name])
        print(f"{name:12}{error.mean():9.2f}{error[low].mean() if low.any() else np.nan:10.2f}"
              f"{np.concatenate(jerks[name]).mean() / base:7.2f}{1000 * sum(pops[name]) / len(low):7.2f}"
              f"{100 * np.concatenate(changed[name]).mean():9.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="../shared/data/mocap/cmu17.npz", help="motion set (.npz)")
    parser.add_argument("--rendered", type=Path, action="append", default=[], help="folder of rendered clips; may be "
                        "given several times")
    parser.add_argument("--clips", type=int, help="at most so many clips of a kind (default: all)")
    parser.add_argument("--cache", type=Path, default=Path("out/motion"), help="folder of the lifted takes")
    given = parser.parse_args()
    print(machine())
    _, held_out = split(load_mocap(given.data))
    measure("validation clips through the simulated camera and detector",
            simulated(held_out, given.cache, False, KINDS, given.clips))
    for folder in given.rendered:
        measure(f"rendered people, {folder.name}", rendered(folder, given.cache, False, KINDS, given.clips))


if __name__ == "__main__":
    main()
