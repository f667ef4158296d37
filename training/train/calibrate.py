"""The last step of the bone lengths: from what the network measures to what is most likely, given how people are built.

Joints that a picture leaves uncertain come out too near to each other (the mean of all that they could be), so lengths
measured on them are too short, the more the less is seen. A linear fit over simulated videos takes that out, and takes
what cannot be seen (a person's size, most of their proportions) from the distribution of people.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from anatomy_mocap.core.skeleton import MOCAP22

from ..mocap.dataset import MocapSet, load_split
from ..network.checkpoint import averaged_model, load_lifter, save_checkpoint
from ..network.lifter import Lifter
from ..options import option, positional
from ..simulate.simulate_batch import SynthSettings, make_batch
from .losses import Tensors, bag_of_frames

VIDEOS = 1200
RIDGE = 1e-4
"""Metres squared, added to the variances: a hundredth of a metre, squared."""


@dataclass(frozen=True)
class CalibrateSettings:
    """Options of the command calibrate."""

    checkpoint: str = positional("the checkpoint of a training, in which the fit is stored")
    data: str = option("the motion set (.npz)")


def calibrate(checkpoint: str | Path, data: str, videos: int = VIDEOS) -> str:
    """Fit on the training subjects, write into the checkpoint's averaged weights; returns a line that says what came
    out on the validation subjects."""
    path = Path(checkpoint)
    state, config = load_lifter(path)
    model = averaged_model({k: v for k, v in state["average"].items() if ".calibration" not in k}, config)
    train, held_out = load_split(data)
    clean = state.get("settings", {}).get("clean", False)  # of train-comparison
    weight, offset = fit(*measured_lengths(model, train, videos, 11, clean))
    network = model.bone_lengths
    network.calibration.copy_(torch.from_numpy(weight))
    network.calibration_offset.copy_(torch.from_numpy(offset))
    state["average"] |= {name: value for name, value in model.state_dict().items() if ".calibration" in name}
    save_checkpoint(path, state)
    found, true = measured_lengths(model, held_out, max(20, videos // 6), 12, clean)
    return f"calibrated: bone length error {1000 * np.abs(found - true).mean():.1f} mm on the validation subjects"


@torch.no_grad()
def measured_lengths(model: Lifter, mocap: MocapSet, videos: int, seed: int,
                     clean: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """What the network gives for simulated videos of people as they are: (V, J - 1) found and true, metres. clean:
    exact 2D."""
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    settings = SynthSettings(chunks=3, frames=50, augment=False, noisy=not clean)
    found, true = [], []
    for _ in range(0, videos, 20):
        tensors = Tensors.of(make_batch(rng, mocap, 20, settings), settings.chunks)
        xy, score, _, lengths = bag_of_frames(tensors, generator)
        found.append(model.bone_lengths(xy, score)[1].numpy())
        true.append(lengths.numpy())
    return np.concatenate(found), np.concatenate(true)


def fit(found: np.ndarray, true: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ridge regression on the mean of both sides: weight (J - 1, J - 1) and offset (J - 1,), true ~ found @ weight +
    offset."""
    both = 0.5 * (np.eye(len(MOCAP22)) + np.eye(len(MOCAP22))[MOCAP22.mirror])[1:, 1:]
    even = found.astype(float) @ both
    middle, target = even.mean(axis=0), true.mean(axis=0, dtype=float)
    spread, shared = even - middle, (even - middle).T @ (true - target) / len(even)
    weight = np.linalg.solve(spread.T @ spread / len(even) + RIDGE * np.eye(len(both)), shared)
    return both @ weight, target - middle @ weight
