"""Checkpoints: tensors and plain values only, written beside and renamed."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from pickle import UnpicklingError

import torch

from ..core.errors import MocapError
from . import few_bits
from .causal_start import held_still
from .lengthen import lengthened
from .model import Lifter, LifterConfig
from .widen import widened


def save_checkpoint(path: Path, state: dict) -> None:
    """Write `state`; an interrupted write leaves the old file."""
    part = path.with_name(path.name + ".part")
    torch.save(state, part)
    os.replace(part, path)


def load_checkpoint(path: str | Path) -> dict:
    """Read what `save_checkpoint` or `save_weights` wrote."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
        cause = str(error).splitlines()[0] if isinstance(error, OSError) else "its content is none"
        raise MocapError(f"{path}: not a readable checkpoint ({cause}); train first") from error
    for name, scale in state.pop("scales", {}).items():
        state["average"][name] = state["average"][name] * scale
    return state


def save_weights(checkpoint: str | Path, path: str | Path) -> None:
    """The averaged weights of a checkpoint alone, in few bits (few_bits.py): enough to start from."""
    state = load_checkpoint(checkpoint)
    weights, scales = {}, {}
    for name, value in state["average"].items():
        if value.dtype == torch.float32 and value.dim() > 1:
            if value.numel() >= few_bits.SMALLEST:
                value, scales[name] = map(torch.from_numpy, few_bits.in_8_bits(value.numpy()))
            else:
                value = value.half()
        weights[name] = value
    save_checkpoint(Path(path), {"average": weights, "scales": scales, "config": state["config"],
                                 "step": state["step"], "seconds": state["seconds"]})


def start_from(path: str | Path, model: Lifter) -> None:
    """Give the network the weights that `save_weights` wrote (or a checkpoint's averaged ones).

    A causal network may begin with a centred one's (causal_start.py), a wider one with a narrower one's (widen.py), one
    of longer windows with those of one of shorter ones (lengthen.py).
    """
    state = load_checkpoint(path)
    config, target = config_of(state), model.state_dict()
    wanted = model.config
    alike = replace(config, causal=wanted.causal, channels=wanted.channels, widths=wanted.widths) == wanted
    if not alike or config.channels > wanted.channels or config.widths > wanted.widths:
        raise MocapError(f"{path}: weights of a network of other sizes; give no fewer widths and no fewer channels")
    weights = {name: value.to(target[name].dtype) for name, value in state["average"].items()
               if ".calibration" not in name}
    if wanted.causal and not config.causal:
        weights = held_still(weights)
    if config.channels < wanted.channels:
        weights = widened(weights, target, config.channels)
    model.load_state_dict({**_uncalibrated(model), **lengthened(weights, target)})


def averaged_model(state: dict[str, torch.Tensor], config: LifterConfig) -> Lifter:
    """The network with the given weights, ready to infer."""
    model = Lifter(config, regress=any(name.startswith("regress.") for name in state))
    model.load_state_dict({**_uncalibrated(model), **state})
    return model.eval()


def _uncalibrated(model: Lifter) -> dict[str, torch.Tensor]:
    """The calibration of a network that has none yet."""
    return {name: value for name, value in model.state_dict().items() if ".calibration" in name}


def load_model(path: str | Path) -> Lifter:
    """The averaged network of a checkpoint."""
    state = load_checkpoint(path)
    return averaged_model(state["average"], config_of(state))


def config_of(state: dict) -> LifterConfig:
    """The sizes of a checkpoint's network."""
    return LifterConfig(**{**state["config"], "parents": tuple(state["config"]["parents"])})
