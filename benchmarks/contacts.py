"""Measures what is found to touch the floor in lifted takes: by rule and by the contact network, by kind of motion.

    python -m benchmarks.contacts --data cmu17.npz [--rendered FOLDER] [--card models/contacts.md]

The takes are those of `benchmarks.motion` (validation clips and made-up acts through the simulated camera and detector,
kept in out/motion), smoothed and grounded as in the product, once with the contacts of each. Columns:

    precision, recall, F1   of the frames in which a foot stands in truth, each foot by itself
    hands                   F1 of the wrists that rest on the floor in truth
    slide, median           mean and median mm a frame, at 25 frames a second, of heels and toes that stand in truth,
                            after grounding
    hand slide              likewise of wrists, mean

With --rendered there is a second table, of rendered people (`python -m training render`) by the true detector. --card
writes the tables into the network's card.
"""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from anatomy_mocap.animation.animate import animate_and_tell
from anatomy_mocap.core.skeleton import MOCAP22, SIDES
from anatomy_mocap.core.soles import foot_points
from anatomy_mocap.core.take import Take
from anatomy_mocap.measuring.slide import slide_steps
from anatomy_mocap.networks.model_files import models_folder
from anatomy_mocap.settings import GROUNDING, SMOOTHING
from benchmarks.machine import machine
from benchmarks.motion_clips import EVERYDAY, KINDS, Truth, rendered, simulated
from training.mocap.dataset import load_mocap, split

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
COLUMNS = ("precision", "recall", "F1", "hands", "slide", "median", "hand slide")
_WRISTS = [MOCAP22.index(f"{side}_wrist") for side in SIDES]


def scored(truth: Truth, take: Take) -> dict[str, np.ndarray]:
    """Counts of right, wrong and missed contacts, and steps of what stands in truth."""
    done = animate_and_tell(take, SMOOTHING, GROUNDING)
    joints, found = done.motion.joint_positions(), {}
    for name, seen, true in (("feet", done.contacts.feet, truth.feet.any(axis=-1)),
                             ("hands", done.contacts.hands > 0, truth.hands)):
        found[name] = np.array([[(seen & true).sum(), (seen & ~true).sum(), (~seen & true).sum()]])
    found["slide"] = slide_steps(foot_points(joints), truth.feet, truth.fps)
    found["hand slide"] = slide_steps(joints[:, _WRISTS], truth.hands, truth.fps)
    return found


def row(parts: list[dict[str, np.ndarray]]) -> list[float]:
    """The figures of COLUMNS; NaN where nothing was measured."""
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    feet, hands = (whole[name].sum(axis=0).astype(float) for name in ("feet", "hands"))

    def share(right: float, whole_: float) -> float:
        return right / whole_ if whole_ else np.nan

    def f1(counts: np.ndarray) -> float:
        return share(2 * counts[0], 2 * counts[0] + counts[1] + counts[2]) if counts[0] + counts[2] else np.nan
    steps, wrists = whole["slide"], whole["hand slide"]
    return [share(feet[0], feet[0] + feet[1]), share(feet[0], feet[0] + feet[2]), f1(feet), f1(hands),
            steps.mean() if len(steps) else np.nan, np.median(steps) if len(steps) else np.nan,
            wrists.mean() if len(wrists) else np.nan]


def table(rows: dict[str, dict[str, list]], card: bool = False) -> str:
    """The figures by kind, of rule and network: as aligned columns, or in Markdown for the card."""
    kinds = [kind for kind in KINDS if kind in rows]
    groups = {kind: [kind] for kind in kinds} | {"everyday": [kind for kind in kinds if kind in EVERYDAY], "all": kinds}
    head = ("kind", "contacts", *COLUMNS)
    lines = [f"| {' | '.join(head)} |", f"|---|---|{'---:|' * len(COLUMNS)}"] if card else \
        [f"{head[0]:10}{head[1]:10}" + "".join(f"{name:>12}" for name in COLUMNS)]
    for group, members in groups.items():
        for way in ("rule", "network"):
            values = row([part for kind in members for part in rows[kind][way]])
            cells = ["-" if np.isnan(value) else f"{value:.{2 if number < 4 else 1}f}"
                     for number, value in enumerate(values)]
            lines.append(f"| {' | '.join((group, way, *cells))} |" if card else
                         f"{group:10}{way:10}" + "".join(f"{cell:>12}" for cell in cells))
    return "\n".join(lines)


def write_card(path: Path, figures: str) -> None:
    """Replace the text between the card's two marks by the model file's size and hash and the table."""
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    model = (models_folder() / "contacts.onnx").read_bytes()
    facts = f"`contacts.onnx`: {len(model):,} bytes, sha256 `{hashlib.sha256(model).hexdigest()}`"
    path.write_text(f"{before}{BEGIN}\n{facts}\n\n{figures}\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="motion set (.npz)")
    parser.add_argument("--cache", type=Path, default=Path("out/motion"), help="folder of the lifted takes")
    parser.add_argument("--rendered", type=Path, action="append", default=[], help="folder of rendered clips; may be "
                        "given several times")
    parser.add_argument("--card", type=Path, help="the network's card, which gets the table")
    given = parser.parse_args()
    _, held_out = split(load_mocap(given.data))
    print(machine())
    sets = {"Validation clips through the simulated camera and detector": simulated(
        held_out, given.cache, False, KINDS, None)}
    if given.rendered:
        sets["Rendered people by the true detector"] = (
            pair for folder in given.rendered for pair in rendered(folder, given.cache, False, KINDS, None))
    tables = {}
    for title, clips in sets.items():
        rows: dict[str, dict[str, list]] = {}
        for truth, take in clips:
            of_kind = rows.setdefault(truth.kind, {"rule": [], "network": []})
            of_kind["rule"].append(scored(truth, replace(take, contacts=None)))
            of_kind["network"].append(scored(truth, take))
        tables[title] = rows
        print(f"{title}\n{table(rows)}")
    if given.card:
        write_card(given.card, "\n\n".join(f"{title}:\n\n{table(rows, card=True)}" for title, rows in tables.items()))


if __name__ == "__main__":
    main()
