"""Half the size of an ONNX file whose weights were half precision at their source: no value changes."""

from __future__ import annotations

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

SMALLEST = 64  # a Cast node costs more than so few numbers save


def store_half(model: ModelProto) -> ModelProto:
    """Keep each float32 weight that half precision holds exactly as float16 with a Cast to float32 behind it.

    onnxruntime folds the Cast when it loads the file, so that speed and results stay the same.
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
