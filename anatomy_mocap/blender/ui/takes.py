"""The takes in the scene's list: capture settings from the panel, entries of the list from takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...core.errors import MocapError
from ...settings import OF_TAKES, CaptureSettings
from . import preferences
from .settings_properties import settings_of

if TYPE_CHECKING:
    from ...core.take import Take


def capture_settings(settings: bpy.types.PropertyGroup) -> CaptureSettings:
    """The panel's values as plain data, so that a worker thread may have them."""
    return settings_of(settings, CaptureSettings(), device=preferences.device())


def list_take(settings: bpy.types.PropertyGroup, path: Path, take: Take, video: str = "") -> bpy.types.PropertyGroup:
    """Add a take's file to the list, or update its entry, and make it the active one; returns the entry.

    video: what it was captured from; where that is not known, a file of that name beside the take is taken for it.
    """
    from ...take_facts import describe_take, low_spans
    from ...take_settings import differing, settings_in

    facts = describe_take(take)
    index = next((i for i, entry in enumerate(settings.takes) if entry.path == str(path)), len(settings.takes))
    entry = settings.takes[index] if index < len(settings.takes) else settings.takes.add()
    entry.name, entry.path = path.stem, str(path)
    beside = path.parent / (take.info.get("source") or "-")
    entry.video = video or entry.video or (str(beside) if beside.is_file() else "")
    entry.frames, entry.fps = facts["frames"], facts["fps"]
    entry.low_confidence, entry.start = facts["low_confidence_frames"], float(take.times[0])
    entry.low_spans = " ".join(f"{first:.6f}:{last:.6f}" for first, last in low_spans(take))
    entry.height = facts["person_height_m"]
    entry.seconds = sum(facts["seconds"].values())
    entry.warnings = "\n".join(facts["warnings"])
    entry.settings = json.dumps(differing(settings_in(take))) if take.settings else ""
    settings.active_take = index
    return entry


def has_take(operator: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """Whether a take is chosen; otherwise the operator's greyed button says what to do."""
    if context.scene.anatomy_mocap.take() is None:
        operator.poll_message_set("Capture a video or load a take first")
        return False
    return True


def active_take(settings: bpy.types.PropertyGroup) -> tuple[bpy.types.PropertyGroup, Take]:
    """(entry, core Take) of the active entry, read from its file."""
    from ...core.take import load_take

    entry = settings.take()
    if entry is None:
        raise MocapError("no take is chosen; capture a video or load a take first")
    return entry, load_take(bpy.path.abspath(entry.path))


def store_settings(settings: bpy.types.PropertyGroup) -> str:
    """Write the panel's clean-up settings into the active take's file; returns the entry's name."""
    from ...core.take import save_take
    from ...take_settings import differing, with_settings

    entry, take = active_take(settings)
    chosen = settings_of(settings, OF_TAKES)
    save_take(with_settings(take, chosen), Path(bpy.path.abspath(entry.path)))
    entry.settings = json.dumps(differing(chosen))
    return entry.name


def summary(entry: bpy.types.PropertyGroup) -> str:
    """One line about an entry for the user."""
    text = f"{entry.name}: {entry.frames} frames at {entry.fps:g} per second"
    if entry.low_confidence:
        text += f", {entry.low_confidence} of low confidence (frames {entry.doubtful_frames()})"
    return text
