"""Train the lifter, measure it, export it to models/lifter.onnx."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import MISSING, fields

from ..core.errors import MocapError
from ..inference.session import models_folder


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
            parser.add_argument(name, action=argparse.BooleanOptionalAction, default=field.default)
        else:
            parser.add_argument(name, type=kind, default=field.default, help=f"default {field.default!r}")


def _parser() -> argparse.ArgumentParser:
    from .evaluate import EvaluateSettings
    from .paper.ablate import AblateSettings
    from .public_sets.tables import TableSettings
    from .public_sets.train_public import PublicSettings
    from .train import TrainSettings

    parser = argparse.ArgumentParser(prog="python -m anatomy_mocap.training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _add_settings(commands.add_parser("train", help="train, or go on from the folder's checkpoint"), TrainSettings)
    _add_settings(commands.add_parser("evaluate", help="errors of models/lifter.onnx on the validation subjects"),
                  EvaluateSettings)
    _add_settings(commands.add_parser("ablate", help="the paper's ablation on the motion set, under one equal budget"),
                  AblateSettings)
    _add_settings(commands.add_parser("train-public", help="the paper's model on Human3.6M or MPI-INF-3DHP"),
                  PublicSettings)
    _add_settings(commands.add_parser("evaluate-public", help="the paper's tables 1, 2, 3 with our row"), TableSettings)
    _add_settings(commands.add_parser(
        "fit-confidence", help="fit the confidence of joints, write it into models/lifter.onnx, measure it"),
        _confidence_settings())
    export = commands.add_parser("export", help="write a checkpoint's averaged weights as ONNX")
    export.add_argument("checkpoint")
    export.add_argument("--out", default=str(models_folder() / "lifter.onnx"), help="default %(default)s")
    fit = commands.add_parser("calibrate", help="fit the lengths' last step of a checkpoint to people's proportions")
    fit.add_argument("checkpoint")
    fit.add_argument("--data", required=True, help="the motion set")
    weights = commands.add_parser("weights", help="a checkpoint's averaged weights alone, to start from (--start)")
    weights.add_argument("checkpoint")
    weights.add_argument("--out", required=True)
    _add_rendered(commands)
    plot = commands.add_parser("plot", help="draw a training log's curves (needs matplotlib)")
    plot.add_argument("log")
    plot.add_argument("--out", required=True, help="the picture, .png")
    return parser


def _confidence_settings() -> type:
    from .fit_confidence import ConfidenceSettings

    return ConfidenceSettings


def _add_rendered(commands) -> None:
    """The commands that make and use rendered people."""
    from .evaluate_rendered import EvaluateRenderedSettings
    from .measure_detector import MeasureSettings
    from .render.produce import RenderSettings
    from .render.sheet import SheetSettings

    for name, settings, help_ in (
            ("render", RenderSettings, "film made-up people through the shipped detector, with the truth; resumes"),
            ("render-sheet", SheetSettings, "a picture of rendered clips with true and detected joints"),
            ("measure-detector", MeasureSettings, "how the detector errs on rendered clips"),
            ("evaluate-rendered", EvaluateRenderedSettings, "errors of models/lifter.onnx on rendered clips")):
        _add_settings(commands.add_parser(name, help=help_), settings)


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
    if command == "train":
        from .train import TrainSettings, train

        train(TrainSettings(**options), _say)
    elif command == "evaluate":
        from .card import update_card
        from .evaluate import EvaluateSettings, evaluate, table

        settings = EvaluateSettings(**options)
        result = evaluate(settings, _say)
        _say(table(result))
        if settings.card:
            update_card(settings.card, result)
    elif command == "ablate":
        from .paper.ablate import AblateSettings, ablate
        from .paper.page import benchmark_table, update_page

        settings = AblateSettings(**options)
        results = ablate(settings, _say)
        _say(benchmark_table(results))
        if settings.page:
            update_page(settings.page, results, settings.mark)
    elif command == "train-public":
        from .public_sets.train_public import PublicSettings, train_public

        train_public(PublicSettings(**options), _say)
    elif command == "evaluate-public":
        from .public_sets.tables import TableSettings, evaluate_public

        evaluate_public(TableSettings(**options), _say)
    elif command == "calibrate":
        from .calibrate import calibrate

        _say(calibrate(options["checkpoint"], options["data"]))
    elif command == "fit-confidence":
        from .fit_confidence import ConfidenceSettings, fit_confidence

        fit_confidence(ConfidenceSettings(**options), _say)
    elif command == "weights":
        from .checkpoint import save_weights

        save_weights(options["checkpoint"], options["out"])
    elif command == "export":
        from .export import export_onnx

        _say(f"{options['out']} sha256 {export_onnx(options['checkpoint'], options['out'])}")
    elif command in ("render", "render-sheet"):
        _with_blender(command, options)
    elif command == "measure-detector":
        from .measure_detector import MeasureSettings, measure

        measure(MeasureSettings(**options), _say)
    elif command == "evaluate-rendered":
        from .evaluate_rendered import EvaluateRenderedSettings, evaluate_rendered

        evaluate_rendered(EvaluateRenderedSettings(**options), _say)
    else:
        from .plot import plot_log

        plot_log(options["log"], options["out"])


def _with_blender(command: str, options: dict) -> None:
    """Run, and leave at once: Blender as a module may crash while Python takes it down."""
    from .render.produce import RenderSettings, render
    from .render.sheet import SheetSettings, draw_sheet

    if command == "render":
        _say(f"{render(RenderSettings(**options), _say)} clips made")
    else:
        draw_sheet(SheetSettings(**options))
    sys.stdout.flush()
    os._exit(0)


def _say(line: str) -> None:
    print(line, flush=True)
