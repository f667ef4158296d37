"""The folder of the model files: models/ of the installed add-on, or of the checkout; and the hashes of its files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..core.errors import MocapError
from ..core.whole_file import written_whole

HASHES = "sha256.txt"
"""The table of the files' hashes, a line each: the SHA-256 in hexadecimal, two spaces, the file's name."""


def models_folder() -> Path:
    """The folder of the .onnx files: inside the installed add-on, or else beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "models"
    return installed if installed.is_dir() else package.parent / "models"


def read_model(path: Path) -> bytes:
    """The content of a model file, if its hash is the one of the table beside it.

    Raises MocapError for a file that is missing, is not in the table, or has another hash.
    """
    if not path.is_file():
        raise MocapError(f"{path}: the model is missing; install the add-on again, or build the model "
                         "(models/README.md)")
    try:
        data, known = path.read_bytes(), _table(path.parent)
    except (OSError, ValueError) as error:
        raise MocapError(f"{path}: the model can't be loaded ({error}); install the add-on again") from error
    if hashlib.sha256(data).hexdigest() != known.get(path.name):
        raise MocapError(f"{path}: the model can't be loaded (it is not the file whose hash {HASHES} has); install the "
                         "add-on again, or build the model (models/README.md)")
    return data


def record_hash(path: Path) -> None:
    """Put the hash of a new model file into the table of its folder, if that folder has a table."""
    table = path.parent / HASHES
    if not table.is_file():
        return
    known = _table(path.parent) | {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}
    with written_whole(table, "table of hashes") as partial:
        lines = [f"{known[name]}  {name}\n" for name in sorted(known)]
        partial.write_text("".join(lines), encoding="utf-8", newline="\n")


def _table(folder: Path) -> dict[str, str]:
    """File name -> SHA-256 in hexadecimal; empty where the folder has no table."""
    table = folder / HASHES
    lines = table.read_text(encoding="utf-8").split("\n") if table.is_file() else []
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines) if name}
