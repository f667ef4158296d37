"""Train the contact network on takes of the training subjects, and export it to models/contacts.onnx."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

from anatomy_mocap.core.whole_file import written_whole
from anatomy_mocap.networks.model_files import models_folder, record_hash
from anatomy_mocap.touch.features import features
from anatomy_mocap.touch.find_touches import OUTPUTS

from ..argument_checks import at_least, results_file, results_folder
from ..mocap.dataset import load_split
from ..options import Say, option
from .clips import Example, examples, pieces
from .contact_net import ContactNet, write_graph

DEV_SUBJECTS = (2, 13, 35, 55, 61, 90, 127)
"""Training subjects that stay aside while options are chosen; all kinds of motion are among them."""
CHUNK, BATCH = 64, 32
"""Frames of a training window, and windows of a step. Guessed."""


@dataclass(frozen=True)
class ContactSettings:
    """Options of the command contacts."""

    data: str = option("the motion set (.npz)")
    out: str = option("the model file (.onnx)", str(models_folder() / "contacts.onnx"))
    takes: str = option("folder of the takes; those that are there are not lifted again", "out/contact_takes")
    clips: int = option("clips of the training subjects, a fifth of a minute of one core each", 700)
    epochs: int = option("passes through the clips", 30)
    dropout: float = option("share of the features that dropout sets to zero", 0.2)
    hard: float = option("weight of runs, dances and lying clips, others have 1", 2.0)
    seed: int = option("seed of the clips, of the weights and of all random draws", 2)
    dev: bool = option("keep some training subjects aside, print the figures on them, and write no model", False)

    def __post_init__(self) -> None:
        at_least(self, clips=10, epochs=1, seed=0, dropout=0)


class Seen(NamedTuple):
    """One clip: features (2, T, FEATURES) of both sides, labels (2, T, 6) bool, its kind and its subject."""

    features: np.ndarray
    labels: np.ndarray
    kind: str
    subject: int


def train_contacts(settings: ContactSettings, say: Say = print) -> None:
    """Make the takes, train, and write the model, or with `dev` print the figures on the subjects kept aside."""
    results_file(settings.out)
    torch.set_num_threads(1)
    training, _ = load_split(settings.data)
    chosen = pieces(training, settings.clips, settings.seed)
    seen = []
    for number, example in enumerate(examples(chosen, results_folder(settings.takes), settings.seed), 1):
        seen.append(observed(example))
        if number % 50 == 0 or number == len(chosen):
            say(f"{number} of {len(chosen)} clips, {sum(len(one.labels[0]) for one in seen)} frames")
    aside = [one for one in seen if settings.dev and one.subject in DEV_SUBJECTS]
    net = fit([one for one in seen if not (settings.dev and one.subject in DEV_SUBJECTS)], settings, say)
    if settings.dev:
        say(table(net, aside))
        return
    with written_whole(Path(settings.out), "model") as part:
        write_graph(net, part)
    record_hash(Path(settings.out))
    data = Path(settings.out).read_bytes()
    say(f"{settings.out}: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


def observed(example: Example) -> Seen:
    """What the network sees of an example, and what is true."""
    seen, truth = features(example.take), example.truth
    frames = min(seen.shape[1], len(truth.seat))
    labels = np.stack([np.column_stack([truth.feet[:, side], truth.hands[:, side], truth.knees[:, side], truth.seat,
                                        truth.back]) for side in (0, 1)])
    return Seen(seen[:, :frames], labels[:, :frames], example.kind, example.subject)


def fit(seen: list[Seen], settings: ContactSettings, say: Say = print) -> ContactNet:
    """The trained network. Each side of each clip is an example."""
    torch.manual_seed(settings.seed)
    x, y, weight = _windows(seen, settings.hard)
    there = x[weight > 0]
    net = ContactNet(there.mean(dim=0), there.std(dim=0) + 1e-3, settings.dropout)
    optimiser = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=1e-2)
    batches = max(len(x) // BATCH, 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=settings.epochs * batches)
    for epoch in range(settings.epochs):
        total = 0.0
        for rows in torch.randperm(len(x))[:batches * BATCH].chunk(batches):
            loss = F.binary_cross_entropy_with_logits(net(x[rows]), y[rows], reduction="none").mean(dim=-1)
            loss = (loss * weight[rows]).sum() / weight[rows].sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        if epoch % 5 == 4 or epoch == settings.epochs - 1:
            say(f"epoch {epoch + 1}: loss {total / batches:.4f}")
    return net.eval()


def _windows(seen: list[Seen], hard: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Features (N, CHUNK, FEATURES), labels (N, CHUNK, 6) and weights (N, CHUNK): 0 beyond the clip's end."""
    xs, ys, weights = [], [], []
    for one in seen:
        importance = hard if one.kind in ("run", "dance", "lie") else 1.0
        for x, y in zip(one.features, one.labels, strict=True):
            for start in range(0, max(len(x) - CHUNK // 2, 1), CHUNK):
                part = slice(start, start + CHUNK)
                beyond = ((0, CHUNK - len(x[part])), (0, 0))
                xs.append(np.pad(x[part], beyond, mode="edge"))
                ys.append(np.pad(y[part], beyond, mode="edge"))
                weights.append(np.pad(np.full(len(x[part]), importance), beyond[0]))
    return tuple(torch.tensor(np.stack(values), dtype=torch.float32) for values in (xs, ys, weights))


@torch.no_grad()
def table(net: ContactNet, seen: list[Seen], limits: tuple[float, ...] = (0.3, 0.4, 0.5)) -> str:
    """F1 of the feet by kind, and of each output, at some limits of the probability."""
    found = [(one, torch.sigmoid(net(torch.tensor(one.features))).numpy()) for one in seen]
    lines = [f"{'F1 at':12}" + "".join(f"{limit:8.2f}" for limit in limits)]
    for kind in (*sorted({one.kind for one in seen}), "all"):
        parts = [(p[..., :2].max(-1), one.labels[..., :2].any(-1)) for one, p in found if kind in (one.kind, "all")]
        lines.append(f"{'feet, ' + kind:16}"[:16].ljust(12) + "".join(f"{_f1(parts, limit):8.3f}" for limit in limits))
    for number, name in enumerate(OUTPUTS):
        parts = [(p[..., number], one.labels[..., number]) for one, p in found]
        lines.append(f"{name:12}" + "".join(f"{_f1(parts, limit):8.3f}" for limit in limits))
    return "\n".join(lines)


def _f1(parts: list[tuple[np.ndarray, np.ndarray]], limit: float) -> float:
    right = sum(int(((p > limit) & true).sum()) for p, true in parts)
    both = sum(int((p > limit).sum() + true.sum()) for p, true in parts)
    return 2 * right / both if both else float("nan")
