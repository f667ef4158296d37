"""Checkpoints: tensors and plain values only, written beside and renamed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from pickle import UnpicklingError

import torch

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.whole_file import written_whole

from ..argument_checks import results_file
from ..options import option, positional
from . import int8_weights as few_bits
from .causal_start import held_still
from .lifter import Lifter, LifterConfig
from .longer_windows import lengthened
from .more_channels import widened


def save_checkpoint(path: Path, state: dict) -> None:
    """Write `state`; an interrupted write leaves the old file."""
    with written_whole(path, "checkpoint") as partial:
        torch.save(state, partial)


def load_checkpoint(path: str | Path) -> dict:
    """Read what `save_checkpoint` or `save_weights` wrote."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
        cause = str(error).splitlines()[0] if isinstance(error, OSError) else "its content is none"
        raise MocapError(f"{path}: not a readable checkpoint ({cause}); train first") from error
    if not isinstance(state, dict):
        raise MocapError(f"{path}: not a readable checkpoint (its content is none); train first")
    for name, scale in state.pop("scales", {}).items():
        state["average"][name] = state["average"][name] * scale
    return state


def load_lifter(path: str | Path) -> tuple[dict, LifterConfig]:
    """A checkpoint of `train`, or what `save_weights` wrote, and the sizes of its network.

    Raises MocapError for other files, as those of `train-public` are.
    """
    state = load_checkpoint(path)
    try:
        if not isinstance(state["average"], dict):
            raise TypeError
        return state, config_of(state)
    except (KeyError, TypeError) as error:
        raise MocapError(f"{path}: holds no lifter; give a checkpoint of the command train, or what the command "
                         "weights wrote") from error


def load_anatomic(path: str | Path) -> tuple[dict, LifterConfig]:
    """As `load_lifter`, of a network with bones. Raises MocapError for the plain one."""
    state, config = load_lifter(path)
    if config.outputs != "directions":
        raise MocapError(f"{path}: the plain network (--baseline) has no bones; it can only be compared (compare)")
    return state, config


@dataclass(frozen=True)
class WeightsSettings:
    """Options of the command weights."""

    checkpoint: str = positional("the checkpoint of a training")
    out: str = option("the file of weights (.pt)")


def save_weights(checkpoint: str | Path, path: str | Path) -> None:
    """The averaged weights of a checkpoint alone, in few bits (int8_weights.py): enough to start from."""
    state, _ = load_lifter(checkpoint)
    weights, scales = {}, {}
    for name, value in state["average"].items():
        if value.dtype == torch.float32 and value.dim() > 1:
            if value.numel() >= few_bits.SMALLEST:
                value, scales[name] = map(torch.from_numpy, few_bits.in_8_bits(value.numpy()))
            else:
                value = value.half()
        weights[name] = value
    save_checkpoint(results_file(path), {"average": weights, "scales": scales, "config": state["config"],
                                 "step": state["step"], "seconds": state["seconds"]})


def start_from(path: str | Path, model: Lifter) -> None:
    """Give the network the weights that `save_weights` wrote (or a checkpoint's averaged ones).

    A causal network may begin with a centred one's (causal_start.py), a wider one with a narrower one's
    (more_channels.py), one of longer windows with those of one of shorter ones (longer_windows.py).
    """
    state, config = load_lifter(path)
    target = model.state_dict()
    wanted = model.config
    alike = replace(config, causal=wanted.causal, channels=wanted.channels, widths=wanted.widths) == wanted
    if not alike or config.channels > wanted.channels or config.widths > wanted.widths:
        raise MocapError(f"{path}: weights of a network of other sizes; give no fewer widths and no fewer channels")
    if config.causal and not wanted.causal:
        raise MocapError(f"{path}: weights of a causal network, which a centred one can't begin with; give --causal, "
                         "or weights of a centred one")
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
    state, config = load_lifter(path)
    return averaged_model(state["average"], config)


def config_of(state: dict) -> LifterConfig:
    """The sizes of a checkpoint's network."""
    return LifterConfig(**{**state["config"], "parents": tuple(state["config"]["parents"])})
