"""One network in training by the paper's settings: Adam with amsgrad, falling rate, falling momentum."""

from __future__ import annotations

import torch

from ..devices import multiplies_bfloat16
from .ablation_rows import Variant
from .losses import paper_losses, total
from .variants_of_the_lifter import VariantLifter
from .videos import PaperBatch

DROPOUT = 0.25


class Learner:
    """A network with its optimiser and the row that it is trained as.

    rate: of the first epoch; it is multiplied by `decay` after each of `epochs`. momentum: last one of the batch norms;
    it falls from 0.1. half: multiply in bfloat16, if the device has it.
    """

    def __init__(self, variant: Variant, channels: int, widths: int, causal: bool = False, rate: float = 1e-3,
                 epochs: float = 60.0, decay: float = 0.95, dropout: float = DROPOUT, momentum: float = 0.001,
                 device: str = "cpu", half: bool = False) -> None:
        self.variant, self.device, self.momentum = variant, device, momentum
        self.half = half and multiplies_bfloat16(torch.device(device))
        self.rate, self.epochs, self.decay = rate, epochs, decay
        self.model = VariantLifter(variant.config(channels, widths, causal), regress=True, shifts=variant.joint_shift)
        self.model.to(device)
        for norm in self.model.norms():
            norm.drop = dropout
        fused = device == "cpu" or device.startswith("cuda")
        self.optimiser = torch.optim.Adam(self.model.parameters(), rate, amsgrad=True, fused=fused)

    def learn(self, batch: PaperBatch, progress: float) -> dict[str, float]:
        """One step at `progress` (0 to 1 over the training); returns the losses."""
        epoch = int(progress * self.epochs)
        self.optimiser.param_groups[0]["lr"] = self.rate * self.decay**epoch
        self.model.train()
        self.model.set_momentum(0.1 * (self.momentum / 0.1) ** progress)
        with torch.autocast(self.device.partition(":")[0], torch.bfloat16, enabled=self.half):
            losses = paper_losses(self.model, self.variant, batch, self.device)
        self.optimiser.zero_grad(set_to_none=True)
        total(losses).backward()
        self.optimiser.step()
        return {name: float(value.detach()) for name, value in losses.items()}

    @property
    def parameters(self) -> int:
        """The number of trained values, including the heads that only training needs."""
        return sum(value.numel() for value in self.model.parameters())
