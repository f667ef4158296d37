"""The paper's tables 1, 2 and 3 with our row, from checkpoints of `train-public`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.whole_file import written_whole

from ...argument_checks import results_file
from ...devices import find_place
from ...network.checkpoint import load_checkpoint
from ...options import DEVICES, Say, option
from ..infer import predict_all
from .h36m import ACTIONS
from .protocols import actions_in, by_action, three_d
from .published import TABLE_1, TABLE_2, TABLE_3
from .train_public import PublicSettings, learner_of, load_public, settings_in

_SHORT = ("Dir.", "Disc.", "Eat", "Greet", "Phone", "Photo", "Pose", "Purch.", "Sit", "SitD.", "Smoke", "Wait",
          "WalkD.", "Walk", "WalkT.", "Avg")


@dataclass(frozen=True)
class TableSettings:
    """Options of the command evaluate-public."""

    runs: str = option("folders of train-public, separated by commas")
    files: str | None = option("folder of the sets' .npz files, where they have moved since training", None)
    flip: bool = option("average with the prediction for the mirrored video", True)
    out: str | None = option("JSON file that gets the figures", None)
    device: str = option("device of the network; auto: cuda where there is one", "cpu", choices=DEVICES)


def evaluate_public(settings: TableSettings, say: Say = print) -> list[dict]:
    """Measure each run and print the tables that it belongs to; returns the figures."""
    runs = [Path(run.strip()) for run in settings.runs.split(",") if run.strip()]
    if not runs:
        raise MocapError("--runs: no run was given; name folders of train-public")
    find_place(settings.device)
    if settings.out:
        results_file(settings.out)
    for run in runs:
        _trained(run, settings)
    results = []
    for run in runs:
        results.append(evaluate_run(run, settings))
        if len(runs) > 1:
            say(f"{run}: measured")
    say(tables(results))
    if settings.out:
        with written_whole(settings.out, "figures") as part:
            part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return results


def _trained(run: Path, settings: TableSettings) -> tuple[dict, PublicSettings]:
    """A run's checkpoint and what it was trained with, here and now."""
    path = run / "checkpoint.pt"
    state = load_checkpoint(path)
    own = settings_in(path, state) | {"device": settings.device}
    return state, PublicSettings(**own | ({"files": settings.files} if settings.files else {}))


def evaluate_run(run: Path, settings: TableSettings) -> dict:
    """The figures of one checkpoint: of equation 1's joints ("composed") and of the regressed ones.

    exact: whether the 2D is the truth's projection. MPI-INF-3DHP's files hold that, unless scores show a detector.
    """
    state, trained = _trained(run, settings)
    learner, videos = learner_of(trained), load_public(trained, training=False)
    learner.model.load_state_dict(state["model"])
    seen = predict_all(learner.model.eval(), trained.variant, videos, settings.flip)
    kinds = {"composed": False} | ({"regressed": True} if trained.variant.anatomic else {})
    measure = by_action if trained.set == "h36m" else (lambda part, which: asdict(three_d(part, which)))
    return {"run": run.name, "epochs": state["epoch"], "settings": asdict(trained),
            "exact": trained.detections == "gt" if trained.set == "h36m" else bool((videos.score == 1).all()),
            **{name: measure(seen, which) for name, which in kinds.items()}}


def _name(result: dict, kind: str) -> str:
    settings = result["settings"]
    causal = ", causal" if settings["causal"] else ""
    joints = "equation 1" if kind == "composed" else "regressed"
    seen = "; exact 2D" if settings["set"] == "3dhp" and result["exact"] else ""
    count = actions_in(result[kind]) if settings["set"] == "h36m" else len(ACTIONS)
    some = f"; {count} of {len(ACTIONS)} actions" if count < len(ACTIONS) else ""
    frames = 3 ** settings["widths"]
    return f"Ours, {result['run']} ({frames} frames{causal}, {result['epochs']} epochs; {joints}{seen}{some})"


def _kinds(result: dict) -> list[str]:
    return [kind for kind in ("composed", "regressed") if kind in result]


def tables(results: list[dict]) -> str:
    """The tables as Markdown: 1 for Human3.6M with detected 2D, 2 for exact 2D, 3 for MPI-INF-3DHP."""
    groups: dict[int, list[dict]] = {}
    for result in results:
        settings = result["settings"]
        number = 3 if settings["set"] == "3dhp" else 2 if settings["detections"] == "gt" else 1
        groups.setdefault(number, []).append(result)
    makers = {1: _table_1, 2: _table_2, 3: _table_3}
    return "\n\n".join(makers[number](groups[number]) for number in sorted(groups))


def _markdown(title: str, head: list[str], rows: list[tuple[str, list]]) -> str:
    lines = [f"**{title}**", "", "| | " + " | ".join(head) + " |", "|---|" + "---:|" * len(head)]
    for name, values in rows:
        lines.append(f"| {name} | " + " | ".join("-" if value is None else f"{value:.1f}" for value in values) + " |")
    return "\n".join(lines)


def _table_1(results: list[dict]) -> str:
    parts = []
    for protocol in ("protocol 1", "protocol 2", "protocol 3", "velocity"):
        ours = [(_name(result, kind), [result[kind][protocol].get(action) for action in (*ACTIONS, "Avg")])
                for result in results for kind in _kinds(result)]
        title = f"Table 1, Human3.6M, {protocol}, mm" if protocol in TABLE_1 else (
            f"Human3.6M, {protocol}, mm (not in the paper)")
        parts.append(_markdown(title, list(_SHORT), [*TABLE_1.get(protocol, []), *ours]))
    return "\n\n".join(parts)


def _table_2(results: list[dict]) -> str:
    ours = [(_name(result, kind), [result[kind][protocol]["Avg"] for protocol in ("protocol 1", "protocol 2")])
            for result in results for kind in _kinds(result)]
    return _markdown("Table 2, Human3.6M, exact 2D, mm", ["Protocol 1", "Protocol 2"], [*TABLE_2, *ours])


def _table_3(results: list[dict]) -> str:
    ours = [(_name(result, kind), [result[kind][name] for name in ("pck", "auc", "mpjpe")])
            for result in results for kind in _kinds(result)]
    title = "Table 3, MPI-INF-3DHP (the paper: detected 2D)"
    return _markdown(title, ["PCK %", "AUC %", "MPJPE mm"], [*TABLE_3, *ours])
