"""Measures `--fingers` on rendered people: directions of hands and rolls of palms, before and after the look at hands.

    python -m benchmarks.hand_looks [--data SET] [--bodies FOLDER] [--rig FILE] [--first 0] [--clips 6] [--frames 30]

Clips of the set `palms` (training/rendered_people) are drawn 1200 pixels wide, in which a hand has some 40, and
captured twice: as they are, and with the hand network. It needs the bpy module. Rows and columns: see
benchmarks/palms.py; "looked at" are the frames in which the network is sure of the hand.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from anatomy_mocap.core.progress import Progress, drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.take import Take
from anatomy_mocap.hands.look import look_at_hands
from anatomy_mocap.hands.tuning import TUNING
from anatomy_mocap.pipeline import lift_keypoints
from anatomy_mocap.settings import CaptureSettings
from benchmarks.leaving import run_and_leave
from benchmarks.machine import machine
from benchmarks.palms import Samples, header, row, samples, true_palms
from training.mocap.dataset import load_mocap, split
from training.rendered_people.clip_file import RenderedClip
from training.rendered_people.clip_plan import ClipPlan, plan_clip
from training.rendered_people.motions import Motions
from training.rendered_people.produce import make_clip

WIDTH = 1200
"""Pixels of a picture's longer side."""


def large(plan: ClipPlan) -> ClipPlan:
    """The plan with larger pictures, the camera following the person."""
    view = plan.view
    scale = WIDTH / max(view.width, view.height)
    width, height = (2 * round(side * scale / 2) for side in (view.width, view.height))
    return replace(plan, view=replace(view, width=width, height=height, follows=True))


def takes_of(clip: RenderedClip, pictures: list[np.ndarray]) -> tuple[Take, Take]:
    """The take of a clip in which the person is seen in each frame, without and with the look at the hands."""
    info: dict = {"warnings": [], "seconds": {}}
    take = drain(lift_keypoints(clip.detections(), clip.camera, CaptureSettings(device="cpu"), info))
    timed = zip(clip.times - clip.times[0], pictures, strict=True)
    [looked] = drain(look_at_hands(timed, [take], "cpu", Progress("hands", 0, len(pictures), "")))
    return take, looked


def measured(options: argparse.Namespace) -> dict[str, list[Samples]]:
    """Samples of all clips, before and after."""
    motions = Motions(split(load_mocap(options.data))[1])
    found: dict[str, list[Samples]] = {"before": [], "after": []}
    for number in range(options.first, options.first + options.clips):
        pictures: list[np.ndarray] = []
        clip = make_clip(large(plan_clip("palms", number, 1, motions, options.frames)), motions, options.bodies,
                         options.rig, saw=lambda rgb, kept=pictures: kept.append(rgb.copy()))
        if not clip.detected.all():
            continue
        before, after = takes_of(clip, pictures)
        sure = (after.finger_presence >= TUNING.presence).T.ravel()
        for name, take in (("before", before), ("after", after)):
            own = samples(take, clip.in_camera()[:, : len(MOCAP22)], true_palms(clip), "all")
            found[name].append({**own, "sure": sure})
    return found


def main() -> None:
    """Print the table."""
    shared = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=shared / "mocap" / "cmu17.npz", help="the motion set")
    parser.add_argument("--bodies", type=Path, default=shared / "bodies", help="folder of MakeHuman's base.obj")
    parser.add_argument("--rig", type=Path, default=shared / "rigs" / "mpfb2" / "rig.mixamo.json",
                        help="MakeHuman's rig.mixamo.json")
    parser.add_argument("--first", type=int, default=0, help="number of the first clip; the numbers of hands/tuning.py "
                        "were chosen on clips 0 to 8")
    parser.add_argument("--clips", type=int, default=6, help="clips of the set palms (default: %(default)s)")
    parser.add_argument("--frames", type=int, default=30, help="frames of each (default: %(default)s)")
    found = measured(parser.parse_args())
    print(machine())
    print(header("hand_looks"))
    for name, parts in found.items():
        whole = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        for kind, chosen in (("all", np.ones(len(whole["sure"]), dtype=bool)), ("looked at", whole["sure"])):
            print(row(f"{name}, {kind}", whole, chosen))


if __name__ == "__main__":
    run_and_leave(main)
