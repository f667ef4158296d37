"""The takes in the scene's list: capture settings from the panel, entries of the list from takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...core.errors import MocapError
from ...settings import CaptureSettings
from . import preferences
from .settings_properties import settings_of

if TYPE_CHECKING:
    from ...core.take import Take


def capture_settings(settings: bpy.types.PropertyGroup) -> CaptureSettings:
    """The panel's values as plain data, so that a worker thread may have them."""
    return settings_of(settings, CaptureSettings(), device=preferences.device())


def list_take(settings: bpy.types.PropertyGroup, path: Path, take: Take) -> bpy.types.PropertyGroup:
    """Add a take's file to the list, or update its entry, and make it the active one; returns the entry."""
    from ...take_facts import describe_take, low_spans

    facts = describe_take(take)
    index = next((i for i, entry in enumerate(settings.takes) if entry.path == str(path)), len(settings.takes))
    entry = settings.takes[index] if index < len(settings.takes) else settings.takes.add()
    entry.name, entry.path = path.stem, str(path)
    entry.frames, entry.fps = facts["frames"], facts["fps"]
    entry.low_confidence, entry.start = facts["low_confidence_frames"], float(take.times[0])
    entry.low_spans = " ".join(f"{first:.6f}:{last:.6f}" for first, last in low_spans(take))
    entry.height = facts["person_height_m"]
    entry.seconds = sum(facts["seconds"].values())
    entry.warnings = "\n".join(facts["warnings"])
    settings.active_take = index
    return entry


def active_take(settings: bpy.types.PropertyGroup) -> tuple[bpy.types.PropertyGroup, Take]:
    """(entry, core Take) of the active entry, read from its file."""
    from ...core.take import load_take

    entry = settings.take()
    if entry is None:
        raise MocapError("no take is chosen; capture a video or load a take first")
    return entry, load_take(bpy.path.abspath(entry.path))


def summary(entry: bpy.types.PropertyGroup) -> str:
    """One line about an entry for the user."""
    text = f"{entry.name}: {entry.frames} frames at {entry.fps:g} per second"
    if entry.low_confidence:
        text += f", {entry.low_confidence} of low confidence (frames {entry.doubtful_frames()})"
    return text
