"""Converts a TensorFlow.js graph model to ONNX through a TensorFlow graph and tf2onnx."""

from __future__ import annotations

import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
from google.protobuf import json_format

OPSET = 17
_FUSED = {"_FusedConv2D": "Conv2D", "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative"}
_CONVOLUTION_SETTINGS = ("strides", "padding", "data_format", "dilations", "T", "explicit_paddings")


def convert(model_json: Path, inputs: list[str], outputs: list[str]) -> onnx.ModelProto:
    """Convert the graph of a model.json, whose weights are beside it, for pictures of any height and width."""
    topology = json.loads(model_json.read_text())
    weights = _read_weights(topology, model_json.parent)
    fields = {key: value for key, value in topology["modelTopology"].items() if key in ("node", "versions")}
    source = json_format.ParseDict(fields, tf.compat.v1.GraphDef(), ignore_unknown_fields=True)
    graph = tf.compat.v1.GraphDef()
    graph.versions.CopyFrom(source.versions)
    for node in source.node:
        if node.op == "Const":
            graph.node.append(_constant(node, weights[node.name]))
        elif node.op in _FUSED:
            graph.node.extend(_unfused(node))
        else:
            graph.node.append(node)
    model, _ = tf2onnx.convert.from_graph_def(graph, input_names=inputs, output_names=outputs, opset=OPSET)
    onnx.checker.check_model(model)
    return model


def _read_weights(topology: dict, folder: Path) -> dict[str, np.ndarray]:
    """Read all weights by name. Half precision is widened to float32, which changes no value."""
    weights = {}
    for group in topology["weightsManifest"]:
        data = b"".join((folder / path).read_bytes() for path in group["paths"])
        start = 0
        for entry in group["weights"]:
            stored = np.dtype(entry.get("quantization", {}).get("dtype", entry["dtype"]))
            count = int(np.prod(entry["shape"], dtype=int))
            values = np.frombuffer(data, stored, count, start).astype(entry["dtype"])
            weights[entry["name"]] = values.reshape(entry["shape"])
            start += count * stored.itemsize
        if start != len(data):
            raise ValueError(f"{folder}: the weights have {len(data)} bytes, but their manifest lists {start}")
    return weights


def _constant(node, values: np.ndarray):
    """Make a Const node with its value. The node determines the type, since TensorFlow.js stores no int64."""
    wanted = tf.as_dtype(node.attr["dtype"].type) if node.attr["dtype"].type else tf.as_dtype(values.dtype)
    node.attr["dtype"].type = wanted.as_datatype_enum
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(values.astype(wanted.as_numpy_dtype)))
    return node


def _unfused(node) -> list:
    """Split a fused convolution into convolution, bias and activation. The last one keeps the node's name."""
    bias, *activation = [name.decode() for name in node.attr["fused_ops"].list.s]
    if bias != "BiasAdd" or len(activation) > 1:
        raise ValueError(f"{node.name}: fused operators {[bias, *activation]} are not supported")
    convolution = _node(node.name + "/convolution", _FUSED[node.op], node.input[:2])
    for key in _CONVOLUTION_SETTINGS:
        if key in node.attr and not (key == "explicit_paddings" and convolution.op != "Conv2D"):
            convolution.attr[key].CopyFrom(node.attr[key])
    added = _node(node.name + "/bias" if activation else node.name, "BiasAdd", [convolution.name, node.input[2]])
    nodes = [convolution, added]
    if activation:
        nodes.append(_node(node.name, activation[0], [added.name]))
        if activation[0] == "LeakyRelu" and "leakyrelu_alpha" in node.attr:
            nodes[-1].attr["alpha"].f = node.attr["leakyrelu_alpha"].f
    for made in nodes[1:]:
        made.attr["T"].type = tf.float32.as_datatype_enum
    return nodes


def _node(name: str, op: str, inputs):
    node = tf.compat.v1.NodeDef(name=name, op=op)
    node.input.extend(inputs)
    return node
