"""Options of a command as fields of its settings dataclass: name, type, default, help text and choices."""

from __future__ import annotations

import argparse
import types
from collections.abc import Callable
from dataclasses import MISSING, Field, field, fields
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Settings = TypeVar("Settings")

Say = Callable[[str], None]
"""Takes one line of a command's output, such as `print`."""

DEVICES = ("auto", "cuda", "cpu")
"""Names of the devices that a network can run on; auto: cuda where there is one."""


def option(text: str, default: Any = MISSING, choices: tuple[str, ...] | None = None) -> Any:
    """A dataclass field that becomes the option --name.

    text: the help text, without the default. default: left out, the option is required. choices: the allowed values.
    """
    return field(default=default, metadata={"help": text, "choices": choices, "positional": False})


def positional(text: str) -> Any:
    """A dataclass field that becomes a positional argument; a field of type tuple[str, ...] takes one or more."""
    return field(metadata={"help": text, "choices": None, "positional": True})


def add_options(parser: argparse.ArgumentParser, settings: type) -> None:
    """Add one argument to `parser` for each field of the dataclass `settings`."""
    types_of = get_type_hints(settings)
    for one in fields(settings):
        if one.metadata["positional"]:
            several = {"nargs": "+"} if get_origin(types_of[one.name]) is tuple else {}
            parser.add_argument(one.name, help=_help(one), **several)
        elif types_of[one.name] is bool:
            parser.add_argument(f"--{one.name}", action=argparse.BooleanOptionalAction, default=one.default,
                                help=_help(one))
        else:
            parser.add_argument(f"--{one.name}", type=_parsed_type(types_of[one.name]), default=one.default,
                                required=one.default is MISSING, choices=one.metadata["choices"], help=_help(one))


class _Moved(argparse.Action):
    """Refuses an option and names the command (`const`) that has it now."""

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        parser.error(f"{option_string}: now an option of the command {self.const}")


def add_moved(parser: argparse.ArgumentParser, moved: tuple[tuple[str, str], ...]) -> None:
    """Add options that another command has now, as pairs of the option's and that command's name."""
    for name, command in moved:
        parser.add_argument(f"--{name}", f"--no-{name}", action=_Moved, nargs=0, const=command, help=argparse.SUPPRESS)


def settings_from(settings: type[Settings], parsed: argparse.Namespace) -> Settings:
    """The dataclass with the values that argparse found for the fields."""
    values = {one.name: getattr(parsed, one.name) for one in fields(settings)}
    return settings(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def _help(one: Field) -> str:
    """The help text with the default; argparse wants its percent signs doubled."""
    text = one.metadata["help"].replace("%", "%%")
    if one.default is MISSING or one.default is None:
        return text
    if isinstance(one.default, bool):
        return f"{text} (default: {'yes' if one.default else 'no'})"
    return f"{text} (default: {one.default})"


def _parsed_type(annotation: Any) -> type:
    """The type of an option's value: `str` for an optional string."""
    if get_origin(annotation) is types.UnionType:
        annotation, = (each for each in get_args(annotation) if each is not type(None))
    return annotation
