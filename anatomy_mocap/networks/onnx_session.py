"""Run ONNX models with onnxruntime, on the GPU where it works and otherwise on the CPU."""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from pathlib import Path

import numpy as np
import onnxruntime

from ..core.errors import MocapError
from .model_files import models_folder, read_model

DEVICES = ("auto", "cuda", "cpu")
_MAX_THREADS = 8  # with more, the threads of these small models wait for each other; guessed


class Session:
    """One loaded model.

    name: the file's stem. device: the device in use, "cuda:0" or "cpu", whichever was asked for.
    """

    def __init__(self, path: Path, device: str, data: bytes | None = None, threads: int | None = None):
        """path: the model's file. data: the file's content, if it is read already. Others: see `open_session`."""
        self.name = path.stem
        self._path, self._data, self._wanted, self._threads = path, data, device, threads
        self._proven = False
        self._session = None
        if device != "cpu":
            self._session = _cuda_session(path, data, threads)
            if self._session is None and device == "cuda":
                raise MocapError(f"device cuda: no NVIDIA GPU can be used ({_why_no_cuda()}); choose auto or cpu")
        self.device = "cuda:0" if self._session else "cpu"
        if self._session is None:
            self._session = _cpu_session(path, data, threads)

    @property
    def metadata(self) -> dict[str, str]:
        """The metadata of the model file."""
        return self._session.get_modelmeta().custom_metadata_map

    def run(self, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
        """The outputs, in the model's order, for inputs by name.

        Raises MocapError where the GPU fails and the device "cuda" was asked for.
        """
        try:
            outputs = self._session.run(None, feeds)
        except Exception as error:
            # A driver or library that does not fit the GPU fails only at the first run.
            if self.device == "cpu" or self._proven:
                raise
            if self._wanted == "cuda":
                raise MocapError(f"device cuda: the GPU failed at {self.name} ({_first_line(error)}); "
                                 "choose auto or cpu") from error
            self._session, self.device = _cpu_session(self._path, self._data, self._threads), "cpu"
            outputs = self._session.run(None, feeds)
        self._proven = True
        return outputs


def open_session(name: str, device: str = "auto", threads: int | None = None) -> Session:
    """Load models/<name>.onnx.

    device: "auto" (the GPU where it works), "cuda" (the GPU, or a MocapError) or "cpu". threads: CPU threads of one
    run; all cores by default. A session may be run by several threads at a time.
    Raises MocapError for another device and for a file that is missing, damaged or not the one of the table of hashes.
    """
    if device not in DEVICES:
        raise MocapError(f"device {device!r} is not known; use one of {', '.join(DEVICES)}")
    path = models_folder() / f"{name}.onnx"
    return Session(path, device, read_model(path), threads)


def _options(threads: int | None) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = threads or min(usable_cores(), _MAX_THREADS)
    # Threads that spin while they wait would take the cores from the decoder and from Blender.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def usable_cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu_session(path: Path, data: bytes | None, threads: int | None) -> onnxruntime.InferenceSession:
    try:
        return onnxruntime.InferenceSession(data or str(path), _options(threads), providers=["CPUExecutionProvider"])
    except Exception as error:
        raise MocapError(f"{path}: the model can't be loaded ({_first_line(error)}); install the add-on again, "
                         "or build the model (models/README.md)") from error


def _cuda_session(path: Path, data: bytes | None, threads: int | None) -> onnxruntime.InferenceSession | None:
    """A session that runs on the GPU, or None.

    The list of available providers names CUDA even without a GPU, and a session that cannot use it falls back without
    an exception. Only the session's own list of providers is reliable.
    """
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        return None
    with _silence():
        try:
            # Loads CUDA libraries of Python packages; prints a message where there are none.
            if hasattr(onnxruntime, "preload_dlls"):
                onnxruntime.preload_dlls()
            session = onnxruntime.InferenceSession(
                data or str(path), _options(threads), providers=["CUDAExecutionProvider", "CPUExecutionProvider"])
        except Exception:
            return None
    if session.get_providers()[0] != "CUDAExecutionProvider":
        return None
    session.disable_fallback()
    return session


@contextlib.contextmanager
def _silence():
    """Suppress onnxruntime's messages about a missing GPU, which is no fault of the user."""
    onnxruntime.set_default_logger_severity(4)
    try:
        with (contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()),
              warnings.catch_warnings()):
            warnings.simplefilter("ignore")
            yield
    finally:
        onnxruntime.set_default_logger_severity(2)


def _why_no_cuda() -> str:
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        return "this package's onnxruntime is the CPU one"
    return "no GPU, or its driver, CUDA or cuDNN libraries do not fit"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
