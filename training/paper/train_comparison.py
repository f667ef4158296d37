"""Training of what the lifter is compared with, on the product's data: the plain network, exact 2D, amsgrad."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22

from ..devices import Place
from ..mocap.dataset import MocapSet
from ..network.lifter import Lifter, LifterConfig
from ..options import Say, option
from ..simulate.device_random import Chance
from ..simulate.simulate_batch import SynthSettings
from ..simulate.video_pool import Pool
from ..train.losses import Tensors, joints_of
from ..train.train import Trainer, WindowLosses, train
from ..train.train_settings import TrainSettings
from ..train.validate import quick_validation
from .variants_of_the_lifter import VariantConfig, VariantLifter, plain_config_of


@dataclass(frozen=True)
class ComparisonSettings(TrainSettings):
    """The options of train, and what is compared. Raises MocapError at once for what can't be trained with."""

    baseline: bool = option("train the plain temporal network, which regresses joints and has no bones; "
                            "give --still 0", False)
    clean: bool = option("exact 2D of whole bodies and the true focal length, for compare --exact; not for use on "
                         "video", False)
    amsgrad: bool = option("Adam with amsgrad, as the paper", False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.baseline and self.still:
            raise MocapError(f"--baseline with --still {self.still:g}: the plain network can't learn from single "
                             "frames; give --still 0")
        if self.clean and self.rendered:
            raise MocapError("--clean with --rendered: clean keypoints are exact, those of rendered clips are "
                             "detected; give one of the two")
        if self.clean and self.workers:
            raise MocapError("--clean with --workers: the device films with a detector's errors; give --workers 0")

    @property
    def simulation(self) -> SynthSettings:
        """The options of the simulator."""
        return replace(super().simulation, noisy=False, exact=0.0) if self.clean else super().simulation


class ComparisonTrainer(Trainer):
    """A network of the comparison in training."""

    settings: ComparisonSettings

    def __init__(self, settings: ComparisonSettings, place: Place | None = None) -> None:
        self.amsgrad = settings.amsgrad
        super().__init__(settings, place)

    def fresh_network(self) -> Lifter:
        """The lifter or the plain network before its first step."""
        settings = self.settings
        if settings.baseline:
            model = VariantLifter(VariantConfig(
                len(CANONICAL), MOCAP22.parents, settings.channels, settings.widths, settings.causal,
                scores="concatenated", stack="single", outputs="joints"))
            for norm in model.norms():
                norm.drop = settings.dropout
            return model
        model = super().fresh_network()
        if settings.clean:  # all scores are equal, and a batch norm would divide by their spread, which is zero
            for part in (model.directions.see, model.directions.see_norm):
                part.requires_grad_(False)
        return model

    def read_config(self, stored: dict) -> LifterConfig:
        """The configuration of the network in a checkpoint."""
        return plain_config_of(stored) if self.settings.baseline else super().read_config(stored)

    def losses_of_windows(self) -> WindowLosses:
        """The function that gives the losses of a batch of windows."""
        return plain_losses if self.settings.baseline else super().losses_of_windows()

    def bag(self, pool: Pool, chance: Chance) -> Tensors | None:
        """The videos for the length network, which the plain network does not have."""
        return None if self.settings.baseline else super().bag(pool, chance)

    def begin_step(self) -> None:
        """Set the network to train, but for the frozen norm of the scores."""
        super().begin_step()
        if self.settings.clean and not self.settings.baseline:
            self.model.directions.see_norm.eval()

    def validation(self, held_out: MocapSet) -> dict[str, dict[str, float]]:
        """Errors of the averaged network on the validation subjects."""
        if not self.settings.baseline:
            return super().validation(held_out)
        model = VariantLifter(self.model.config)
        model.load_state_dict(self.average.state)
        return quick_validation(model.eval(), held_out, plain_errors)

    def finish(self, say: Say) -> None:
        """Calibrate the lengths, where there are any."""
        if not self.settings.baseline:
            super().finish(say)


def plain_losses(model: Lifter, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The plain network's only loss, MPJPE; batch as for `window_losses`, whole windows."""
    network = model.directions
    found = network(batch["xy"], batch["score"], stride=network.config.window)[0][:, 0]
    true = joints_of(batch["directions"][:, None, 1:], batch["lengths"][:, 1:])[:, 0]
    return {"position": torch.linalg.vector_norm(found - true, dim=-1).mean()}


@torch.no_grad()
def plain_errors(model: Lifter, tensors: Tensors) -> dict[str, float]:
    """The plain network's error: mpjpe, mm."""
    (found,) = model.directions(tensors.xy, tensors.score)
    before, after = model.config.padding
    crop = slice(before, tensors.xy.shape[1] - after)
    true = joints_of(tensors.directions[:, crop, 1:], tensors.lengths[:, 1:])
    off = torch.linalg.vector_norm(found - true, dim=-1)[tensors.valid[:, crop]]
    return {"mpjpe": round(1000 * float(off.mean()), 2)}


def train_comparison(settings: ComparisonSettings, say: Say = print) -> Path:
    """Train, as `train`; returns the checkpoint's path."""
    return train(settings, say, ComparisonTrainer)
