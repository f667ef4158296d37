"""Keep the figures in models/lifter.md those that were measured."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ..core.errors import MocapError
from ..inference.session import models_folder
from .evaluate import table

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def update_card(path: str | Path, result: dict) -> None:
    """Replace what stands between the card's two marks by the results and the model file's size and hash."""
    path = Path(path)
    if not path.is_file():
        raise MocapError(f"{path}: not found; give the model card, models/lifter.md")
    before, mark, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise MocapError(f"{path}: the marks {BEGIN} and {END} are missing; put them around the table")
    model = (models_folder() / "lifter.onnx").read_bytes()
    facts = f"`lifter.onnx`: {len(model):,} bytes, sha256 `{hashlib.sha256(model).hexdigest()}`"
    part = path.with_name(path.name + ".part")
    part.write_text(f"{before}{BEGIN}\n{facts}\n\n{table(result)}\n{END}{after}")
    os.replace(part, path)
