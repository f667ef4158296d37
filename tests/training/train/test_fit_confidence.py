"""The fit of the confidence: known probabilities are found again in synthetic data."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.lifting import lift as lifting
from anatomy_mocap.lifting.joint_confidence import chance, features
from tests.support.small_motion_set import write_set
from tests.training.train.test_train import settings
from training.network.export import export_onnx
from training.train.fit_confidence import ConfidenceSettings, area, fit, fit_confidence, read, reliability, write
from training.train.train import Trainer

J = len(MOCAP22)


def made_up(frames: int, weights: np.ndarray):
    rng = np.random.default_rng(0)
    support, spread = rng.uniform(0.2, 1, (frames, J)), np.exp(rng.normal(-3, 0.8, (frames, J)))
    return support, spread, rng.random((frames, J)) < chance(support, spread, weights)


def test_known_chances_are_found():
    weights = np.tile([-2.0, 0.7, -1.2], (J, 1))
    weights[5] = (-3.0, 0.5, -1.6)
    support, spread, right = made_up(4000, weights)
    found = fit(features(support, spread), right)
    told, true = chance(support, spread, found), chance(support, spread, weights)
    assert np.abs(told - true)[:, 1:].mean() < 0.02
    report = reliability(told, support, np.where(right, 0.05, 0.2))
    for line in report.splitlines()[2:-2]:
        low_high, share, within, _ = line.strip("| ").split(" | ")
        low, high = map(float, low_high.split(" - "))
        assert float(share) < 1 or 100 * low - 4 <= float(within) <= 100 * high + 4


def test_the_area_is_one_half_for_chance_and_one_for_certainty():
    right = np.arange(1000) % 3 == 0
    assert area(np.where(right, 0.9, 0.1), right) == 1.0
    assert area(np.ones(1000), right) == 0.5


def test_the_model_file_keeps_its_other_metadata(tmp_path):
    node = helper.make_node("Identity", ["x"], ["y"])
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    model = helper.make_model(helper.make_graph([node], "g", values[:1], values[1:]))
    helper.set_model_props(model, {"window": "81"})
    onnx.save(model, str(tmp_path / "m.onnx"))
    weights = np.arange(3.0 * J).reshape(J, 3)
    write(tmp_path / "m.onnx", weights)
    np.testing.assert_array_equal(read(tmp_path / "m.onnx"), weights)
    kept = {entry.key: entry.value for entry in onnx.load(str(tmp_path / "m.onnx")).metadata_props}
    assert kept["window"] == "81" and list(tmp_path.iterdir()) == [tmp_path / "m.onnx"]


@pytest.fixture
def exported(tmp_path):
    """Export an untrained network to a model file."""
    trainer = Trainer(settings(tmp_path / "run", widths=3))
    trainer.save()
    export_onnx(trainer.path, tmp_path / "other.onnx")
    return tmp_path / "other.onnx"


def test_the_model_that_is_fitted_is_the_one_that_lifts(exported, tmp_path, monkeypatch):
    monkeypatch.setattr(lifting, "_session", lambda device: pytest.fail("the shipped model lifted"))
    asked, said = ConfidenceSettings(write_set(tmp_path), clips=1, model=str(exported)), []
    with pytest.raises(MocapError, match="without --check"):
        fit_confidence(ConfidenceSettings("", model=str(exported), check=True))
    fit_confidence(asked, said.append)
    assert read(exported).shape == (J, 3) and "Area under the curve" in said[0]


@pytest.mark.parametrize("content", [None, b"no"])
def test_a_model_that_is_none_is_told(tmp_path, content):
    path = tmp_path / "m.onnx"
    if content:
        path.write_bytes(content)
    with pytest.raises(MocapError, match="m.onnx"):
        fit_confidence(ConfidenceSettings("", model=str(path)))
