"""What one may choose when training, and how the rate falls."""

from __future__ import annotations

import math
from dataclasses import dataclass

from anatomy_mocap.core.errors import MocapError

from ..argument_checks import at_least, between_0_and_1, more_than_nothing


@dataclass(frozen=True)
class TrainSettings:
    """What can't be trained with raises MocapError at once.

    data: the motion set. out: folder of checkpoints and log. minutes: of training, over all resumed runs; steps:
    train for so many instead (0: by the minutes), for comparisons under one budget.
    start: weights to begin with (models/training/lifter.pt), where the folder holds no checkpoint yet.

    channels, widths, causal, dropout: of the network. baseline: the plain temporal network that regresses joints
    instead, to compare with (`compare`); give --still 0. The first `still` of the run trains on single frames,
    `stills` of them a step, the rest on windows, `windows` of them a step (windows.py). They are drawn from a pool of
    `pool` videos of `chunks` chunks (0.2 MB each), into which up to `fresh` new ones go each step: in a small pool what
    is in it is learnt by heart while the rate is high. rendered: a folder of rendered clips as
    the detector saw them (render); `detected` of the windows come from there. The length network learns every
    `lengths_every`-th step, from `videos` videos. rate: highest learning rate. report: minutes between validations.
    threads: of torch. device: "auto" (CUDA where there is one), "cuda" or "cpu"; several GPUs through torchrun, where
    each takes steps of this size. bfloat16: products in it where the device has instructions for them, else in single
    precision. compile: by torch.compile, half as fast again (needs a C++ compiler). calibration:
    simulated videos for the lengths' last step (0: leave it to the command `calibrate`). amsgrad: as the paper; it
    remembers the first steps' large gradients and keeps the later steps small. clean: exact 2D of whole bodies and the
    true focal length, as the field's tables with "ground truth 2D" are trained; for `compare --exact`, not for use on
    video. exact: share of the videos with exact 2D in a usual training, which scores of 1 tell.
    workers: processes that simulate motion only, which the network's device films itself (on_gpu), for a GPU, one for
    each CPU core but one; 0: one process simulates everything. crowd: videos whose people are kept to be filmed again
    (50 kB each).
    """

    data: str
    out: str
    start: str = ""
    minutes: float = 80.0
    steps: int = 0
    channels: int = 512
    widths: int = 4
    causal: bool = False
    baseline: bool = False
    dropout: float = 0.0
    still: float = 0.25
    stills: int = 1024
    windows: int = 384
    lengths_every: int = 3
    videos: int = 32
    chunks: int = 3
    fresh: int = 64
    pool: int = 12000
    rate: float = 1e-3
    seed: int = 0
    report: float = 4.0
    threads: int = 1
    device: str = "auto"
    calibration: int = 1200
    bfloat16: bool = True
    compile: bool = False
    rendered: str = ""
    detected: float = 0.12
    amsgrad: bool = False
    clean: bool = False
    exact: float = 0.25
    workers: int = 0
    crowd: int = 100_000

    def __post_init__(self) -> None:
        # The length network learns from 50 frames, more than a chunk for narrower windows has; batch norms want two.
        at_least(self, widths=3, windows=2, stills=2, channels=1, videos=1, chunks=1, fresh=1, pool=1, crowd=1,
                 lengths_every=1, threads=1, steps=0, workers=0, calibration=0, seed=0, report=0, dropout=0)
        more_than_nothing(self, "minutes", "rate")
        between_0_and_1(self, "still", "detected", "exact")
        if self.dropout >= 1:
            raise MocapError(f"--dropout {self.dropout}: nothing would be left; give less than 1")
        if self.baseline and self.still:
            raise MocapError(f"--baseline with --still {self.still:g}: the plain network has no single frames to learn "
                             "from; give --still 0")
        if self.clean and self.rendered:
            raise MocapError("--clean is exact 2D, --rendered clips are as a detector saw them: give one of the two")
        if self.clean and self.workers:
            raise MocapError("--clean with --workers: the device films with a detector's errors; give --workers 0")


def schedule(progress: float, rate: float) -> tuple[float, float]:
    """Learning rate and batch norm momentum at `progress` 0..1: a short rise, then a cosine; 0.1 down to 0.001."""
    warm = min(1.0, progress / 0.01 + 0.05)
    return rate * warm * (0.5 + 0.5 * math.cos(math.pi * min(progress, 1.0))) + 1e-6, 0.1 * 0.01 ** min(progress, 1.0)
