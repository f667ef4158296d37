"""The training loop: resumable, on a time budget, on one CPU core or more."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, Full

import numpy as np
import torch

from ..core.keypoints import CANONICAL
from ..core.skeleton import MOCAP22
from .calibrate import calibrate
from .checkpoint import load_checkpoint, save_checkpoint, start_from
from .dataset import MocapSet, load_mocap, split
from .losses import Tensors, lifter_losses, total
from .model import Lifter, LifterConfig
from .pool import Pool
from .synth2d import Batch, SynthSettings, make_batch
from .validate import quick_validation

LARGEST_GRADIENT = 5.0
"""Norm that gradients are cut to."""

AVERAGE_EVERY = 4
"""Steps between two updates of the running average: going through all weights costs as much as many frames."""


@dataclass(frozen=True)
class TrainSettings:
    """data: the motion set. out: folder of checkpoints and log. minutes: of training, over all resumed runs.
    start: weights to begin with (models/training/lifter.pt), where the folder holds no checkpoint yet.

    channels, widths, causal, dropout: of the network. A step takes `videos` videos of `chunks` chunks from a pool of
    `pool`, into which `fresh` new ones go each step; each chunk is trained on a span of `outputs` frames.
    rate: highest learning rate. report: minutes between validations. threads: of torch.
    calibration: simulated videos for the lengths' last step. amsgrad: as the paper; it remembers the first steps' large
    gradients and keeps the later steps small.
    """

    data: str
    out: str
    start: str = ""
    minutes: float = 80.0
    channels: int = 384
    widths: int = 4
    causal: bool = False
    dropout: float = 0.0
    outputs: int = 13
    videos: int = 32
    chunks: int = 3
    fresh: int = 6
    pool: int = 360
    rate: float = 1e-3
    seed: int = 0
    report: float = 4.0
    threads: int = 1
    calibration: int = 1200
    bfloat16: bool = True
    amsgrad: bool = False


def schedule(progress: float, rate: float) -> tuple[float, float]:
    """Learning rate and batch norm momentum at `progress` 0..1: a short rise, then a cosine; 0.1 down to 0.001."""
    warm = min(1.0, progress / 0.01 + 0.05)
    return rate * warm * (0.5 + 0.5 * math.cos(math.pi * min(progress, 1.0))) + 1e-6, 0.1 * 0.01 ** min(progress, 1.0)


def _produce(queue, settings: TrainSettings, step: int, parent: int) -> None:
    """Worker process: batches, as long as the parent lives."""
    queue.cancel_join_thread()  # nobody reads what is left in it when the parent is gone
    mocap, _ = split(load_mocap(settings.data))
    rng = np.random.default_rng((settings.seed, step))
    synth = SynthSettings(settings.chunks, 3**settings.widths + 63)
    while os.getppid() == parent:
        batch = make_batch(rng, mocap, settings.fresh, synth)
        while os.getppid() == parent:
            try:
                queue.put(batch, timeout=5)
                break
            except Full:
                continue


class Average:
    """Running average of all weights and statistics; what is validated and exported."""

    def __init__(self, model: Lifter) -> None:
        self.state = {name: value.detach().clone() for name, value in model.state_dict().items()}

    def update(self, model: Lifter, step: int) -> None:
        """The average forgets over about a thousand steps, or a tenth of what there were."""
        keep = min(0.999, (1 + step) / (20 + step)) ** AVERAGE_EVERY
        for name, value in model.state_dict().items():
            if value.dtype.is_floating_point:
                self.state[name].lerp_(value, 1 - keep)
            else:
                self.state[name].copy_(value)


def build(settings: TrainSettings) -> Lifter:
    """A fresh network."""
    config = LifterConfig(len(CANONICAL), MOCAP22.parents, settings.channels, settings.widths, settings.causal)
    model = Lifter(config)
    for norm in model.norms():
        norm.drop = settings.dropout
    return model


class Trainer:
    """A network in training: its weights, their average, and how far it has come."""

    def __init__(self, settings: TrainSettings) -> None:
        self.settings = settings
        self.folder = Path(settings.out)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path, self.log = self.folder / "checkpoint.pt", self.folder / "log.jsonl"
        self.model = build(settings)
        if settings.start and not self.path.is_file():
            start_from(settings.start, self.model)
        self.average, self.step, self.seconds = Average(self.model), 0, 0.0
        self.optimiser = torch.optim.Adam(self.model.parameters(), settings.rate, amsgrad=settings.amsgrad, fused=True)
        self.sums: dict[str, float] = {}
        self.count = 0
        if self.path.is_file():
            self._resume(load_checkpoint(self.path))
        self.generator = torch.Generator().manual_seed(settings.seed + self.step)
        (self.folder / "settings.json").write_text(json.dumps(asdict(settings), indent=1))

    def _resume(self, state: dict) -> None:
        """Take over weights, average, optimiser and progress."""
        self.model.load_state_dict(state["model"], strict=False)
        self.optimiser.load_state_dict(state["optimiser"])
        self.average.state |= state["average"]
        self.step, self.seconds = state["step"], state["seconds"]

    def learn(self, batch: Batch) -> None:
        """One step."""
        rate, momentum = schedule(self.seconds / (self.settings.minutes * 60), self.settings.rate)
        self.optimiser.param_groups[0]["lr"] = rate
        self.model.train()
        self.model.set_momentum(momentum)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.settings.bfloat16):
            losses = lifter_losses(self.model, Tensors.of(batch, self.settings.chunks), self.generator)
        self.optimiser.zero_grad(set_to_none=True)
        total(losses).backward()
        gradients = [value.grad for value in self.model.parameters() if value.grad is not None]
        norm = float(torch.nn.utils.get_total_norm(gradients))
        if norm > LARGEST_GRADIENT:
            torch._foreach_mul_(gradients, LARGEST_GRADIENT / norm)
        self.optimiser.step()
        self.step, self.count = self.step + 1, self.count + 1
        if self.step % AVERAGE_EVERY == 0:
            self.average.update(self.model, self.step)
        for name, value in losses.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(value.detach())

    def report(self, held_out: MocapSet) -> str:
        """Validate, write a line of the log and the checkpoint; returns the line."""
        means = {name: value / max(self.count, 1) for name, value in self.sums.items()}
        self.sums, self.count = {}, 0
        entry = {"step": self.step, "seconds": round(self.seconds, 1), **means,
                 "validation": quick_validation(self.average.state, self.model.config, held_out)}
        with self.log.open("a") as stream:
            stream.write(json.dumps(entry) + "\n")
        save_checkpoint(self.path, {
            "model": self.model.state_dict(), "average": self.average.state, "optimiser": self.optimiser.state_dict(),
            "step": self.step, "seconds": self.seconds, "config": self.model.config.as_dict(),
            "settings": asdict(self.settings)})
        return json.dumps(entry)


def train(settings: TrainSettings, say=print) -> Path:
    """Train until the minutes are spent; goes on from the folder's checkpoint if there is one. Returns its path."""
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    trainer = Trainer(settings)
    if trainer.step:
        say(f"resumed at step {trainer.step}, {trainer.seconds / 60:.1f} minutes")
    _, held_out = split(load_mocap(settings.data))
    spawn = multiprocessing.get_context("spawn")
    queue = spawn.Queue(4)
    worker = spawn.Process(target=_produce, daemon=True, args=(queue, settings, trainer.step, os.getpid()))
    worker.start()
    try:
        rng = np.random.default_rng((settings.seed, trainer.step, 1))
        pool, frames = Pool(settings.pool, settings.chunks), settings.outputs + 3**settings.widths - 1
        while pool.filled < min(settings.videos * 4, settings.pool):
            pool.add(queue.get())
        last, reported = time.monotonic(), trainer.seconds
        while trainer.seconds < settings.minutes * 60:
            with suppress(Empty):
                pool.add(queue.get_nowait())
            trainer.learn(pool.draw(rng, settings.videos, frames))
            now = time.monotonic()
            trainer.seconds, last = trainer.seconds + now - last, now
            if trainer.seconds - reported > settings.report * 60:
                say(trainer.report(held_out))
                reported = trainer.seconds
        say(trainer.report(held_out))
        say(calibrate(trainer.path, settings.data, settings.calibration))
    finally:
        worker.terminate()
    return trainer.path
