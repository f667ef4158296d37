"""Command line options made from the fields of the settings, and settings made from what was given.

A field `smoothing` becomes --smoothing; a field that is true by default, such as `keep_posture`, --no-keep-posture.
Options that had other names before keep these too. Angles are given in degrees.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from .settings import BODY_PARTS, DEGREES, EVERYBODY, PART_GROUPS, PLACE, Option, options_of

Settings = TypeVar("Settings")


def add_options(parser: argparse.ArgumentParser, settings: type, only: tuple[str, ...] | None = None) -> None:
    """Give the parser an option for each field of a class of settings, or for some of them."""
    groups: dict[str, Any] = {}
    for name, default, option in options_of(settings):
        if only is not None and name not in only:
            continue
        owner = parser
        if option.one_of:
            owner = groups.setdefault(option.one_of.name, None) or parser.add_mutually_exclusive_group()
            groups[option.one_of.name] = owner
        _add(owner, name, default, option)


def settings_of(given: argparse.Namespace, base: Settings) -> Settings:
    """`base` with the values that were given on the command line."""
    names = [name for name, _, _ in options_of(base)]
    found = {name: getattr(given, name, None) for name in names}
    return replace(base, **{name: value for name, value in found.items() if value is not None})


def _add(owner: Any, name: str, default: Any, option: Option) -> None:
    word = name.replace("_", "-")
    same = [other for other, value in option.other_names if value is None]
    if option.kind == "flag":
        owner.add_argument(f"--no-{word}" if default else f"--{word}", *same, dest=name, default=None,
                           action="store_const", const=not default,
                           help=f"switch off: {_lower(option.help)}" if default else _lower(option.help))
        return
    values = "|".join(choice.value.lower() for choice in option.choices)
    owner.add_argument(f"--{word}", *same, dest=name, default=None, type=_reader(option),
                       metavar=option.metavar or values, help=_help(default, option))
    for other, value in option.other_names:
        if value is not None:
            owner.add_argument(other, dest=name, action="store_const", const=value,
                               help=f"the same as --{word} {value.lower()}")


def _help(default: Any, option: Option) -> str:
    unit = {DEGREES: "degrees", "s": "seconds", "m": "metres", "mm": "millimetres"}.get(option.unit, "")
    text = _lower(option.help) + (f", in {unit}" if unit and unit not in option.help.lower() else "")
    if option.kind == "choice":
        text += "".join(f"; {choice.value.lower()}: {_lower(choice.help)}" for choice in option.choices)
    if option.kind == "parts":
        text += f": {', '.join([*PART_GROUPS, *(part.value.lower() for part in BODY_PARTS)])}"
    if option.kind == "number" and option.low is not None and option.high is not None and not option.one_of:
        text += f"; {option.range_text}" if option.range_text not in text else ""
    usual = option.default_help or (str(default).lower() if isinstance(default, str) else
                                    f"{default:g}" if isinstance(default, float) else "")
    return (text + (f" (default: {usual})" if usual else "")).replace("%", "%%")


def _lower(text: str) -> str:
    """A sentence as argparse's help has it: the first letter small, unless the word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _reader(option: Option) -> Callable[[str], Any]:
    """The function that makes a value of what was typed."""
    return {"number": lambda text: _inside(_number(text), option.unit), "choice": lambda text: _choice(text, option),
            "person": _person, "size": _size, "parts": _parts, "name": str,
            "text": str}[option.kind]


def _inside(value: float, unit: str) -> float:
    """A value in the unit of the interfaces as it is used inside the program."""
    return math.radians(value) if unit == DEGREES else value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def _choice(text: str, option: Option) -> str:
    for choice in option.choices:
        if choice.value.lower() == text.lower():
            return choice.value
    allowed = ", ".join(choice.value.lower() for choice in option.choices)
    raise argparse.ArgumentTypeError(f"{text!r} is not one of {allowed}")


def _person(text: str) -> str | int:
    if text in ("largest", EVERYBODY) or PLACE.fullmatch(text):
        return text
    if text.isdigit():
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is neither 'largest' nor 'all' nor a number from 0 nor a "
                                     "place like 640,360@0")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if width.isdigit() and height.isdigit() and int(width) and int(height):
        return int(width), int(height)
    raise argparse.ArgumentTypeError(f"{text!r} is not a size like 1920x1080")


def _parts(text: str) -> frozenset[str]:
    """Names of body parts from words such as "upper", "left_arm" or "head"."""
    found: set[str] = set()
    for word in text.split(","):
        name = word.strip().lower().replace("-", "_")
        found |= set(PART_GROUPS.get(name, (name.upper(),)))
    return frozenset(found)
