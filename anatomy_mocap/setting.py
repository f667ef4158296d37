"""One setting: what the command line, the panel and the checks need to know of it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from .core.errors import MocapError

DEGREES = "degrees"
"""The unit of angles in both interfaces; inside, angles are radians."""


class Choice(NamedTuple):
    """One value of a setting. value: inside the program and in .blend files. label, help: in the panel."""

    value: str
    label: str
    help: str


class Switch(NamedTuple):
    """The panel's checkbox by which an optional value is given. name: of the property."""

    name: str
    label: str
    help: str


class OneOf(NamedTuple):
    """Optional settings of which at most one is given. name: of the panel's menu. neither: its first entry."""

    name: str
    label: str
    help: str
    neither: Choice


@dataclass(frozen=True)
class Option:
    """What both interfaces need to know of one setting.

    kind: "flag", "number", "choice", "name", "text", "person", "size" or "parts". label: its name in the panel.
    help: one line without a full stop. unit: DEGREES, "s", "m", "mm", "px", "fps", "frame" or "".
    low, high: the allowed range, in the unit used inside. soft_low, soft_high: the range of the panel's slider.
    choices: the allowed values. metavar: stands for the value in the command line's help.
    default_help: the default in words, where it depends on the source. other_names: further names of the option, with
        the value that each sets, or None where it takes a value as the option does.
    start: the panel's first value of an optional setting. switch: its checkbox. one_of: settings that exclude it.
    """

    kind: str
    label: str
    help: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    soft_low: float | None = None
    soft_high: float | None = None
    choices: tuple[Choice, ...] = ()
    metavar: str | None = None
    default_help: str = ""
    other_names: tuple[tuple[str, str | None], ...] = ()
    start: Any = None
    switch: Switch | None = None
    one_of: OneOf | None = None

    @property
    def range_text(self) -> str:
        """The allowed range in words and in the interface's unit."""
        low, high = (None if end is None else f"{shown(end, self.unit):g}" for end in (self.low, self.high))
        unit = {"": "", DEGREES: " degrees", "s": " seconds", "m": " metres", "mm": " millimetres", "px": " pixels",
                "fps": " frames per second", "frame": " frames"}[self.unit]
        return f"from {low} to {high}{unit}" if high else f"of at least {low}{unit}"


def shown(value: float, unit: str) -> float:
    """A value from inside the program in the unit of the interfaces."""
    return math.degrees(value) if unit == DEGREES else value


def field_of(default: Any, kind: str, label: str, help_: str, **more: Any) -> Any:
    """A field of a class of settings; kind, label, help_ and more: as of Option."""
    return dataclasses.field(default=default, metadata={"option": Option(kind, label, help_, **more)})


def options_of(settings: Any) -> Iterator[tuple[str, Any, Option]]:
    """(name, default, Option) of each field of a class of settings, or of an instance of one."""
    for field in dataclasses.fields(settings):
        yield field.name, field.default, field.metadata["option"]


def with_options(options: dict[str, Any], *settings: Any) -> list[Any]:
    """Each of several settings with those of the options that are its fields; TypeError if one belongs to none."""
    names = [{field.name for field in dataclasses.fields(each)} for each in settings]
    if unknown := sorted(set(options) - set().union(*names)):
        raise TypeError(f"no setting is named {unknown[0]!r}; choose from {', '.join(sorted(set().union(*names)))}")
    return [dataclasses.replace(each, **{name: value for name, value in options.items() if name in own})
            for each, own in zip(settings, names, strict=True)]


def check(settings: Any) -> None:
    """MocapError if a number of a class of settings is out of its range, or a value is none of its choices."""
    for name, _, option in options_of(settings):
        value = getattr(settings, name)
        if value is None:
            continue
        if option.kind == "number":
            low, high = (-math.inf if option.low is None else option.low), (option.high or math.inf)
            if not (low <= value <= high and math.isfinite(value)):
                raise MocapError(f"{name}: {shown(value, option.unit):g} is not usable; give a value "
                                 f"{option.range_text if low > -math.inf else 'that is finite'}")
        elif option.kind == "choice" and value not in (allowed := [choice.value for choice in option.choices]):
            raise MocapError(f"{name} can't be {value!r}; choose one of {', '.join(allowed)}")
