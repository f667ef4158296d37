"""The command line of training."""

from __future__ import annotations

import argparse
import sys
from dataclasses import MISSING, fields

from ..core.errors import MocapError
from .train import TrainSettings, train


def _add_settings(parser: argparse.ArgumentParser, settings: type) -> None:
    for field in fields(settings):
        kind = {"str": str, "int": int, "float": float, "bool": bool}[field.type]
        name = "--" + field.name
        if field.default is MISSING:
            parser.add_argument(name, type=kind, required=True)
        elif kind is bool:
            parser.add_argument(name, action=argparse.BooleanOptionalAction, default=field.default)
        else:
            parser.add_argument(name, type=kind, default=field.default, help=f"default {field.default}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m anatomy_mocap.training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _add_settings(commands.add_parser("train", help="train the lifter, or go on with it"), TrainSettings)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run; 0 done, 2 bad input."""
    options = vars(_parser().parse_args(arguments))
    options.pop("command")
    try:
        train(TrainSettings(**options), lambda line: print(line, flush=True))
    except MocapError as error:
        print(error, file=sys.stderr)
        return 2
    return 0
