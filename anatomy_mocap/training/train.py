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

from ..core.errors import MocapError
from ..core.keypoints import CANONICAL
from ..core.skeleton import MOCAP22
from .calibrate import calibrate
from .checkpoint import load_checkpoint, save_checkpoint, start_from
from .dataset import MocapSet, load_mocap, split
from .detected import load_detected
from .losses import Tensors, length_losses, total
from .model import Lifter, LifterConfig
from .pool import Pool
from .synth2d import Batch, SynthSettings, make_batch
from .validate import quick_validation
from .windows import window_losses

LARGEST_GRADIENT = 5.0
"""Norm that gradients are cut to."""

COMPILED_MOMENTUM = 0.02
"""Of the batch norms where the step is compiled: each other value would be compiled anew."""

AVERAGE_EVERY = 4
"""Steps between two updates of the running average: going through all weights costs as much as many frames."""


@dataclass(frozen=True)
class TrainSettings:
    """data: the motion set. out: folder of checkpoints and log. minutes: of training, over all resumed runs.
    start: weights to begin with (models/training/lifter.pt), where the folder holds no checkpoint yet.

    channels, widths, causal, dropout: of the network. The first `still` of the minutes trains on single frames,
    `stills` of them a step, the rest on windows, `windows` of them a step (windows.py). They are drawn from a pool of
    `pool` videos of `chunks` chunks, into which `fresh` new ones go each step. rendered: a folder of rendered clips as
    the detector saw them (render); `detected` of the windows come from there. The length network learns every
    `lengths_every`-th step, from `videos` videos. rate: highest learning rate. report: minutes between validations.
    threads: of torch. compile: by torch.compile, half as fast again (needs a C++ compiler). calibration: simulated
    videos for the lengths' last step. amsgrad: as the paper; it remembers the first steps' large gradients and keeps
    the later steps small.
    """

    data: str
    out: str
    start: str = ""
    minutes: float = 80.0
    channels: int = 512
    widths: int = 4
    causal: bool = False
    dropout: float = 0.0
    still: float = 0.25
    stills: int = 1024
    windows: int = 384
    lengths_every: int = 8
    videos: int = 32
    chunks: int = 3
    fresh: int = 6
    pool: int = 1500
    rate: float = 1e-3
    seed: int = 0
    report: float = 4.0
    threads: int = 1
    calibration: int = 1200
    bfloat16: bool = True
    compile: bool = False
    rendered: str = ""
    detected: float = 0.12
    amsgrad: bool = False


def schedule(progress: float, rate: float) -> tuple[float, float]:
    """Learning rate and batch norm momentum at `progress` 0..1: a short rise, then a cosine; 0.1 down to 0.001."""
    warm = min(1.0, progress / 0.01 + 0.05)
    return rate * warm * (0.5 + 0.5 * math.cos(math.pi * min(progress, 1.0))) + 1e-6, 0.1 * 0.01 ** min(progress, 1.0)


def chunk_frames(settings: TrainSettings) -> int:
    """Frames of a simulated chunk: room for as many windows as half a window has frames."""
    return 3**settings.widths + 39


def _produce(queue, settings: TrainSettings, step: int, parent: int) -> None:
    """Worker process: batches, as long as the parent lives."""
    queue.cancel_join_thread()  # nobody reads what is left in it when the parent is gone
    mocap, _ = split(load_mocap(settings.data))
    rng = np.random.default_rng((settings.seed, step))
    synth = SynthSettings(settings.chunks, chunk_frames(settings))
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


