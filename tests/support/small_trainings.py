"""Settings of trainings that take seconds: a network of few channels, in single precision."""

from pathlib import Path
from typing import Any

import numpy as np

from tests.support.small_motion_set import mocap_set
from training.paper.train_comparison import ComparisonSettings, ComparisonTrainer
from training.simulate.device_random import Chance
from training.simulate.simulate_batch import SynthSettings, make_batch
from training.simulate.video_pool import Pool
from training.train.train_settings import TrainSettings

FEW_VIDEOS = {"videos": 2, "fresh": 2, "pool": 4, "channels": 8, "calibration": 20, "windows": 32, "stills": 64}
"""Changes for trainings that simulate their own videos."""

_SMALL = {"data": "", "channels": 16, "bfloat16": False}


def small_training(folder: Path | str, **changes: Any) -> TrainSettings:
    """Settings of `train` with the output in `folder`."""
    return TrainSettings(**_SMALL | {"out": str(folder)} | changes)


def small_comparison(folder: Path | str, **changes: Any) -> ComparisonSettings:
    """Settings of `train-comparison` with the output in `folder`."""
    return ComparisonSettings(**_SMALL | {"out": str(folder)} | changes)


def trained_a_little(folder: Path, steps: int = 6, **changes: Any) -> Path:
    """The checkpoint of a training of some steps. changes: of the settings of `train-comparison`."""
    pool = Pool(6, 3)
    pool.add(make_batch(np.random.default_rng(0), mocap_set(), 6, SynthSettings()))
    trainer = ComparisonTrainer(small_comparison(folder, still=0.0, windows=32, videos=2, minutes=1000.0, **changes))
    for _ in range(steps):
        trainer.learn(pool, Chance(trainer.step))
    trainer.report(mocap_set())
    return trainer.path
