"""Where the networks lie: models/ of the installed add-on, or of the checkout."""

from __future__ import annotations

from pathlib import Path


def models_folder() -> Path:
    """Where the .onnx files lie: inside the installed add-on, else beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "models"
    return installed if installed.is_dir() else package.parent / "models"