def _detected_pool(settings: TrainSettings, config: LifterConfig) -> Pool:
    """A pool that holds all rendered clips."""
    batch = load_detected(settings.rendered, max(config.padding))
    pool = Pool(len(batch.xy), 1)
    pool.add(batch)
    return pool


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
        self.sums: dict[str, tuple[float, int]] = {}
        self.window_losses = torch.compile(window_losses) if settings.compile else window_losses
        if self.path.is_file():
            self._resume(load_checkpoint(self.path))
        self.detected = _detected_pool(settings, self.model.config) if settings.rendered else None
        self.generator = torch.Generator().manual_seed(settings.seed + self.step)
        (self.folder / "settings.json").write_text(json.dumps(asdict(settings), indent=1))

    def _resume(self, state: dict) -> None:
        """Take over weights, average, optimiser and progress."""
        self.model.load_state_dict(state["model"], strict=False)
        self.optimiser.load_state_dict(state["optimiser"])
        self.average.state |= state["average"]
        self.step, self.seconds = state["step"], state["seconds"]

    @property
    def progress(self) -> float:
        """0..1 of the minutes."""
        return self.seconds / (self.settings.minutes * 60)

    def learn(self, pool: Pool, rng: np.random.Generator) -> None:
        """One step."""
        rate, momentum = schedule(self.progress, self.settings.rate)
        self.optimiser.param_groups[0]["lr"] = rate
        self.model.train()
        self.model.set_momentum(COMPILED_MOMENTUM if self.settings.compile else momentum)
        window, count = self.model.config.window, self.settings.windows
        before, _ = self.model.config.padding
        if self.progress < self.settings.still:
            window, before, count = 1, 0, self.settings.stills
        real = round(count * self.settings.detected) if self.detected and window > 1 else 0
        drawn = [pool.draw_windows(rng, count - real, window, before)]
        if real:
            drawn.append(self.detected.draw_windows(rng, real, window, before))
        batch = {name: torch.from_numpy(np.concatenate([part[name] for part in drawn])) for name in drawn[0]}
        batch["xy"] = batch["xy"].flatten(2)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.settings.bfloat16):
            losses = self.window_losses(self.model, batch)
            if self.step % self.settings.lengths_every == 0:
                bag = Tensors.of(pool.draw(rng, self.settings.videos, 50), self.settings.chunks)
                losses |= length_losses(self.model, bag, self.generator)[0]
        self.optimiser.zero_grad(set_to_none=True)
        total(losses).backward()
        gradients = [value.grad for value in self.model.parameters() if value.grad is not None]
        norm = float(torch.nn.utils.get_total_norm(gradients))
        if norm > LARGEST_GRADIENT:
            torch._foreach_mul_(gradients, LARGEST_GRADIENT / norm)
        self.optimiser.step()
        self.step += 1
        if self.step % AVERAGE_EVERY == 0:
            self.average.update(self.model, self.step)
        for name, value in losses.items():
            total_before, times = self.sums.get(name, (0.0, 0))
            self.sums[name] = total_before + float(value.detach()), times + 1

    def report(self, held_out: MocapSet) -> str:
        """Validate, write a line of the log and the checkpoint; returns the line."""
        means = {name: value / times for name, (value, times) in self.sums.items()}
        self.sums = {}
        entry = {"step": self.step, "seconds": round(self.seconds, 1), **means,
                 "validation": quick_validation(self.average.state, self.model.config, held_out)}
        with self.log.open("a") as stream:
            stream.write(json.dumps(entry) + "\n")
        save_checkpoint(self.path, {
            "model": self.model.state_dict(), "average": self.average.state, "optimiser": self.optimiser.state_dict(),
            "step": self.step, "seconds": self.seconds, "config": self.model.config.as_dict(),
            "settings": asdict(self.settings)})
        return json.dumps(entry)


def _next(queue, worker) -> Batch:
    """The worker's next batch; a MocapError where it has died."""
    while True:
        with suppress(Empty):
            return queue.get(timeout=5)
        if not worker.is_alive():
            raise MocapError("the simulation's process has ended; its own message above says why")


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
        pool = Pool(settings.pool, settings.chunks)
        while pool.filled < min(settings.videos * 8, settings.pool):
            pool.add(_next(queue, worker))
        last, reported = time.monotonic(), trainer.seconds
        while trainer.seconds < settings.minutes * 60:
            with suppress(Empty):
                pool.add(queue.get_nowait())
            trainer.learn(pool, rng)
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
