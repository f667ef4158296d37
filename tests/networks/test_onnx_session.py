"""Models are found, run on the reported device, and fail with a message."""

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.networks import onnx_session as module
from anatomy_mocap.networks.model_files import models_folder
from anatomy_mocap.networks.onnx_session import open_session

CUDA = "CUDAExecutionProvider"
IMAGE = {"image": np.zeros((1, 3, 256, 256), dtype=np.float32)}


@pytest.fixture
def pretend_cuda(monkeypatch):
    """Let onnxruntime list CUDA, as its GPU package does on every machine."""
    monkeypatch.setattr(module.onnxruntime, "get_available_providers", lambda: [CUDA, "CPUExecutionProvider"])


class BrokenGpu:
    """A session on the GPU that fails at the first picture, as with a driver that is too old for the CUDA libraries."""

    def run(self, *_):
        raise RuntimeError("CUDA failure 100: no kernel image\nsecond line")


def test_models_lie_beside_the_package_in_a_checkout(root):
    assert models_folder() == root / "models"


def test_a_model_runs_on_the_cpu():
    session = open_session("blazepose_heavy", "cpu")
    shapes = [output.shape for output in session.run(IMAGE)]
    assert shapes == [(1, 195), (1, 1), (1, 39, 64, 64), (1, 117)]
    assert (session.name, session.device) == ("blazepose_heavy", "cpu")


def test_a_gpu_that_is_listed_but_absent_is_not_claimed(pretend_cuda, capfd):
    session = open_session("movenet_multipose", "auto")
    if session.device == "cpu":  # else this machine has a GPU that works
        assert capfd.readouterr() == ("", "")
        with pytest.raises(MocapError, match="device cuda: no NVIDIA GPU"):
            open_session("movenet_multipose", "cuda")


def test_cuda_with_the_cpu_package_is_refused(monkeypatch):
    monkeypatch.setattr(module.onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(MocapError, match="device cuda: .*CPU one.*choose auto or cpu"):
        open_session("movenet_multipose", "cuda")


def test_a_gpu_that_fails_at_work_is_left_for_the_cpu(monkeypatch):
    monkeypatch.setattr(module, "_cuda_session", lambda path, data, threads: BrokenGpu())
    session = open_session("blazepose_heavy", "auto")
    assert session.device == "cuda:0"
    assert len(session.run(IMAGE)) == 4
    assert session.device == "cpu"
    with pytest.raises(MocapError, match="no kernel image"):
        open_session("blazepose_heavy", "cuda").run(IMAGE)


def test_wrong_inputs_are_not_taken_for_a_broken_gpu():
    with pytest.raises(Exception, match="image"):
        open_session("blazepose_heavy", "cpu").run({"picture": IMAGE["image"]})


def test_missing_damaged_and_unknown(tmp_path, monkeypatch):
    with pytest.raises(MocapError, match="device 'gpu' is not known; use one of auto, cuda, cpu"):
        open_session("blazepose_heavy", "gpu")
    monkeypatch.setattr(module, "models_folder", lambda: tmp_path)
    with pytest.raises(MocapError, match="blazepose_heavy.onnx: the model is missing"):
        open_session("blazepose_heavy")
    (tmp_path / "blazepose_heavy.onnx").write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(MocapError, match="blazepose_heavy.onnx: the model can't be loaded") as caught:
        open_session("blazepose_heavy")
    assert "\n" not in str(caught.value)
