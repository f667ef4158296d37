"""Brings an ONNX model to a canonical form, so that equal computations give equal files.

tf2onnx numbers its values by the order of objects in memory, so two runs write different files.
"""

from __future__ import annotations

import onnx
from onnx import helper, numpy_helper


def canonical(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the same computation with its nodes in depth-first order from the outputs and its values numbered so.

    Equal constants and equal nodes are merged. Inputs and outputs of the model keep their names.
    """
    graph = model.graph
    rewriter = _Rewriter(graph)
    for output in graph.output:
        rewriter.visit(output.name)
    nodes = list(rewriter.nodes)
    # Identity nodes give the outputs their own names.
    for output in graph.output:
        nodes.append(helper.make_node("Identity", [rewriter.renamed[output.name]], [output.name]))
    made = helper.make_graph(nodes, "graph", graph.input, graph.output, rewriter.constants)
    return helper.make_model(made, opset_imports=[o for o in model.opset_import if o.domain == ""],
                             ir_version=model.ir_version)


class _Rewriter:
    def __init__(self, graph: onnx.GraphProto):
        self.makers = {name: node for node in graph.node for name in node.output}
        self.values = {constant.name: constant for constant in graph.initializer}
        self.renamed = {entry.name: entry.name for entry in graph.input} | {"": ""}
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.known: dict[tuple, list[str]] = {}

    def visit(self, wanted: str) -> None:
        """Write all inputs of the value `wanted`, then its own node. Graphs are too deep for recursion."""
        stack = [wanted]
        while stack:
            name = stack[-1]
            if name in self.renamed:
                stack.pop()
            elif name in self.values:
                self._constant(name)
            else:
                missing = [i for i in self.makers[name].input if i not in self.renamed]
                if missing:
                    stack.extend(reversed(missing))
                else:
                    self._node(self.makers[name])

    def _constant(self, name: str) -> None:
        array = numpy_helper.to_array(self.values[name])
        key = ("constant", str(array.dtype), array.shape, array.tobytes())
        if key not in self.known:
            self.known[key] = [f"constant_{len(self.constants)}"]
            self.constants.append(numpy_helper.from_array(array, self.known[key][0]))
        self.renamed[name] = self.known[key][0]

    def _node(self, node: onnx.NodeProto) -> None:
        inputs = [self.renamed[name] for name in node.input]
        attributes = sorted(node.attribute, key=lambda attribute: attribute.name)
        if any(attribute.HasField("g") or attribute.graphs for attribute in attributes):
            raise ValueError(f"{node.name}: graphs inside nodes are not supported")
        key = (node.op_type, *inputs, *(a.SerializeToString(deterministic=True) for a in attributes), len(node.output))
        if key not in self.known:
            number = len(self.nodes)
            self.known[key] = [f"value_{number}_{i}" if name else "" for i, name in enumerate(node.output)]
            made = helper.make_node(node.op_type, inputs, self.known[key])
            made.attribute.extend(attributes)
            self.nodes.append(made)
        self.renamed.update(zip(node.output, self.known[key], strict=True))
