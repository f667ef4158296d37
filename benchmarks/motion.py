"""Measures the motion after each stage, from the take to the evaluated rig, beside the truth and by kind of motion.

    python -m benchmarks.motion --data SET [--rendered FOLDER] [--clips 1] [--kinds walk,lie] [--no-rig] [--fresh]

Validation clips of CMU and made-up acts (sit, kneel, lie: training/mocap/made_up_acts.py) pass through the simulated
camera and detector; clips of `python -m training render` through the true detector. Takes are lifted once and kept in
out/motion (--fresh lifts them again), so that a run takes seconds. Everything else is today's code with its default
settings. Stages: truth (the recording itself); take; solved (full rotations); smoothed; grounded; rig (the evaluated
armature and mesh of --rig). Columns:

    tilt          degrees between the found and the true up direction
    F1            of the contacts that a user gets (those of the take) against feet that stand in truth (slow and low in
                  the recording)
    slide, median mean and median mm a frame, at 25 frames a second, of heels and toes that stand in truth
    hands         mean mm a frame of wrists that rest on the floor in truth
    below95, worst   mm below the floor: 95th percentile and worst of all frames; joints with radii, of the rig its mesh
    bend          degrees by which standing legs that are straight in the take bend more than in the take
    true bend     degrees by which standing legs that are straight in truth bend more than there
    accel, jerk   mean acceleration and jerk of the joints, relative to the truth's
    P-MPJPE       mm, of the twelve limb joints; of the rig its pose on the person (motion_rig.py)
    hand dir      degrees between the hand's direction and the true one, camera axes; of the rig likewise
    pops          sudden turns and jumps in 1000 frames
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from anatomy_mocap.animation.animate import animate_and_tell
from anatomy_mocap.animation.smoothing import smooth
from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.motion import Motion
from anatomy_mocap.core.take import Take
from anatomy_mocap.measuring.floor_depth import body_depths
from anatomy_mocap.settings import GROUNDING, SMOOTHING
from anatomy_mocap.touch.take_contacts import take_contacts
from benchmarks.machine import machine
from benchmarks.motion_clips import EVERYDAY, KINDS, Truth, rendered, simulated
from benchmarks.motion_scores import COLUMNS, Samples, figures, pooled, samples
from training.mocap.dataset import load_mocap, split

STAGES = ("truth", "take", "solved", "smoothed", "grounded", "rig")


def stages_of(truth: Truth, take: Take) -> Iterator[tuple[str, Samples, Motion | None]]:
    """Name, samples and motion of each stage before the rig; the truth itself first."""
    turn, joints = take.world_from_camera[:3, :3], take.joint_positions()

    def scored(found: np.ndarray, contacts: np.ndarray | None) -> Samples:
        return samples(found, body_depths(found), turn, truth, joints, contacts)

    yield "truth", samples(truth.joints, body_depths(truth.joints), truth.turn, truth, joints, None), None
    yield "take", scored(joints, None), None
    motion = solve(take)
    yield "solved", scored(motion.joint_positions(), take_contacts(take, motion).feet), motion
    done = animate_and_tell(take, SMOOTHING, GROUNDING)
    smoothed, contacts = smooth(motion, SMOOTHING), done.contacts.feet
    yield "smoothed", scored(smoothed.joint_positions(), contacts), smoothed
    yield "grounded", scored(done.motion.joint_positions(), contacts), done.motion


def table(title: str, rows: dict[str, dict[str, list[Samples]]]) -> list[str]:
    """Lines of a table: for each kind, and for all together, a row for each stage."""
    kinds = [kind for kind in KINDS if kind in rows]
    together = {kind: rows[kind] for kind in kinds}
    for name, some in (("everyday", [kind for kind in kinds if kind in EVERYDAY]), ("all", kinds)):
        if len(some) > 1:
            together[name] = {stage: [part for kind in some for part in rows[kind].get(stage, [])] for stage in STAGES}
    lines = [f"{title}", f"{'kind':10}{'stage':10}{'frames':>7}" + "".join(f"{name:>11}" for name in COLUMNS)]
    for kind, by_stage in together.items():
        for stage in STAGES:
            if not (parts := by_stage.get(stage)):
                continue
            whole = pooled(parts)
            found = figures(whole)
            cells = "".join(f"{'-':>11}" if np.isnan(found[name]) else f"{found[name]:11.{digits}f}"
                            for name, digits in COLUMNS.items())
            lines.append(f"{kind:10}{stage:10}{int(whole['frames'].sum()):7}{cells}")
    return lines


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="../shared/data/mocap/cmu17.npz", help="motion set (.npz)")
    parser.add_argument("--rendered", type=Path, action="append", default=[], help="folder of rendered clips; may be "
                        "given several times")
    parser.add_argument("--clips", type=int, help="at most so many clips of a kind (default: all)")
    parser.add_argument("--kinds", default=",".join(KINDS), help="kinds, comma-separated")
    parser.add_argument("--no-rig", action="store_true", help="leave the evaluated rig out")
    parser.add_argument("--rig", type=Path, default=Path("../shared/data/rigs/unreal/human-male.glb"),
                        help="the character")
    parser.add_argument("--no-simulated", action="store_true", help="rendered clips alone")
    parser.add_argument("--each", action="store_true", help="also print a table of each clip")
    parser.add_argument("--fresh", action="store_true", help="lift all takes again")
    parser.add_argument("--cache", type=Path, default=Path("out/motion"), help="folder of the lifted takes")
    given = parser.parse_args()
    given.kinds = tuple(given.kinds.split(","))
    if unknown := set(given.kinds) - set(KINDS):
        parser.error(f"unknown kinds {', '.join(sorted(unknown))}; choose of {', '.join(KINDS)}")
    return given


def measure(title: str, clips: Iterator[tuple[Truth, Take]], given: argparse.Namespace) -> None:
    """Print the table of a set of clips."""
    rows: dict[str, dict[str, list[Samples]]] = {}
    for truth, take in clips:
        own: dict[str, list[Samples]] = {}
        for stage, found, _ in stages_of(truth, take):
            own.setdefault(stage, []).append(found)
        if not given.no_rig:
            from benchmarks.motion_rig import evaluated

            rig = evaluated(take, truth.name, given.rig)
            own["rig"] = [samples(rig.joints, rig.depth, take.world_from_camera[:3, :3], truth, take.joint_positions(),
                                  None, rig.posed)]
        for stage, parts in own.items():
            rows.setdefault(truth.kind, {}).setdefault(stage, []).extend(parts)
        if given.each:
            print("\n".join(table(truth.name, {truth.kind: own})), flush=True)
    if rows:
        print("\n".join(table(title, rows)), flush=True)


def run() -> None:
    given = options()
    print(machine())
    if not given.no_simulated:
        _, held_out = split(load_mocap(given.data))
        measure("validation clips through the simulated camera and detector",
                simulated(held_out, given.cache, given.fresh, given.kinds, given.clips), given)
    for folder in given.rendered:
        measure(f"rendered people, {folder.name}",
                rendered(folder, given.cache, given.fresh, given.kinds, given.clips), given)


def main() -> None:
    if "--no-rig" in sys.argv:
        run()
    else:
        from benchmarks.leaving import run_and_leave

        run_and_leave(run)


if __name__ == "__main__":
    main()
