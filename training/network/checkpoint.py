"""Checkpoints of a training: tensors and plain values only, written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
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

_SHIFT_HEADS = "shifts."
"""Begin of the names of heads that older checkpoints hold and that no output depends on."""

_FULL_MODEL = {"extra": 1, "length_scores": True, "scores": "attention", "stack": "skips", "lengths": "attention",
               "outputs": "directions"}
"""Entries of older checkpoints about the network, beside its sizes, if it is the lifter."""


def save_checkpoint(path: Path, state: dict) -> None:
    """Write `state`; an interrupted write leaves the old file."""
    with written_whole(path, "checkpoint") as partial:
        torch.save(state, partial)


def load_checkpoint(path: str | Path) -> dict:
    """Read what `save_checkpoint` or `save_weights` wrote. Raises MocapError for other files."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise MocapError(f"{path}: can't be read ({str(error).splitlines()[0]}); train a model first") from error
    except (RuntimeError, EOFError, UnpicklingError) as error:
        raise MocapError(f"{path}: not a checkpoint file; train a model first") from error
    if not isinstance(state, dict):
        raise MocapError(f"{path}: not a checkpoint file; train a model first")
    for name, scale in state.pop("scales", {}).items():
        state["average"][name] = state["average"][name] * scale
    return state


def load_training(path: str | Path) -> dict:
    """A checkpoint of `train` or `train-comparison`, or the weights that `save_weights` made of it, without the heads
    that only older ones have.

    Raises MocapError for other files, such as those of `train-public`.
    """
    state = load_checkpoint(path)
    average, config = state.get("average"), state.get("config")
    if not isinstance(average, dict) or not isinstance(config, dict) or not {"keypoints", "parents"} <= set(config):
        raise MocapError(f"{path}: holds no lifter; give a checkpoint of the command train, or what the command "
                         "weights wrote")
    shifts = [name for name in average if name.startswith(_SHIFT_HEADS)]
    for weights in (average, state.get("model", {})):
        for name in shifts:
            weights.pop(name, None)
    for group in state.get("optimiser", {}).get("param_groups", ()):
        group["params"] = group["params"][: len(group["params"]) - len(shifts)]  # they come last, and were not trained
    return state


def load_lifter(path: str | Path) -> tuple[dict, LifterConfig]:
    """A checkpoint of `train`, or what `save_weights` wrote, and the sizes of its network.

    Raises MocapError for other files, and for a network of the paper's comparisons.
    """
    state = load_training(path)
    try:
        return state, config_of(state["config"])
    except ValueError as error:
        raise MocapError(f"{path}: a network of the paper's comparisons ({error}), which has no bones; it can "
                         "only be compared (command compare)") from error


def config_of(stored: dict) -> LifterConfig:
    """The lifter's sizes from the plain values in a checkpoint. Raises ValueError where it is another network."""
    sizes = {field.name: stored[field.name] for field in fields(LifterConfig) if field.name in stored}
    other = [f"{name} {value}" for name, value in stored.items()
             if name not in sizes and value != _FULL_MODEL.get(name)]
    if other:
        raise ValueError(", ".join(other))
    return LifterConfig(**sizes | {"parents": tuple(stored["parents"])})


@dataclass(frozen=True)
class WeightsSettings:
    """Options of the command weights."""

    checkpoint: str = positional("the checkpoint of a training")
    out: str = option("the file of weights (.pt)")


def save_weights(checkpoint: str | Path, path: str | Path) -> None:
    """Write the averaged weights of a checkpoint alone, in few bits (int8_weights.py): enough to start from."""
    state = load_training(checkpoint)
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


def start_from(path: str | Path, model: Lifter, read_config: Callable[[dict], LifterConfig] = config_of) -> None:
    """Give the network the weights that `save_weights` wrote (or a checkpoint's averaged ones).

    A causal network may start from a centred one's (causal_start.py), a wider one from a narrower one's
    (more_channels.py), one of longer windows from those of one of shorter windows (longer_windows.py).
    read_config: the sizes of the network in the file.
    """
    state = load_training(path)
    target, wanted = model.state_dict(), model.config
    try:
        config = read_config(state["config"])
        alike = replace(config, causal=wanted.causal, channels=wanted.channels, widths=wanted.widths) == wanted
    except ValueError:
        alike = False
    if not alike or config.channels > wanted.channels or config.widths > wanted.widths:
        raise MocapError(f"{path}: weights of a network of other sizes; give no fewer widths and no fewer channels")
    if config.causal and not wanted.causal:
        raise MocapError(f"{path}: weights of a causal network, from which a centred one can't start; give --causal, "
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
    model = Lifter(config)
    model.load_state_dict({**_uncalibrated(model), **state})
    return model.eval()


def _uncalibrated(model: Lifter) -> dict[str, torch.Tensor]:
    """The calibration of a network that has none yet."""
    return {name: value for name, value in model.state_dict().items() if ".calibration" in name}


def load_model(path: str | Path) -> Lifter:
    """The averaged network of a checkpoint of `train`."""
    state, config = load_lifter(path)
    return averaged_model(state["average"], config)
