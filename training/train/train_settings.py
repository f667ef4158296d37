"""The options of a training, and its schedule of learning rate and batch norm momentum."""

from __future__ import annotations

import math
from dataclasses import dataclass

from anatomy_mocap.core.errors import MocapError

from ..argument_checks import at_least, between_0_and_1, more_than_nothing
from ..options import DEVICES, option
from ..simulate.simulate_batch import SynthSettings


@dataclass(frozen=True)
class TrainSettings:
    """Options of the command train. Raises MocapError at once for values that can't be trained with."""

    data: str = option("the motion set (.npz)")
    out: str = option("folder of the checkpoint and the log; a checkpoint that is there is continued")
    start: str | None = option("weights to start from (models/training/lifter.pt), where --out has no checkpoint", None)
    minutes: float = option("minutes of training, over all resumed runs", 80.0)
    steps: int = option("train for this many steps instead of minutes, to compare under one budget; 0: by minutes", 0)
    channels: int = option("channels C of the network", 512)
    widths: int = option("convolutions of three taps n; the window has 3^n frames", 4)
    causal: bool = option("look at the current and earlier frames only", False)
    dropout: float = option("share of the features that dropout sets to zero", 0.0)
    still: float = option("share of the training, at its start, that uses single frames instead of windows; "
                          "such a sample costs far less", 0.25)
    stills: int = option("single frames a step", 1024)
    windows: int = option("windows a step", 384)
    lengths_every: int = option("steps between two updates of the length network", 3)
    videos: int = option("videos from which the length network learns in one update", 32)
    chunks: int = option("chunks simulated from each video, 0.2 MB each", 3)
    fresh: int = option("new videos that enter the pool a step at most", 64)
    pool: int = option("videos in the pool from which windows are drawn; the network memorises a small pool", 12000)
    rate: float = option("highest learning rate", 1e-3)
    seed: int = option("seed of the weights and of all random draws", 0)
    report: float = option("minutes between two validations", 4.0)
    threads: int = option("threads of torch", 1)
    device: str = option("device of the network; auto: cuda where there is one; for several GPUs start with torchrun, "
                         "each takes steps of this size", "auto", choices=DEVICES)
    calibration: int = option("simulated videos to which the lengths' last step is fitted at the end; 0: leave that to "
                              "the command calibrate", 1200)
    bfloat16: bool = option("multiply in bfloat16 where the device has instructions for it", True)
    compile: bool = option("compile the step by torch.compile, half as fast again; needs a C++ compiler", False)
    rendered: str | None = option("folder of rendered clips with detected keypoints (command render)", None)
    detected: float = option("share of the windows that come from --rendered", 0.12)
    exact: float = option("share of the videos with exact 2D, marked by scores of 1", 0.25)
    workers: int = option("processes that simulate motion while the network's device films it, for a GPU: one for each "
                          "CPU core but one; 0: one process simulates and films", 0)
    crowd: int = option("videos whose people are kept to be filmed again, 50 kB each", 100_000)

    def __post_init__(self) -> None:
        # The length network learns from 50 frames, more than a chunk for narrower windows has; batch norms want two.
        at_least(self, widths=3, windows=2, stills=2, channels=1, videos=1, chunks=1, fresh=1, pool=1, crowd=1,
                 lengths_every=1, threads=1, steps=0, workers=0, calibration=0, seed=0, report=0, dropout=0)
        more_than_nothing(self, "minutes", "rate")
        between_0_and_1(self, "still", "detected", "exact")
        if self.dropout >= 1:
            raise MocapError(f"--dropout {self.dropout}: all features would be dropped; give less than 1")

    @property
    def simulation(self) -> SynthSettings:
        """The options of the simulator. A chunk has a window's frames and 39 more, so that windows can be drawn at many
        places."""
        return SynthSettings(self.chunks, 3**self.widths + 39, exact=self.exact)


def schedule(progress: float, rate: float) -> tuple[float, float]:
    """Learning rate and batch norm momentum at `progress` 0..1: a short rise, then a cosine; 0.1 down to 0.001."""
    warm = min(1.0, progress / 0.01 + 0.05)
    return rate * warm * (0.5 + 0.5 * math.cos(math.pi * min(progress, 1.0))) + 1e-6, 0.1 * 0.01 ** min(progress, 1.0)
