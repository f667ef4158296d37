"""The benchmark's table in docs/benchmark.md: written between two marks from the results, never by hand."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from ...core.errors import MocapError
from .ablate import MEASURES
from .variants import ROWS

BEGIN, END = "<!-- measured{}: begin -->", "<!-- measured{}: end -->"
"""Filled with nothing, or with a blank and the table's name where a page has several."""


def benchmark_table(results: list[dict]) -> str:
    """Markdown: means and standard deviations over the seeds, beside the paper's figures."""
    head = ["row", "paper, mm", "paper, order", *MEASURES.values(), "order", "parameters", "s (CPU)"]
    groups = {name: [result for result in results if result["row"] == name] for name in ROWS}
    groups = {name: group for name, group in groups.items() if group}
    means = {name: np.mean([result["test"]["mpjpe"] for result in group]) for name, group in groups.items()}
    order = sorted(means, key=means.get)
    published = sorted(groups, key=lambda name: ROWS[name].paper)
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for name, group in groups.items():
        seconds = np.mean([result["seconds"]["cpu"] for result in group])
        cells = [ROWS[name].title, f"{ROWS[name].paper:.1f}", str(1 + published.index(name)),
                 *(_spread([result["test"].get(key) for result in group]) for key in MEASURES),
                 str(1 + order.index(name)), f"{group[0]['parameters']:,}", f"{seconds:.0f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", *_steps(groups), "", _foot(results, groups)])


def _spread(values: list[float | None]) -> str:
    """Mean and standard deviation (of the sample) over the seeds."""
    if any(value is None for value in values):
        return "-"
    return f"{np.mean(values):.1f} ± {np.std(values, ddof=1):.1f}" if len(values) > 1 else f"{values[0]:.1f}"


_STEPS = (("baseline", "baseline_shift"), ("baseline", "naive"), ("naive", "ml"), ("ml", "bone_attention"),
          ("bone_attention", "augmented"), ("augmented", "joint_shift"), ("joint_shift", "long_skips"),
          ("long_skips", "full"), ("joint_shift", "consecutive"), ("joint_shift", "deep"), ("full", "concatenated"),
          ("baseline", "full"))


def _steps(groups: dict[str, list[dict]]) -> list[str]:
    """What each step changes, seed by seed: the same data in the same order on both sides."""
    lines = ["| from | to | paper, mm | here, mm | seeds that agree in sign |", "|---|---|---:|---:|---:|"]
    for before, after in _STEPS:
        if before not in groups or after not in groups:
            continue
        a, b = ({result["seed"]: result["test"]["mpjpe"] for result in groups[name]} for name in (before, after))
        change = np.array([b[seed] - a[seed] for seed in sorted(a.keys() & b.keys())])
        claimed = ROWS[after].paper - ROWS[before].paper
        agree = "-" if claimed == 0 else f"{int((np.sign(change) == np.sign(claimed)).sum())} of {len(change)}"
        lines.append(f"| {ROWS[before].title} | {ROWS[after].title} | {claimed:+.1f} | {_signed(change)} | {agree} |")
    return lines


def _signed(change: np.ndarray) -> str:
    spread = f" ± {np.std(change, ddof=1):.1f}" if len(change) > 1 else ""
    return f"{change.mean():+.1f}{spread}"


def _foot(results: list[dict], groups: dict[str, list[dict]]) -> str:
    budget, machine = results[0]["budget"], results[0]["machine"]
    seeds = sorted({len(group) for group in groups.values()})
    return (f"{budget['channels']} channels, {3 ** budget['widths']} frames, {budget['steps']} steps of "
            f"{budget['windows']} windows, rate {budget['rate']:g}; {' or '.join(map(str, seeds))} seeds a row, "
            f"± standard deviation over them; torch {machine['torch']}, Python {machine['python']}, one thread.")


def update_page(path: str | Path, results: list[dict], name: str = "") -> None:
    """Replace what stands between the page's two marks of that name; the rest is written by hand."""
    path = Path(path)
    begin, end = (mark.format(" " + name if name else "") for mark in (BEGIN, END))
    if not path.is_file():
        raise MocapError(f"{path}: not found; give docs/benchmark.md")
    before, mark, rest = path.read_text(encoding="utf-8").partition(begin)
    _, found, after = rest.partition(end)
    if not mark or not found:
        raise MocapError(f"{path}: the marks {begin} and {end} are missing; put them around the table")
    part = path.with_name(path.name + ".part")
    part.write_text(f"{before}{begin}\n{benchmark_table(results)}\n{end}{after}", encoding="utf-8")
    os.replace(part, path)
