"""Draw the curves of a training log as SVG, without a plotting package."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.whole_file import written_whole

from ..argument_checks import results_file
from ..options import option, positional

_LOSSES = ("direction", "position", "shift", "up", "frame")
_ERRORS = tuple(f"{name} {kind}" for name in ("mpjpe", "n_mpjpe", "length_error") for kind in ("noisy", "exact"))
_COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf")
_WIDTH, _HEIGHT, _LEFT, _TOP = 430, 300, 55, 30


@dataclass(frozen=True)
class PlotSettings:
    """Options of the command plot."""

    logs: tuple[str, ...] = positional("log.jsonl of a training; several of a training that went on in other folders")
    out: str = option("the picture (.svg)")


def plot_log(logs: Sequence[str | Path], out: str | Path) -> None:
    """Draw the losses and the validation errors of log.jsonl over the minutes of training.

    Several logs are one training, each continued from the weights of the one before. Quantities that a log does not
    have are not drawn. Raises MocapError for a file that is not a log, and if there is nothing to draw.
    """
    out = results_file(out)
    entries = [entry for log in logs for entry in _entries(log)]
    before = 0.0
    for last, entry in zip([{"seconds": 0.0}, *entries], entries, strict=False):
        before = last["seconds"] if entry["seconds"] + before < last["seconds"] else before
        entry["seconds"] += before
    if not entries:
        raise MocapError(f"{logs[0]}: an empty training log; train a model first")
    losses, errors = _curves(entries, _LOSSES), _curves(entries, _ERRORS)
    if not losses and not errors:
        raise MocapError(f"{logs[0]}: no loss and no validation error in it; give log.jsonl of a training folder")
    parts = [_axes(0, losses, "training losses, both sub-networks added"),
             _axes(_WIDTH + 2 * _LEFT + 60, errors, "validation chunks, mm")]
    width = 2 * (_WIDTH + 2 * _LEFT + 60)
    with written_whole(out, "picture") as partial:
        partial.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT + 80}" font-family="sans-serif" '
            f'font-size="11"><rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>\n', encoding="utf-8")


def _entries(log: str | Path) -> list[dict]:
    try:
        entries = [json.loads(line) for line in Path(log).read_text(encoding="utf-8").splitlines()]
        return [{"seconds": float(entry["seconds"]), **_values(entry)} for entry in entries]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MocapError(f"{log}: not a training log ({error}); give log.jsonl of a training folder") from error


def _values(entry: dict) -> dict[str, float]:
    """The drawn quantities in one line of a log."""
    flat = {f"{name} {kind}": value for kind, errors in entry.get("validation", {}).items()
            for name, value in errors.items()}
    return {name: float(value) for name, value in (entry | flat).items() if name in _LOSSES + _ERRORS}


def _curves(entries: list[dict], names: tuple[str, ...]) -> dict[str, list[tuple[float, float]]]:
    """Points (minute, value) of each curve, of the names that have any; a logarithm needs values above 0."""
    curves = {name: [(entry["seconds"] / 60, entry[name]) for entry in entries if 0 < entry.get(name, 0) < math.inf]
              for name in names}
    return {name: curve for name, curve in curves.items() if curve}


def _axes(offset: float, curves: dict[str, list[tuple[float, float]]], title: str) -> str:
    """One logarithmic plot of curves of (minute, value)."""
    values = [value for curve in curves.values() for _, value in curve] or [1.0]
    low, high = math.log10(min(values)), math.log10(max(values)) + 1e-6
    end = max([minute for curve in curves.values() for minute, _ in curve] + [1e-6])

    def place(minute: float, value: float) -> tuple[float, float]:
        height = (math.log10(value) - low) / (high - low)
        return offset + _LEFT + minute / end * _WIDTH, _TOP + _HEIGHT * (1 - height)

    parts = [f'<text x="{offset + _LEFT}" y="{_TOP - 10}" font-size="13">{title}</text>',
             f'<rect x="{offset + _LEFT}" y="{_TOP}" width="{_WIDTH}" height="{_HEIGHT}" fill="none" stroke="#888"/>']
    for tick in _ticks(10**low, 10**high):
        y = place(0, tick)[1]
        parts.append(f'<path d="M{offset + _LEFT} {y:.1f}h{_WIDTH}" stroke="#ddd"/>'
                     f'<text x="{offset + _LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for tick in range(0, int(end) + 1, max(1, int(end / 6))):
        x = place(tick, 1)[0]
        parts.append(f'<text x="{x:.1f}" y="{_TOP + _HEIGHT + 16}" text-anchor="middle">{tick}</text>')
    parts.append(f'<text x="{offset + _LEFT}" y="{_TOP + _HEIGHT + 34}">minutes of training</text>')
    for index, (name, curve) in enumerate(curves.items()):
        colour = _COLOURS[index % len(_COLOURS)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in curve))
        y = _TOP + 14 + 16 * index
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
                     f'<text x="{offset + _LEFT + _WIDTH + 6}" y="{y}" fill="{colour}">{name}</text>')
    return "".join(parts)


def _ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten in the range."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [m * 10.0**d for d in decades for m in (1, 2, 5) if low <= m * 10.0**d <= high]
