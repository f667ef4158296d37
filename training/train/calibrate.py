"""Fit the last step of the bone lengths: a linear map from measured lengths to the most likely true ones.

Joints that a picture leaves uncertain come out too close to each other, as the mean of all their possible places. So
lengths measured on them are too short, the more the less is seen. A linear fit over simulated videos corrects that. It
also takes invisible quantities (a person's size, most proportions) from the distribution of people.
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
"""Ridge added to the variances, metres squared: (1 cm)^2."""


@dataclass(frozen=True)
class CalibrateSettings:
    """Options of the command calibrate."""

    checkpoint: str = positional("the checkpoint of a training, in which the fit is stored")
    data: str = option("the motion set (.npz)")


def calibrate(checkpoint: str | Path, data: str, videos: int = VIDEOS) -> str:
    """Fit on the training subjects and store the fit in the checkpoint's averaged weights; returns a line with the
    error on the validation subjects."""
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
    """Lengths that the network measures in simulated videos of unaltered people: found and true, (V, J - 1) metres.
    clean: exact 2D."""
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    settings = SynthSettings(chunks=3, frames=50, augment=False, noisy=not clean)
    found, true = [], []
    for _ in range(0, videos, 20):
        tensors = Tensors.of(make_batch(rng, mocap, 20, settings), settings.chunks)
        bag = bag_of_frames(tensors, generator)
        found.append(model.bone_lengths(bag.xy, bag.score)[1].numpy())
        true.append(bag.lengths.numpy())
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
