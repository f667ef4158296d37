"""The benchmark's table in docs/benchmark.md, written between two marks from the results."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.whole_file import written_whole

from .ablation_rows import ROWS

BEGIN, END = "<!-- measured{}: begin -->", "<!-- measured{}: end -->"
"""Filled with nothing, or with a blank and the table's name where a page has several."""


def benchmark_table(results: list[dict]) -> str:
    """The table as Markdown: means and standard deviations over the seeds, beside the paper's figures."""
    head = ["row", "paper, mm", "order", "MPJPE, equation 1", "order", "MPJPE, regressed", "order", "P-MPJPE mm",
            "bone length mm", "bones deg", "parameters", "s (CPU)"]
    groups = {name: [result for result in results if result["row"] == name] for name in ROWS}
    groups = {name: group for name, group in groups.items() if group}
    published = _places({name: ROWS[name].paper for name in groups})
    places = [_places({name: np.mean([_error(result, kind) for result in group]) for name, group in groups.items()})
              for kind in _JOINTS]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for name, group in groups.items():
        tests = [result["test"] for result in group]
        cells = [ROWS[name].title, f"{ROWS[name].paper:.1f}", published[name]]
        for kind, place in zip(_JOINTS, places, strict=True):
            cells += [_spread([_error(result, kind) for result in group]), place[name]]
        cells += [_spread([test[key] for test in tests]) for key in ("p_mpjpe", "length_error", "angle")]
        seconds = np.mean([result["seconds"]["cpu"] for result in group])
        lines.append("| " + " | ".join([*cells, f"{group[0]['parameters']:,}", f"{seconds:.0f}"]) + " |")
    return "\n".join([*lines, "", *_steps(groups), "", _foot(results, groups)])


_JOINTS = ("mpjpe", "regressed")
"""Joints by equation 1, and those of the regressed head, which the paper's figures are for."""


def _error(result: dict, kind: str) -> float:
    """MPJPE in mm; a baseline has only one kind of joints, which are regressed."""
    return result["test"].get(kind, result["test"]["mpjpe"])


def _places(values: dict[str, float]) -> dict[str, str]:
    """1 for the lowest; equal values share a place."""
    ordered = sorted(values.values())
    return {name: str(1 + ordered.index(value)) for name, value in values.items()}


def _spread(values: list[float]) -> str:
    """Mean and standard deviation (of the sample) over the seeds."""
    return f"{np.mean(values):.1f} ± {np.std(values, ddof=1):.1f}" if len(values) > 1 else f"{values[0]:.1f}"


_STEPS = (("baseline", "baseline_shift"), ("baseline", "naive"), ("naive", "ml"), ("ml", "bone_attention"),
          ("bone_attention", "augmented"), ("augmented", "joint_shift"), ("joint_shift", "long_skips"),
          ("long_skips", "full"), ("joint_shift", "consecutive"), ("joint_shift", "deep"), ("full", "concatenated"),
          ("baseline", "full"))


def _steps(groups: dict[str, list[dict]]) -> list[str]:
    """The effect of each step of the ablation, seed by seed, on the same data in the same order."""
    lines = ["| from | to | paper, mm | equation 1, mm | seeds of its sign | regressed, mm | seeds of its sign |",
             "|---|---|" + "---:|" * 5]
    for before, after in _STEPS:
        if before not in groups or after not in groups:
            continue
        claimed = ROWS[after].paper - ROWS[before].paper
        cells = [ROWS[before].title, ROWS[after].title, f"{claimed:+.1f}"]
        for kind in _JOINTS:
            a, b = ({result["seed"]: _error(result, kind) for result in groups[name]} for name in (before, after))
            change = np.array([b[seed] - a[seed] for seed in sorted(a.keys() & b.keys())])
            same = int((np.sign(change) == np.sign(claimed)).sum())
            cells += [_signed(change), f"{same} of {len(change)}" if abs(claimed) > 0.01 else "-"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _signed(change: np.ndarray) -> str:
    spread = f" ± {np.std(change, ddof=1):.1f}" if len(change) > 1 else ""
    return f"{change.mean():+.1f}{spread}"


def _foot(results: list[dict], groups: dict[str, list[dict]]) -> str:
    budget, machine = results[0]["budget"], results[0]["machine"]
    seeds = sorted({len(group) for group in groups.values()})
    threads = sorted({result["machine"]["threads"] for result in results})
    spoken = "one thread" if threads == [1] else f"{' or '.join(map(str, threads))} threads"
    return (f"{budget['channels']} channels, {3 ** budget['widths']} frames, {budget['steps']} steps of "
            f"{budget['windows']} windows, rate {budget['rate']:g}; {' or '.join(map(str, seeds))} seeds a row, "
            f"± standard deviation over them; torch {machine['torch']}, Python {machine['python']}, {spoken}.")


def check_page(path: str | Path, name: str | None = None) -> tuple[str, str]:
    """The text before and after the table, the page's two marks of that name included. Raises MocapError if the page or
    a mark is missing."""
    path = Path(path)
    begin, end = (mark.format(" " + name if name else "") for mark in (BEGIN, END))
    try:
        before, mark, rest = path.read_text(encoding="utf-8").partition(begin)
    except (OSError, UnicodeDecodeError) as error:
        raise MocapError(f"{path}: can't be read ({error}); give docs/benchmark.md") from error
    _, found, after = rest.partition(end)
    if not mark or not found:
        raise MocapError(f"{path}: the marks {begin} and {end} are missing; put them around the table")
    return before + begin, end + after


def update_page(path: str | Path, results: list[dict], name: str | None = None) -> None:
    """Replace the table between the page's two marks of that name."""
    before, after = check_page(path, name)
    with written_whole(path, "table") as part:
        part.write_text(f"{before}\n{benchmark_table(results)}\n{after}", encoding="utf-8")
