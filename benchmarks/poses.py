"""Measures the pose error from exact 2D for poses of several kinds.

    python -m benchmarks.poses --data cmu17.npz

Rows: a kind of poses for clips of the training subjects, of the everyday validation subjects and of the acrobat among
the validation subjects. "as recorded" changes speed and playing direction only; "as trained on" applies training's
augmentation; "turned" turns the whole body; "free" moves trunk and limbs through the ranges of their joints. The bodies
vary as people do, the keypoints lie where the shipped detector finds them, and the cameras are random. The joints are
composed with the true bone lengths, so the pose alone is measured. Columns:

    MPJPE, P-MPJPE    mean error and standard error over chunks of motion; it leaves out the small number of subjects
    frames %, P-...   for each range of the trunk's angle from upright: percentage of the frames, P-MPJPE in mm
"""

from __future__ import annotations

import argparse

import numpy as np
import torch

from anatomy_mocap.core.skeleton import MOCAP22
from benchmarks.machine import machine
from training.measure import metrics
from training.measure.evaluate import ACROBAT, SEVENTEEN
from training.mocap.dataset import MocapSet, load_mocap, split
from training.mocap.joint_range_motion import freestyled
from training.mocap.mirror_and_tilt import tilted
from training.network.checkpoint import load_model
from training.network.lifter import Lifter
from training.simulate.simulate_batch import Batch, SynthSettings, make_batch
from training.train.losses import Tensors, joints_of

FRAMES = 60
"""Frames of a chunk, without the padding that the network needs."""

LEANINGS = ((0, 20), (20, 45), (45, 75), (75, 105), (105, 180))
"""Ranges of the trunk's angle from upright (degrees) for the last columns."""

_NECK = MOCAP22.index("neck")


def recorded(_rng, directions: np.ndarray, positions: np.ndarray):
    """Leave the recorded poses unchanged."""
    return directions, positions


def turned(rng, directions: np.ndarray, positions: np.ndarray):
    """Turn every body as a whole: lying, leaning, upside down, turning over."""
    directions, root = tilted(rng, directions, positions[:, :, 0], 1.0)
    return directions, positions + (root - positions[:, :, 0])[:, :, None]


def free(rng, directions: np.ndarray, positions: np.ndarray):
    """Move trunk and limbs of every body freely within the ranges of their joints."""
    return freestyled(rng, directions, share=1.0)[0], positions


def free_and_turned(rng, directions: np.ndarray, positions: np.ndarray):
    """Move trunk and limbs freely, then turn the whole body."""
    return turned(rng, *free(rng, directions, positions))


KINDS = {"as recorded": recorded, "as trained on": None, "turned": turned, "free": free,
         "free and turned": free_and_turned}
"""Title -> augmentation for `make_batch`: (rng, directions, positions) -> (directions, positions), both (B, T, J, 3).
None stands for training's own augmentation."""


def simulated(mocap: MocapSet, videos: int, augmented, padding: int) -> Batch:
    """Simulate `videos` videos of two chunks each with exact 2D. A chunk has FRAMES + padding frames."""
    settings = SynthSettings(2, FRAMES + padding, exact=1.0, body_spread=1.0, focal_spread=0.0, missing=0.0,
                             shipped=1.0)
    return make_batch(np.random.default_rng(7), mocap, videos, settings, augmented=augmented)


@torch.no_grad()
def errors(model: Lifter, batch: Batch) -> tuple[np.ndarray, ...]:
    """Return four arrays (F,) over the valid frames: MPJPE (mm), P-MPJPE (mm), the trunk's angle from upright (degrees)
    and the number of the frame's chunk."""
    tensors = Tensors.of(batch, 2)
    bones = model.directions(tensors.xy, tensors.score)[-1][:, :, :-1]
    before, after = model.config.padding
    crop = slice(before, tensors.xy.shape[1] - after)
    valid = tensors.valid[:, crop]
    chunk = np.broadcast_to(np.arange(len(valid))[:, None], valid.shape)[valid.numpy()]
    found, true = (joints_of(part, tensors.lengths[:, 1:])[valid].numpy()
                   for part in (bones, tensors.directions[:, crop, 1:]))
    up = tensors.up[:, crop][valid].numpy()
    trunk = true[:, _NECK] / np.linalg.norm(true[:, _NECK], axis=-1, keepdims=True)
    angle = np.degrees(np.arccos(np.clip((trunk * up).sum(axis=-1), -1, 1)))
    found, true = found[:, SEVENTEEN], true[:, SEVENTEEN]
    off = np.linalg.norm(found - true, axis=-1).mean(axis=-1)
    aligned = np.linalg.norm(metrics.similarity_aligned(found, true) - true, axis=-1).mean(axis=-1)
    return 1000 * off, 1000 * aligned, angle, chunk


def _with_error(values: np.ndarray, chunk: np.ndarray) -> str:
    """Format the mean over chunks and its standard error."""
    means = np.array([values[chunk == index].mean() for index in np.unique(chunk)])
    return f"{means.mean():8.1f} +- {means.std(ddof=1) / np.sqrt(len(means)):3.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="motion set (.npz)")
    parser.add_argument("--checkpoint", default="models/training/lifter.pt",
                        help="checkpoint to measure (default: %(default)s)")
    parser.add_argument("--videos", type=int, default=100,
                        help="number of simulated videos in a row, each of two chunks (default: %(default)s)")
    arguments = parser.parse_args()
    model = load_model(arguments.checkpoint)
    train, held_out = split(load_mocap(arguments.data))
    print(machine())
    leaning = ", ".join(f"{low}-{high}" for low, high in LEANINGS)
    print(f"{'poses':18}{'clips of':22}{'MPJPE mm':>15}{'P-MPJPE mm':>15}"
          f"   frames % and P-MPJPE mm where the trunk leans by {leaning} degrees")
    for title, augmented in KINDS.items():
        for name, mocap in (("training", train), ("validation, everyday", held_out.chosen(held_out.subject != ACROBAT)),
                            ("validation, acrobat", held_out.chosen(held_out.subject == ACROBAT))):
            off, aligned, angle, chunk = errors(
                model, simulated(mocap, arguments.videos, augmented, sum(model.config.padding)))
            line = f"{title:18}{name:22}{_with_error(off, chunk):>15}{_with_error(aligned, chunk):>15}  "
            for low, high in LEANINGS:
                some = (angle >= low) & (angle < high)
                line += f"{100 * some.mean():5.0f} {aligned[some].mean():3.0f}" if some.any() else f"{0:5}   -"
            print(line, flush=True)


if __name__ == "__main__":
    main()
