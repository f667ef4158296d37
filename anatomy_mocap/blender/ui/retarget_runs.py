"""Retargeting with the panel's settings: from a take, or from the motion of another armature."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...core.errors import MocapError
from ...settings import OF_ARMATURES, OF_TAKES, KeySettings, RetargetSettings
from .bone_rows import rig_and_map, show_map
from .settings_properties import settings_of

if TYPE_CHECKING:
    from ...core.progress import Progress
    from ..perform import Performed
    from ..retarget_onto import Source
    from ..rigs.source_armature import Recording


def retarget_take(settings: bpy.types.PropertyGroup) -> Generator[Progress, None, Performed]:
    """Key the chosen armature with the active take; returns the result (perform.Performed). Sparse keys take steps."""
    from ..keys.keyframes import require_editable
    from ..retarget_onto import source_of_take
    from .takes import active_take

    entry, take = active_take(settings)
    require_editable(settings.armature)
    return (yield from _onto_character(
        settings, lambda: source_of_take(take, entry.name, settings_of(settings, OF_TAKES))))


def reading(settings: bpy.types.PropertyGroup) -> Generator[Progress, None, Recording]:
    """A generator that reads the source armature's motion and returns its Recording; MocapError if it can't."""
    from ..keys.keyframes import require_editable
    from ..rigs.source_armature import frame_range, record

    source = settings.source_armature
    require_editable(settings.armature)
    if source == settings.armature:
        raise MocapError(f"{source.name}: both source and character; choose two armatures")
    first, last = (settings.source_start, settings.source_end) if settings.use_source_range else frame_range(source)
    return record(source, first, last)


def retarget_recording(settings: bpy.types.PropertyGroup,
                       recording: Recording) -> Generator[Progress, None, Performed]:
    """Key the chosen armature with another one's motion, at the same scene frames; as `retarget_take`."""
    from ...bone_maps.bone_map import BoneMap
    from ..retarget_onto import source_of_recording

    file, name = settings.source_map_file, settings.source_armature.name

    def source() -> Source:
        bone_map = BoneMap.load(Path(bpy.path.abspath(file)), recording.rig) if file else None
        return source_of_recording(recording, name, bone_map, settings_of(settings, OF_ARMATURES, "source_"))

    return (yield from _onto_character(settings, source, set_timing=False))


def _onto_character(settings, source, **given) -> Generator[Progress, None, Performed]:
    """Put a source, made by `source()`, on the chosen armature. given: fields of KeySettings."""
    from ..retarget_onto import Target, retargeting

    keys = settings_of(settings, KeySettings(), **given)
    rig, bone_map = rig_and_map(settings)
    target = Target(rig, bone_map, settings_of(settings, RetargetSettings()), keys)
    done = yield from retargeting(settings.armature, source(), target)
    show_map(settings, bone_map)
    return done
