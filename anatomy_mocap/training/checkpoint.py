"""Checkpoints: tensors and plain values only, written beside and renamed."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from ..core.errors import MocapError
from .model import Lifter, LifterConfig


def save_checkpoint(path: Path, state: dict) -> None:
    """Write `state`; an interrupted write leaves the old file."""
    part = path.with_name(path.name + ".part")
    torch.save(state, part)
    os.replace(part, path)


def load_checkpoint(path: str | Path) -> dict:
    """Read what `save_checkpoint` wrote."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError) as error:
        raise MocapError(f"{path}: not a readable checkpoint ({error}); train first") from error


def averaged_model(state: dict[str, torch.Tensor], config: LifterConfig) -> Lifter:
    """The network with the given weights, ready to infer."""
    model = Lifter(config, regress=any(name.startswith("regress.") for name in state))
    model.load_state_dict(state)
    return model.eval()


def load_model(path: str | Path) -> Lifter:
    """The averaged network of a checkpoint."""
    state = load_checkpoint(path)
    config = LifterConfig(**{**state["config"], "parents": tuple(state["config"]["parents"])})
    return averaged_model(state["average"], config)
