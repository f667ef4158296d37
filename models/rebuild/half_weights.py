"""Halves the size of an ONNX file whose weights come from half precision, without a change of any value."""

from __future__ import annotations

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

SMALLEST = 64  # number of values up to which a Cast node is larger than the saving


def store_half(model: ModelProto) -> ModelProto:
    """Store each float32 weight that float16 represents exactly as float16, followed by a Cast to float32.

    onnxruntime folds the Cast when it loads the file, so speed and results stay the same.
    """
    graph, kept, casts = model.graph, [], []
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type == TensorProto.FLOAT and values.size > SMALLEST:
            with np.errstate(over="ignore"):
                half = values.astype(np.float16)
            if np.array_equal(half.astype(np.float32), values):
                casts.append(helper.make_node("Cast", [weight.name + "_half"], [weight.name], to=TensorProto.FLOAT))
                weight = numpy_helper.from_array(half, weight.name + "_half")
        kept.append(weight)
    nodes = casts + list(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
    return model
