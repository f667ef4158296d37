"""Write measured figures into the model card, models/lifter.md."""

from __future__ import annotations

import hashlib
from pathlib import Path

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.whole_file import written_whole
from anatomy_mocap.networks.model_files import models_folder

from ..options import Say
from .evaluate import EvaluateSettings, evaluate, table

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def evaluate_for_card(settings: EvaluateSettings, say: Say = print) -> None:
    """Measure, print the table, and write it into the model card that the settings name."""
    if settings.card:
        parts_of(settings.card)  # a wrong card is reported before the work
    result = evaluate(settings, say)
    say(table(result))
    if settings.card:
        update_card(settings.card, result)


def parts_of(path: str | Path) -> tuple[str, str]:
    """The text before and after the card's two marks. Raises MocapError if a mark is missing."""
    path = Path(path)
    if not path.is_file():
        raise MocapError(f"--card {path}: not found; give the model card, models/lifter.md")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise MocapError(f"--card {path}: not readable as text ({error}); give the model card, models/lifter.md"
                         ) from error
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise MocapError(f"{path}: the marks {BEGIN} and {END} are missing; put them around the table")
    return before, after


def update_card(path: str | Path, result: dict) -> None:
    """Replace the text between the card's two marks by the results and the model file's size and hash."""
    before, after = parts_of(path)
    model = (models_folder() / "lifter.onnx").read_bytes()
    facts = f"`lifter.onnx`: {len(model):,} bytes, sha256 `{hashlib.sha256(model).hexdigest()}`"
    with written_whole(path, "model card") as partial:
        partial.write_text(f"{before}{BEGIN}\n{facts}\n\n{table(result)}\n{END}{after}", encoding="utf-8")
