"""Converts the operators of BlazePose and of the hand network from TensorFlow Lite to ONNX, without TensorFlow.

TFLite computes in (N, H, W, C), the result in (N, C, H, W). The conversion permutes shapes, weights and axes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import tflite
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
_DTYPES = {0: np.float32, 1: np.float16, 2: np.int32, 4: np.int64}
_OPERATORS = {value: name for name, value in vars(tflite.BuiltinOperator).items() if not name.startswith("_")}
_NO_ACTIVATION, _RELU, _RELU6 = 0, 1, 3
_SAME = 0


class Unsupported(Exception):
    """The model uses an operator or an option that this converter does not support."""


class Converter:
    """One conversion: reads the flat buffer and collects ONNX nodes and weights."""

    def __init__(self, data: bytes):
        self.model = tflite.Model.GetRootAsModel(data, 0)
        self.graph = self.model.Subgraphs(0)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, onnx.TensorProto] = {}
        self.shapes = [self._shape(i) for i in range(self.graph.TensorsLength())]
        self.constants = {i: array for i in range(len(self.shapes)) if (array := self._constant(i)) is not None}

    def convert(self, outputs: dict[int, str]) -> onnx.ModelProto:
        """Convert the model with these outputs only: position -> name. Nodes of other outputs are left out."""
        for i in range(self.graph.OperatorsLength()):
            self._operator(self.graph.Operators(i))
        (entry,) = self.graph.InputsAsNumpy()
        picture = self._batched(int(entry))
        self.nodes.insert(0, helper.make_node("Identity", ["image"], [_name(int(entry))]))
        infos = []
        for position, name in outputs.items():
            tensor = int(self.graph.Outputs(position))
            self.nodes.append(helper.make_node("Identity", [_name(tensor)], [name]))
            infos.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, self._batched(tensor)))
        nodes, needed = _pruned(self.nodes, set(outputs.values()))
        graph = helper.make_graph(
            nodes, "graph", [helper.make_tensor_value_info("image", TensorProto.FLOAT, picture)], infos,
            [weight for name, weight in self.weights.items() if name in needed])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        onnx.checker.check_model(model)
        return model

    # --- reading ---

    def _shape(self, tensor: int) -> list[int]:
        entry = self.graph.Tensors(tensor)
        return [int(n) for n in entry.ShapeAsNumpy()] if entry.ShapeLength() else []

    def _constant(self, tensor: int) -> np.ndarray | None:
        entry = self.graph.Tensors(tensor)
        buffer = self.model.Buffers(entry.Buffer())
        if not buffer.DataLength():
            return None
        if entry.Sparsity() is not None:
            raise Unsupported("sparse weights")
        return np.frombuffer(buffer.DataAsNumpy().tobytes(), _DTYPES[entry.Type()]).reshape(self.shapes[tensor])

    def _batched(self, tensor: int) -> list[str | int]:
        """Return the ONNX shape of a tensor: channels first, any number of pictures."""
        shape = self.shapes[tensor]
        return ["N", *([shape[3], shape[1], shape[2]] if len(shape) == 4 else shape[1:])]

    # --- writing ---

    def _operator(self, operator) -> None:
        code = self.model.OperatorCodes(operator.OpcodeIndex())
        kind = _OPERATORS[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        inputs, output = [int(i) for i in operator.InputsAsNumpy()], int(operator.Outputs(0))
        if kind == "DEQUANTIZE" and inputs[0] in self.constants:
            self.constants[output] = self.constants[inputs[0]].astype(np.float32)
            return
        handler = _HANDLERS.get(kind)
        if handler is None:
            raise Unsupported(f"operator {kind}")
        table = operator.BuiltinOptions()

        def options(kind_of_options):
            found = kind_of_options()
            found.Init(table.Bytes, table.Pos)
            return found

        handler(self, inputs, output, options)

    def add(self, kind: str, inputs: list[str], output: str, **attributes) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def weight(self, name: str, values) -> str:
        self.weights.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def operand(self, tensor: int) -> str:
        """Return the name of an input, which may be a constant."""
        if tensor not in self.constants:
            return _name(tensor)
        values = self.constants[tensor].astype(np.float32)
        return self.weight(f"constant_{tensor}", values.transpose(0, 3, 1, 2) if values.ndim == 4 else values)

    def activated(self, kind: str, inputs: list[str], output: int, activation: int, **attributes) -> None:
        """Add a node and the activation that TFLite fuses into it."""
        name = _name(output)
        if activation == _NO_ACTIVATION:
            self.add(kind, inputs, name, **attributes)
            return
        self.add(kind, inputs, name + "_raw", **attributes)
        if activation == _RELU:
            self.add("Relu", [name + "_raw"], name)
        elif activation == _RELU6:
            limits = [self.weight("zero", np.float32(0)), self.weight("six", np.float32(6))]
            self.add("Clip", [name + "_raw", *limits], name)
        else:
            raise Unsupported(f"activation {activation}")


def _convolution(to: Converter, inputs, output, options) -> None:
    settings = options(tflite.Conv2DOptions)
    weights = to.constants[inputs[1]].astype(np.float32).transpose(0, 3, 1, 2)
    _any_convolution(to, inputs, output, settings, weights, groups=1)


def _depthwise(to: Converter, inputs, output, options) -> None:
    settings = options(tflite.DepthwiseConv2DOptions)
    weights = to.constants[inputs[1]].astype(np.float32).transpose(3, 0, 1, 2)  # (1, h, w, C) -> (C, 1, h, w)
    _any_convolution(to, inputs, output, settings, weights, groups=to.shapes[inputs[0]][3])


def _any_convolution(to: Converter, inputs, output, settings, weights, groups: int) -> None:
    strides = [settings.StrideH(), settings.StrideW()]
    dilations = [settings.DilationHFactor(), settings.DilationWFactor()]
    kernel = list(weights.shape[2:])
    names = [_name(inputs[0]), to.weight(f"weights_{output}", weights)]
    if len(inputs) > 2 and inputs[2] >= 0:
        names.append(to.weight(f"bias_{output}", to.constants[inputs[2]].astype(np.float32)))
    to.activated("Conv", names, output, settings.FusedActivationFunction(), kernel_shape=kernel, strides=strides,
                 dilations=dilations, group=groups,
                 pads=_pads(settings.Padding(), to.shapes[inputs[0]], kernel, strides, dilations))


def _add(to: Converter, inputs, output, options) -> None:
    to.activated("Add", [to.operand(i) for i in inputs], output, options(tflite.AddOptions).FusedActivationFunction())


def _pad(to: Converter, inputs, output, options) -> None:
    amounts = to.constants[inputs[1]].astype(np.int64)[[0, 3, 1, 2]]
    to.add("Pad", [_name(inputs[0]), to.weight(f"pads_{output}", amounts.T.ravel())], _name(output))


def _max_pool(to: Converter, inputs, output, options) -> None:
    settings = options(tflite.Pool2DOptions)
    kernel, strides = [settings.FilterHeight(), settings.FilterWidth()], [settings.StrideH(), settings.StrideW()]
    to.activated("MaxPool", [_name(inputs[0])], output, settings.FusedActivationFunction(), kernel_shape=kernel,
                 strides=strides, pads=_pads(settings.Padding(), to.shapes[inputs[0]], kernel, strides, [1, 1]))


def _resize(to: Converter, inputs, output, options) -> None:
    settings = options(tflite.ResizeBilinearOptions)
    before, after = to.shapes[inputs[0]], to.shapes[output]
    scales = np.array([1, 1, after[1] / before[1], after[2] / before[2]], dtype=np.float32)
    mode = ("align_corners" if settings.AlignCorners() else
            "half_pixel" if settings.HalfPixelCenters() else "asymmetric")
    to.add("Resize", [_name(inputs[0]), "", to.weight(f"scales_{output}", scales)], _name(output), mode="linear",
           coordinate_transformation_mode=mode)


def _sigmoid(to: Converter, inputs, output, options) -> None:
    to.add("Sigmoid", [_name(inputs[0])], _name(output))


def _reshape(to: Converter, inputs, output, options) -> None:
    if to.shapes[inputs[0]][1:3] != [1, 1] or len(to.shapes[output]) == 4:
        raise Unsupported("reshape of a picture")  # the order of its axes would matter
    shape = np.array([-1, *to.shapes[output][1:]], dtype=np.int64)
    to.add("Reshape", [_name(inputs[0]), to.weight(f"shape_{output}", shape)], _name(output))


def _relu(to: Converter, inputs, output, options) -> None:
    to.add("Relu", [_name(inputs[0])], _name(output))


def _prelu(to: Converter, inputs, output, options) -> None:
    slopes = to.constants[inputs[1]].astype(np.float32)
    to.add("PRelu", [_name(inputs[0]), to.weight(f"slopes_{output}", slopes.reshape(-1, 1, 1))], _name(output))


def _mean(to: Converter, inputs, output, options) -> None:
    if sorted(to.constants[inputs[1]].ravel().tolist()) != [1, 2]:
        raise Unsupported("mean over other axes than height and width")
    kept = int(options(tflite.ReducerOptions).KeepDims())
    to.add("ReduceMean", [_name(inputs[0])], _name(output), axes=[2, 3], keepdims=kept)


def _fully_connected(to: Converter, inputs, output, options) -> None:
    settings = options(tflite.FullyConnectedOptions)
    flat = _name(inputs[0])
    if len(to.shapes[inputs[0]]) == 4:
        if to.shapes[inputs[0]][1:3] != [1, 1]:
            raise Unsupported("a picture that is fully connected")  # the order of its axes would matter
        flat = f"{flat}_flat_{output}"
        to.add("Flatten", [_name(inputs[0])], flat)
    names = [flat, to.weight(f"weights_{output}", to.constants[inputs[1]].astype(np.float32))]
    if len(inputs) > 2 and inputs[2] >= 0:
        names.append(to.weight(f"bias_{output}", to.constants[inputs[2]].astype(np.float32)))
    to.activated("Gemm", names, output, settings.FusedActivationFunction(), transB=1)


_HANDLERS: dict[str, Callable] = {
    "CONV_2D": _convolution, "DEPTHWISE_CONV_2D": _depthwise, "ADD": _add, "PAD": _pad, "MAX_POOL_2D": _max_pool,
    "RESIZE_BILINEAR": _resize, "LOGISTIC": _sigmoid, "RESHAPE": _reshape,
    "RELU": _relu, "PRELU": _prelu, "MEAN": _mean, "FULLY_CONNECTED": _fully_connected}


def _name(tensor: int) -> str:
    return f"tensor_{tensor}"


def _pads(padding: int, shape, kernel, strides, dilations) -> list[int]:
    """Return the padding (top, left, bottom, right). TensorFlow's SAME puts the odd pixel at the end."""
    if padding != _SAME:
        return [0, 0, 0, 0]
    total = []
    for axis in (0, 1):
        size, reach = shape[1 + axis], (kernel[axis] - 1) * dilations[axis] + 1
        steps = -(-size // strides[axis])
        total.append(max((steps - 1) * strides[axis] + reach - size, 0))
    return [total[0] // 2, total[1] // 2, total[0] - total[0] // 2, total[1] - total[1] // 2]


def _pruned(nodes, wanted: set[str]) -> tuple[list[onnx.NodeProto], set[str]]:
    """Return the nodes that the wanted values need, and the names of all values that these nodes read."""
    kept = []
    for node in reversed(nodes):
        if wanted & set(node.output):
            kept.append(node)
            wanted |= set(node.input)
    return kept[::-1], wanted
