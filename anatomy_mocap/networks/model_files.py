"""The folder of the model files: models/ of the installed add-on, or of the checkout."""

from __future__ import annotations

from pathlib import Path


def models_folder() -> Path:
    """The folder of the .onnx files: inside the installed add-on, or else beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "models"
    return installed if installed.is_dir() else package.parent / "models"
