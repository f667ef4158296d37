"""Export of the lifter as one ONNX file of dynamic length, with folded batch norms and small weights."""

from __future__ import annotations

import copy
import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import functional as F

from anatomy_mocap.core.whole_file import written_whole
from anatomy_mocap.lifting.lift import CAUSAL, WINDOW
from anatomy_mocap.networks.model_files import models_folder, record_hash

from ..argument_checks import results_file
from ..options import option, positional
from . import int8_weights as few_bits
from .checkpoint import averaged_model, load_lifter
from .layers import Block, Norm
from .lifter import Lifter

OPSET = 17
INPUTS = ("xy", "score", "bag_xy", "bag_score")
OUTPUTS = ("directions", "up", "lengths")


@dataclass(frozen=True)
class ExportSettings:
    """Options of the command export."""

    checkpoint: str = positional("the checkpoint of a training, or what the command weights wrote")
    out: str = option("the model file (.onnx)", str(models_folder() / "lifter.onnx"))


class _Shifted(nn.Module):
    """The rest of a folded norm: a bias and ReLU."""

    def __init__(self, bias: torch.Tensor) -> None:
        super().__init__()
        self.bias = nn.Parameter(bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.bias)


def _fold(layer: nn.Module, norm: Norm) -> _Shifted:
    """Fold the norm's scale into the layer's weight; returns the rest of the norm."""
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    shift = norm.bias - norm.running_mean * scale
    bias = getattr(layer, "bias", None)
    if bias is not None:
        shift = shift + bias * scale
        bias.data.zero_()
    layer.weight.data *= scale.reshape(-1, *[1] * (layer.weight.dim() - 1))
    return _Shifted(shift.detach())


@torch.no_grad()
def folded(model: Lifter) -> Lifter:
    """A copy that gives the same output (in inference) without batch norms."""
    model = copy.deepcopy(model).eval()
    directions, lengths = model.directions, model.bone_lengths
    directions.expand_norm = _fold(directions.expand, directions.expand_norm)
    directions.see_norm = _fold(directions.see, directions.see_norm)
    for block in (*directions.first, *directions.second):
        _fold_block(block)
    lengths.expand_norm = _fold(lengths.expand, lengths.expand_norm)
    for layer in lengths.layers:
        layer[1], layer[3] = _fold(layer[0], layer[1]), _fold(layer[2], layer[3])
    return model


def _fold_block(block: Block) -> None:
    block.norm1 = _fold(block.taps, block.norm1)
    block.norm2 = _fold(block.mix, block.norm2)


class _Exported(nn.Module):
    """The graph's inputs and outputs; see models/lifter.md."""

    def __init__(self, model: Lifter) -> None:
        super().__init__()
        self.model = model

    def forward(self, xy, score, bag_xy, bag_score):
        _, vectors = self.model.directions(xy, score)
        _, lengths = self.model.bone_lengths(bag_xy, bag_score)
        return vectors[:, :, :-1], vectors[:, :, -1], lengths


def export_onnx(checkpoint: str | Path, path: str | Path) -> str:
    """Write the averaged network of `checkpoint` to `path`; returns the file's sha256."""
    state, config = load_lifter(checkpoint)
    path = results_file(path)
    with written_whole(path, "model") as part:
        write_graph(averaged_model(state["average"], config), part)
        slim(part, {WINDOW: str(config.window), CAUSAL: str(int(config.causal)), "channels": str(config.channels)})
    record_hash(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_graph(model: Lifter, path: Path) -> None:
    """The network in float32."""
    keypoints, window = model.config.keypoints, model.config.window
    example = (torch.rand(1, window + 6, 2 * keypoints), torch.rand(1, window + 6, keypoints),
               torch.rand(1, 5, 2 * keypoints), torch.rand(1, 5, keypoints))
    axes = {name: {1: "frames" if name in INPUTS[:2] else "bag"} for name in INPUTS}
    axes |= {name: {1: "outputs"} for name in OUTPUTS[:2]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(_Exported(folded(model)).eval(), example, str(path), input_names=list(INPUTS),
                          output_names=list(OUTPUTS), dynamic_axes=axes, opset_version=OPSET, dynamo=False)


def slim(path: Path, metadata: dict[str, str]) -> None:
    """Store the weights in few bits (int8_weights.py), and add `metadata`. They become float32 again on loading."""
    model = onnx.load(str(path))
    restored = []
    for tensor in list(model.graph.initializer):
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < 1024:
            continue
        name, stored, cast = tensor.name, tensor.name + "_stored", tensor.name
        if values.size >= few_bits.SMALLEST:
            outputs = 0 if values.ndim == 3 else 1  # convolutions (outputs, taps, inputs), else (inputs, outputs)
            values, scale = few_bits.in_8_bits(values, outputs)
            cast, factor = name + "_whole", name + "_scale"
            model.graph.initializer.append(numpy_helper.from_array(scale, factor))
            restored.append(helper.make_node("Mul", [cast, factor], [name]))
        else:
            values = values.astype(np.float16)
        restored.insert(0, helper.make_node("Cast", [stored], [cast], to=TensorProto.FLOAT))
        tensor.CopyFrom(numpy_helper.from_array(values, stored))
    nodes = [*restored, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
