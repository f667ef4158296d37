"""Blender's properties made from the fields of the settings, and settings made from the properties' values.

A field `smoothing` becomes the property `smoothing`. An optional field `height` also gets its checkbox (`use_height`),
fields of which one excludes the others get a menu (`lens`), and `person` gets a number (`person_number`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import bpy

from ...settings import DEGREES, EVERYBODY, Choice, Option, options_of

Settings = TypeVar("Settings")
_UNITS = {DEGREES: {"subtype": "ANGLE"}, "m": {"subtype": "DISTANCE"}, "frame": {"precision": 1, "step": 100},
          "s": {"unit": "TIME_ABSOLUTE", "precision": 2, "step": 1}}
"""How Blender shows and steps a number of a unit. It stores angles in radians, as the settings do."""


def with_properties(settings: Any, only: Collection[str] | None = None, without: Collection[str] = (),
                    prefix: str = "", choices: Mapping[str, Sequence[Choice]] | None = None) -> Callable[[type], type]:
    """A decorator that gives a PropertyGroup a property for each field of a class of settings, or of an instance.

    settings: an instance sets other defaults. only, without: names of fields that are taken or left out.
    prefix: of the properties' names. choices: name -> further choices, known to the interface alone.
    """
    def decorate(owner: type) -> type:
        for name, default, option in options_of(settings):
            if name not in without and (only is None or name in only):
                default = default if isinstance(settings, type) else getattr(settings, name)
                more = (choices or {}).get(name, ())
                for each, made in _properties(name, default, option, more).items():
                    owner.__annotations__[prefix + each] = made
        menus: dict[str, list] = {}
        for name, _, option in options_of(settings):
            if option.one_of and name not in without and (only is None or name in only):
                menus.setdefault(option.one_of.name, [option.one_of]).append(
                    Choice(name.upper(), option.label, option.help))
        for name, (menu, *items) in menus.items():
            owner.__annotations__[prefix + name] = _menu(menu.label, menu.help, [menu.neither, *items])
        return owner

    return decorate


def settings_of(panel: Any, base: Settings, prefix: str = "", **given: Any) -> Settings:
    """Settings of `base`'s class from a panel's values. given: fields that do not come from the panel."""
    found = {name: _value(panel, prefix, name, option) for name, _, option in options_of(base) if name not in given}
    return replace(base, **found, **given)


def show(panel: Any, settings: Any) -> None:
    """Put settings into a panel's properties: the other way round than `settings_of`. Of numbers, flags and choices."""
    for name, _, option in options_of(settings):
        value = getattr(settings, name)
        if option.switch:
            setattr(panel, option.switch.name, value is not None)
        if value is not None:
            setattr(panel, name, value)


def _properties(name: str, default: Any, option: Option, more: Sequence[Choice]) -> dict[str, Any]:
    """The properties of one field: name -> property."""
    about = {"name": option.label, "description": option.help}
    start = option.start if default is None else default
    if option.kind == "flag":
        return {name: bpy.props.BoolProperty(default=start, **about)}
    if option.kind == "parts":
        items = [(each.value, each.label, each.help, 1 << number) for number, each in enumerate(option.choices)]
        return {name: bpy.props.EnumProperty(
            items=items, options={"ENUM_FLAG"}, default={each.value for each in option.choices}, **about)}
    if option.kind in ("choice", "name"):
        return {name: _menu(option.label, option.help, [*option.choices, *more], default)}
    if option.kind == "text":
        return {name: bpy.props.StringProperty(default=start or "", **about)}
    if option.kind == "person":
        number = bpy.props.IntProperty(name="Number", min=0, default=0, description=option.choices[1].help)
        return {name: _menu(option.label, option.help, option.choices), f"{name}_number": number}
    made = bpy.props.IntVectorProperty(size=2, min=1, default=start, **about) if option.kind == "size" else \
        bpy.props.FloatProperty(default=start, **about, **_range(option), **_shown(option))
    switch = option.switch
    return {name: made} | ({switch.name: bpy.props.BoolProperty(
        name=switch.label, description=switch.help, default=False)} if switch else {})


def _menu(label: str, text: str, items: Sequence[Choice], default: str | None = None) -> Any:
    return bpy.props.EnumProperty(name=label, description=text, items=[tuple(item) for item in items],
                                  default=default or items[0].value)


def _range(option: Option) -> dict[str, float]:
    ends = {"min": option.low, "max": option.high, "soft_min": option.soft_low, "soft_max": option.soft_high}
    return {name: value for name, value in ends.items() if value is not None}


def _shown(option: Option) -> dict[str, Any]:
    if not option.unit and (option.low, option.high) == (0.0, 1.0):
        return {"subtype": "FACTOR"}
    return _UNITS.get(option.unit, {})


def _value(panel: Any, prefix: str, name: str, option: Option) -> Any:
    """A field's value as the panel has it; None for an optional one that is not given."""
    if option.switch and not getattr(panel, prefix + option.switch.name):
        return None
    if option.one_of and getattr(panel, option.one_of.name) != name.upper():
        return None
    value = getattr(panel, prefix + name)
    if option.kind == "number":
        return _number(value, option)
    if option.kind == "size":
        return tuple(value)
    if option.kind == "parts":
        return None if set(value) == {each.value for each in option.choices} else frozenset(value)
    if option.kind == "person":
        return {"LARGEST": "largest", "ALL": EVERYBODY}.get(value, panel.person_number)
    if option.kind == "text":
        return value.strip() or None
    if option.kind == "name":
        return None if value == option.choices[0].value else value
    return value


def _number(value: float, option: Option) -> float:
    """Blender's 32-bit number as the decimal that was typed, within the option's range."""
    value = float(f"{value:.7g}")
    value = value if option.low is None else max(value, option.low)
    return value if option.high is None else min(value, option.high)
