"""The training loop: resumable, on a time budget, on one CPU core or more."""

from __future__ import annotations

import json
import math
import multiprocessing
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from ..core.keypoints import CANONICAL
from ..core.skeleton import MOCAP22
from .checkpoint import load_checkpoint, save_checkpoint
from .dataset import load_mocap, split
from .losses import Tensors, lifter_losses, total
from .model import Lifter, LifterConfig
from .synth2d import SynthSettings, make_batch
from .validate import quick_validation


@dataclass(frozen=True)
class TrainSettings:
    """data: the motion set. out: folder of checkpoints and log. minutes: of training, over all resumed runs.

    channels, widths, causal, dropout: of the network. outputs: frames each chunk is trained on. videos: a step.
    rate: highest learning rate. report: minutes between validations. threads: of torch.
    """

    data: str
    out: str
    minutes: float = 80.0
    channels: int = 384
    widths: int = 4
    causal: bool = False
    dropout: float = 0.0
    outputs: int = 64
    videos: int = 6
    chunks: int = 3
    rate: float = 1e-3
    seed: int = 0
    report: float = 4.0
    threads: int = 1
    bfloat16: bool = True


def schedule(progress: float, rate: float) -> tuple[float, float]:
    """Learning rate and batch norm momentum at `progress` 0..1: a short rise, then a cosine; 0.1 down to 0.001."""
    warm = min(1.0, progress / 0.01 + 0.05)
    return rate * warm * (0.5 + 0.5 * math.cos(math.pi * min(progress, 1.0))) + 1e-6, 0.1 * 0.01 ** min(progress, 1.0)


def _produce(queue, data: str, settings: SynthSettings, videos: int, seed: int) -> None:
    """Worker process: batches without end."""
    mocap, _ = split(load_mocap(data))
    rng = np.random.default_rng(seed)
    while True:
        queue.put(make_batch(rng, mocap, videos, settings))


class Average:
    """Running average of all weights and statistics; what is validated and exported."""

    def __init__(self, model: Lifter) -> None:
        self.state = {name: value.detach().clone() for name, value in model.state_dict().items()}

    def update(self, model: Lifter, step: int) -> None:
        """The average forgets over about a thousand steps."""
        keep = min(0.999, (1 + step) / (20 + step))
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


def train(settings: TrainSettings, say=print) -> Path:
    """Train until the minutes are spent; goes on from the folder's checkpoint if there is one. Returns its path."""
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    folder = Path(settings.out)
    folder.mkdir(parents=True, exist_ok=True)
    path, log = folder / "checkpoint.pt", folder / "log.jsonl"
    model = build(settings)
    average, step, spent = Average(model), 0, 0.0
    optimiser = torch.optim.Adam(model.parameters(), settings.rate, amsgrad=True, fused=True)
    if path.is_file():
        state = load_checkpoint(path)
        model.load_state_dict(state["model"])
        average.state, step, spent = state["average"], state["step"], state["seconds"]
        optimiser.load_state_dict(state["optimiser"])
        say(f"resumed at step {step}, {spent / 60:.1f} minutes")
    (folder / "settings.json").write_text(json.dumps(asdict(settings), indent=1))
    synth = SynthSettings(settings.chunks, settings.outputs + 3**settings.widths - 1)
    spawn = multiprocessing.get_context("spawn")
    queue = spawn.Queue(4)
    worker = spawn.Process(target=_produce, daemon=True, args=(
        queue, settings.data, synth, settings.videos, settings.seed * 1000003 + step + 1))
    worker.start()
    _, held_out = split(load_mocap(settings.data))
    generator = torch.Generator().manual_seed(settings.seed + step)
    sums: dict[str, float] = {}
    begun, reported, count = time.monotonic(), time.monotonic(), 0

    def report() -> None:
        seconds = spent + time.monotonic() - begun
        entry = {"step": step, "seconds": round(seconds, 1), "rate": rate,
                 **{name: value / max(count, 1) for name, value in sums.items()}}
        entry["validation"] = quick_validation(average.state, model.config, held_out)
        with log.open("a") as stream:
            stream.write(json.dumps(entry) + "\n")
        save_checkpoint(path, {"model": model.state_dict(), "average": average.state, "step": step,
                               "seconds": seconds, "optimiser": optimiser.state_dict(),
                               "config": model.config.as_dict(), "settings": asdict(settings)})
        say(json.dumps(entry))

    model.train()
    rate = settings.rate
    while (seconds := spent + time.monotonic() - begun) < settings.minutes * 60:
        rate, momentum = schedule(seconds / (settings.minutes * 60), settings.rate)
        optimiser.param_groups[0]["lr"] = rate
        model.set_momentum(momentum)
        tensors = Tensors.of(queue.get(), settings.chunks)
        with torch.autocast("cpu", torch.bfloat16, enabled=settings.bfloat16):
            losses = lifter_losses(model, tensors, generator)
        loss = total(losses)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        step, count = step + 1, count + 1
        average.update(model, step)
        for name, value in losses.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach())
        if time.monotonic() - reported > settings.report * 60:
            report()
            sums, count, reported = {}, 0, time.monotonic()
    report()
    worker.terminate()
    return path
