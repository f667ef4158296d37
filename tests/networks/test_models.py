"""The bundled detector files agree with the model cards, the notice and the rebuild command."""

import hashlib
import importlib.util
import re
import sys

import numpy as np
import onnxruntime
import pytest

NAMES = ("blazepose_heavy", "movenet_multipose", "hand_landmark")


def load(root, name):
    """Import a module of models/rebuild, which is not a package."""
    spec = importlib.util.spec_from_file_location(name, root / "models" / "rebuild" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", NAMES)
def test_card_file_and_rebuild_agree(root, name):
    data = (root / "models" / f"{name}.onnx").read_bytes()
    found = hashlib.sha256(data).hexdigest()
    card = (root / "models" / f"{name}.md").read_text(encoding="utf-8")
    assert f"{len(data):,} bytes, sha256 `{found}`" in card
    expected = {model.name: model for model in load(root, "rebuild").MODELS}[f"{name}.onnx"]
    assert expected.sha256 == found
    package, _, version = expected.source.package.rpartition("@")
    for text in (card, (root / "models" / "NOTICE").read_text(encoding="utf-8")):
        assert re.search(rf"{re.escape(package)}`? {re.escape(version)}", text)
    assert "Apache-2.0" in card and (root / "models" / "LICENSE-Apache-2.0.txt").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_card_names_the_inputs_and_outputs(root, name):
    session = onnxruntime.InferenceSession(str(root / "models" / f"{name}.onnx"), providers=["CPUExecutionProvider"])
    card = (root / "models" / f"{name}.md").read_text(encoding="utf-8")
    for value in (*session.get_inputs(), *session.get_outputs()):
        kind = {"tensor(float)": "float32", "tensor(int32)": "int32"}[value.type]
        assert f"| `{value.name}` | ({', '.join(map(str, value.shape))}) {kind} |" in card


def test_half_weights_lose_nothing(root):
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(0)
    exact = rng.normal(size=(8, 16)).astype(np.float16).astype(np.float32)
    fine, small = rng.normal(size=(16, 8)).astype(np.float32), np.float32([1, 2, 3, 4, 5, 6, 7, 8])
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "exact"], ["a"]), helper.make_node("MatMul", ["a", "fine"], ["b"]),
         helper.make_node("Add", ["b", "small"], ["y"])], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 8])],
        [numpy_helper.from_array(array, name) for name, array in (("exact", exact), ("fine", fine), ("small", small))])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    x = {"x": rng.normal(size=(1, 8)).astype(np.float32)}
    (before,) = run(model, x)
    half = load(root, "half_weights").store_half(model)
    onnx.checker.check_model(half)
    assert {w.name: w.data_type for w in half.graph.initializer} == {
        "exact_half": TensorProto.FLOAT16, "fine": TensorProto.FLOAT, "small": TensorProto.FLOAT}
    np.testing.assert_array_equal(run(half, x)[0], before)


def test_canonical_form_forgets_names_and_order_and_keeps_the_computation(root):
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper, numpy_helper

    def model(tag, order):
        two, again = (numpy_helper.from_array(np.float32([2, 3]), f"{tag}_{n}") for n in ("two", "again"))
        nodes = [helper.make_node("Mul", ["x", f"{tag}_two"], [f"{tag}_m"], name=f"{tag}1"),
                 helper.make_node("Mul", ["x", f"{tag}_again"], [f"{tag}_n"], name=f"{tag}2"),
                 helper.make_node("Neg", ["x"], [f"{tag}_unused"])]
        graph = helper.make_graph(
            [nodes[i] for i in order] + [helper.make_node("Add", [f"{tag}_m", f"{tag}_n"], ["y"])], tag,
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])], [again, two] if order[0] else [two, again])
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    canonical = load(root, "canonical").canonical
    one, other = canonical(model("a", (0, 1, 2))), canonical(model("b", (2, 1, 0)))
    onnx.checker.check_model(one)
    assert one.SerializeToString(deterministic=True) == other.SerializeToString(deterministic=True)
    assert [node.op_type for node in one.graph.node] == ["Mul", "Add", "Identity"]
    x = {"x": np.float32([5, 7])}
    np.testing.assert_array_equal(run(one, x)[0], run(model("a", (0, 1, 2)), x)[0])


def run(model, feeds):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, feeds)
