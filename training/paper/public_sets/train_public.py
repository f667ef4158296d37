"""Training of the paper's model on Human3.6M or MPI-INF-3DHP by the paper's settings; resumable by epoch."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from anatomy_mocap.core.errors import MocapError

from ...argument_checks import at_least, more_than_nothing, results_folder
from ...devices import find_place
from ...network.checkpoint import load_checkpoint, save_checkpoint
from ...options import DEVICES, Say, option
from ..ablation_rows import ROWS, Variant
from ..batches import BatchSettings, Sampler
from ..learner import Learner
from ..videos import Videos
from .h36m import TEST, TRAIN, load_h36m
from .mpi_inf_3dhp import load_3dhp_test, load_3dhp_train

SETS = ("h36m", "3dhp")


@dataclass(frozen=True)
class PublicSettings:
    """Options of the command train-public."""

    set: str = option("h36m: Human3.6M; 3dhp: MPI-INF-3DHP", choices=SETS)
    files: str = option("folder of the set's .npz files")
    out: str = option("folder of the checkpoint and the log; a checkpoint that is there is continued")
    detections: str = option("Human3.6M's 2D keypoints: cpn_ft_h36m_dbb, or gt for exact ones", "cpn_ft_h36m_dbb")
    row: str = option("row of the ablation that is trained", "full")
    augmented: bool = option("bone length augmentation; the paper does without it for exact 2D (gt, 3dhp)", True)
    channels: int = option("channels C of the network", 1024)
    widths: int = option("convolutions of three taps n: 4 for 81 frames, 5 for 243", 4)
    causal: bool = option("look at the current and earlier frames only", False)
    epochs: int = option("epochs of training", 60)
    batch: int = option("windows a step, and as many augmented bags", 1024)
    rate: float = option("learning rate of the first epoch", 1e-3)
    decay: float = option("factor of the learning rate after each epoch", 0.95)
    dropout: float = option("share of the features that dropout sets to zero", 0.25)
    steps: int = option("steps of an epoch; 0: as many as all frames fill", 0)
    seed: int = option("seed of the weights and of all random draws", 0)
    device: str = option("device of the network; auto: cuda where there is one", "cpu", choices=DEVICES)
    bfloat16: bool = option("multiply in bfloat16 where the device has instructions for it", False)

    @property
    def variant(self) -> Variant:
        """The row that is trained."""
        if self.row not in ROWS:
            raise MocapError(f"--row {self.row}: no such row; there are {', '.join(ROWS)}")
        variant = ROWS[self.row]
        return replace(variant, augmented=variant.augmented and self.augmented)

    def check(self) -> None:
        """Raises MocapError for values that can't be trained with. The batch norms need two rows."""
        if self.set not in SETS:
            raise MocapError(f"--set {self.set}: no such set; there are {', '.join(SETS)}")
        if self.set != "h36m" and self.detections != PublicSettings.detections:
            raise MocapError(f"--detections {self.detections}: {self.set} has one kind of 2D; leave it out")
        at_least(self, channels=1, widths=2, epochs=1, batch=2, steps=0, seed=0, dropout=0)
        more_than_nothing(self, "rate", "decay")
        if self.dropout >= 1:
            raise MocapError(f"--dropout {self.dropout}: all features would be dropped; give less than 1")
        find_place(self.device)
        _ = self.variant


def load_public(settings: PublicSettings, training: bool) -> Videos:
    """The training or the test videos."""
    if settings.set == "h36m":
        return load_h36m(settings.files, settings.detections, TRAIN if training else TEST)
    return load_3dhp_train(settings.files) if training else load_3dhp_test(settings.files)


def learner_of(settings: PublicSettings) -> Learner:
    """A fresh network and its optimiser."""
    torch.manual_seed(settings.seed)
    return Learner(settings.variant, settings.channels, settings.widths, settings.causal, settings.rate,
                   settings.epochs, settings.decay, settings.dropout, device=str(find_place(settings.device).device),
                   half=settings.bfloat16)


def train_public(settings: PublicSettings, say: Say = print) -> Path:
    """Train the missing epochs; returns the checkpoint's path. A line of log.jsonl and a checkpoint after each."""
    settings.check()
    learner, folder = learner_of(settings), results_folder(settings.out)
    path, done = folder / "checkpoint.pt", 0
    if path.is_file():
        done = _resume(path, learner, settings)
        say(f"continues after epoch {done}")
    videos = load_public(settings, training=True)
    batches = BatchSettings(settings.batch, 1, learner.model.config.padding, settings.causal)
    steps = settings.steps or max(1, int(videos.frames.sum()) // settings.batch)
    for epoch in range(done, settings.epochs):
        seed, started = settings.seed * 100_003 + epoch, time.monotonic()
        torch.manual_seed(seed)  # of dropout and picked frames: a resumed training draws what an unbroken one would
        sampler = Sampler(videos, settings.variant, batches, seed)
        losses = [learner.learn(sampler.draw(), (epoch + step / steps) / settings.epochs) for step in range(steps)]
        entry = {"epoch": epoch + 1, "seconds": round(time.monotonic() - started, 1), "steps": steps} | {
            name: round(float(np.mean([part[name] for part in losses])), 6) for name in losses[0]}
        save_checkpoint(path, {"model": learner.model.state_dict(), "optimiser": learner.optimiser.state_dict(),
                               "epoch": epoch + 1, "settings": asdict(settings)})
        with (folder / "log.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")
        say(json.dumps(entry))
    return path


def _resume(path: Path, learner: Learner, settings: PublicSettings) -> int:
    """Take over a checkpoint of the same training; returns its epochs."""
    state = load_checkpoint(path)
    free = {"files", "out", "epochs", "device"} | ({"detections"} if settings.set != "h36m" else set())
    mine, its = ({name: value for name, value in part.items() if name not in free}
                 for part in (asdict(settings), settings_in(path, state)))
    if mine != its:
        other = sorted(name for name in mine if mine[name] != its.get(name))
        raise MocapError(f"{path}: made with other settings ({', '.join(other)}); give the same or another --out")
    learner.model.load_state_dict(state["model"])
    learner.optimiser.load_state_dict(state["optimiser"])
    return state["epoch"]


def settings_in(path: Path, state: dict) -> dict:
    """The settings recorded in a checkpoint. Raises MocapError for other files."""
    stored = state.get("settings", {})
    if set(stored) != set(PublicSettings.__dataclass_fields__) or "model" not in state:
        raise MocapError(f"{path}: no checkpoint of train-public; train with it first")
    return stored
