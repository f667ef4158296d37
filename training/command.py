"""Train the lifter, measure it, export it to models/lifter.onnx."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import MISSING, fields
from importlib import import_module

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.networks.model_files import models_folder


def _add_settings(parser: argparse.ArgumentParser, settings: type) -> None:
    """One option for each field of the settings."""
    parser.epilog = settings.__doc__
    for field in fields(settings):
        kind = {"str": str, "int": int, "float": float, "bool": bool}[field.type]
        if field.name == "folder":
            parser.add_argument(field.name)
            continue
        name = "--" + field.name
        if field.default is MISSING:
            parser.add_argument(name, type=kind, required=True)
        elif kind is bool:
            parser.add_argument(
                name,
                action=argparse.BooleanOptionalAction,
                default=field.default,
                help="default " + ("yes" if field.default else "no"),
            )
        else:
            parser.add_argument(name, type=kind, default=field.default, help=f"default {field.default!r}")


# Command -> (what it does, module, its settings, the function that takes them and `say`).
_WITH_SETTINGS = {
    "train": ("train, or go on from the folder's checkpoint", "train.train_settings", "TrainSettings", ""),
    "evaluate": ("errors of models/lifter.onnx on the validation subjects", "measure.evaluate", "EvaluateSettings", ""),
    "compare": (
        "checkpoints of any kind on evaluate's benchmark, side by side",
        "measure.compare",
        "CompareSettings",
        "compare",
    ),
    "fit-confidence": (
        "fit the confidence of joints, write it into models/lifter.onnx, measure it",
        "train.fit_confidence",
        "ConfidenceSettings",
        "fit_confidence",
    ),
    "ablate": ("the paper's ablation on the motion set, under one equal budget", "paper.ablate", "AblateSettings", ""),
    "train-public": (
        "the paper's model on Human3.6M or MPI-INF-3DHP",
        "paper.public_sets.train_public",
        "PublicSettings",
        "train_public",
    ),
    "evaluate-public": (
        "the paper's tables 1, 2, 3 with our row",
        "paper.public_sets.tables",
        "TableSettings",
        "evaluate_public",
    ),
    "measure-directions": (
        "how the lifter's directions are off, bone by bone and together",
        "measure.measure_directions",
        "DirectionSettings",
        "measure_directions",
    ),
    "pictures": (
        "draw validation clips: 2D, and 3D beside the truth",
        "measure.pictures",
        "PictureSettings",
        "draw_clips",
    ),
    "render": (
        "film made-up people through the shipped detector, with the truth; resumes",
        "rendered_people.render_in_parts",
        "RenderSettings",
        "render",
    ),
    "render-truth": (
        "the truth of clips that are there, by today's definitions of the joints",
        "rendered_people.renew_truth",
        "RenewSettings",
        "renew",
    ),
    "render-sheet": (
        "a picture of rendered clips with true and detected joints",
        "rendered_people.contact_sheet",
        "SheetSettings",
        "draw_sheet",
    ),
    "measure-detector": (
        "how the detector errs on rendered clips",
        "measure.measure_detector",
        "MeasureSettings",
        "measure",
    ),
    "evaluate-rendered": (
        "errors of models/lifter.onnx on rendered clips",
        "measure.evaluate_rendered",
        "EvaluateRenderedSettings",
        "evaluate_rendered",
    ),
}


def _part(module: str, name: str):
    """A settings class or function of this package, imported when it is wanted."""
    return getattr(import_module("." + module, __package__), name)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (does, module, settings, _) in _WITH_SETTINGS.items():
        _add_settings(commands.add_parser(name, help=does), _part(module, settings))
    export = commands.add_parser("export", help="write a checkpoint's averaged weights as ONNX")
    export.add_argument("checkpoint")
    export.add_argument("--out", default=str(models_folder() / "lifter.onnx"), help="default %(default)s")
    fit = commands.add_parser("calibrate", help="fit the lengths' last step of a checkpoint to people's proportions")
    fit.add_argument("checkpoint")
    fit.add_argument("--data", required=True, help="the motion set")
    weights = commands.add_parser("weights", help="a checkpoint's averaged weights alone, to start from (--start)")
    weights.add_argument("checkpoint")
    weights.add_argument("--out", required=True)
    plot = commands.add_parser("plot", help="draw a training log's curves")
    plot.add_argument("logs", nargs="+", help="log.jsonl, several for a training that went on in another folder")
    plot.add_argument("--out", required=True, help="the picture, .svg")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run; 0 done, 2 bad input."""
    try:
        _run(vars(_parser().parse_args(arguments)))
    except MocapError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _run(options: dict) -> None:
    command = options.pop("command")
    if command in _WITH_SETTINGS:
        _, module, settings, function = _WITH_SETTINGS[command]
        chosen = _part(module, settings)(**options)
        if command == "render-sheet":
            _with_blender(_part(module, function), chosen)
        elif command == "train":
            _part("train.train", "train")(chosen, _say)
        elif command == "evaluate":
            _evaluate(chosen)
        elif command == "ablate":
            _ablate(chosen)
        else:
            _part(module, function)(chosen, _say)
    elif command == "calibrate":
        _say(_part("train.calibrate", "calibrate")(options["checkpoint"], options["data"]))
    elif command == "weights":
        _part("network.checkpoint", "save_weights")(options["checkpoint"], options["out"])
    elif command == "export":
        _say(f"{options['out']} sha256 {_part('network.export', 'export_onnx')(options['checkpoint'], options['out'])}")
    else:
        _part("measure.plot", "plot_log")(options["logs"], options["out"])


def _evaluate(settings) -> None:
    from .measure.evaluate import evaluate, table
    from .measure.model_card import parts_of, update_card

    if settings.card:
        parts_of(settings.card)  # to tell before the work what is wrong with it
    result = evaluate(settings, _say)
    _say(table(result))
    if settings.card:
        update_card(settings.card, result)


def _ablate(settings) -> None:
    from .paper.ablate import ablate
    from .paper.benchmark_page import benchmark_table, update_page

    results = ablate(settings, _say)
    _say(benchmark_table(results))
    if settings.page:
        update_page(settings.page, results, settings.mark)


def _with_blender(function, settings) -> None:
    """Run, and leave at once: Blender as a module may crash while Python takes it down."""
    function(settings)
    sys.stdout.flush()
    os._exit(0)


def _say(line: str) -> None:
    print(line, flush=True)
