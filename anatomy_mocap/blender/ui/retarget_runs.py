"""The panel's settings to a whole retargeting: from a take, or from another armature's motion."""

import contextlib
from dataclasses import replace
from pathlib import Path

import bpy

from ...core.errors import MocapError
from .bone_rows import rig_and_map, show_map


def retarget_take(scene, settings):
    """Key the chosen armature with the active take; returns what came of it (perform.Performed)."""
    from ...pipeline import motion_of
    from ..keys.keyframes import key_frames, require_editable
    from ..perform import perform
    from .takes import active_take

    entry, take = active_take(settings)
    require_editable(settings.armature)
    rig, bone_map = rig_and_map(settings)
    motion = motion_of(take, settings.smoothing, settings.ground)
    with scene_timing(scene, settings, take):
        done = perform(settings.armature, rig, bone_map, motion, key_frames(take.times, scene), entry.name,
                       perform_settings(settings))
    show_map(settings, bone_map)
    return done


def reading(settings):
    """A generator that reads the source armature's motion and returns its Recording; MocapError at once if it can't."""
    from ..keys.keyframes import require_editable
    from ..rigs.source_armature import frame_range, record

    source = settings.source_armature
    require_editable(settings.armature)
    if source == settings.armature:
        raise MocapError(f"{source.name}: is both source and character; choose two armatures")
    first, last = (settings.source_start, settings.source_end) if settings.use_source_range else frame_range(source)
    return record(source, first, last)


def retarget_recording(scene, settings, recording):
    """Key the chosen armature with another one's motion, at the same scene frames; returns perform.Performed."""
    from ...bone_maps.bone_map import BoneMap
    from ..perform import perform
    from ..retarget_onto import in_units, source_warnings
    from ..rigs.source_armature import recorded_motion, source_map

    rig, bone_map = rig_and_map(settings)
    file = settings.source_map_file
    theirs = BoneMap.load(Path(bpy.path.abspath(file)), recording.rig) if file else source_map(recording.rig)
    motion, unit = recorded_motion(recording, theirs)
    options = in_units(perform_settings(settings), unit)
    done = perform(settings.armature, rig, bone_map, motion, recording.frames, settings.source_armature.name, options)
    show_map(settings, bone_map)
    told = source_warnings(theirs, recording.rig, motion, unit)
    return replace(done, warnings=tuple(dict.fromkeys([*told, *done.warnings])))


def perform_settings(settings):
    """The panel's values as perform.PerformSettings."""
    from ...settings import RetargetSettings
    from ..keys.body_parts import PARTS
    from ..keys.key_places import Place
    from ..perform import PerformSettings

    parts = frozenset(settings.parts)
    if not parts:
        raise MocapError("no part of the body is chosen; choose at least one under Keys")
    return PerformSettings(
        RetargetSettings(scale=settings.scale if settings.use_scale else None, turn=settings.turn,
                         in_place=settings.in_place, keep_posture=settings.keep_posture, hands=settings.hands,
                         feet=settings.feet, twist_bones=settings.twist_bones,
                         ground_on_root=settings.ground_on_root),
        Place(settings.destination, settings.start_frame if settings.use_start else None, settings.blend),
        None if parts == set(PARTS) else parts, settings.limbs, settings.match_ik, settings.constraints)


@contextlib.contextmanager
def scene_timing(scene, settings, take):
    """Set the scene's timing, when asked, before keys are laid out by it; it is put back when that fails.

    Keys into a range of an action or onto a track come to a scene that has its timing already: it is left alone then.
    """
    from ..keys.keyframes import set_scene_timing

    render = scene.render
    before = render.fps, render.fps_base, scene.frame_start, scene.frame_end, scene.frame_current
    if settings.set_timing and settings.destination in ("NEW", "UPDATE"):
        set_scene_timing(scene, take, settings.start_frame if settings.use_start else None)
    try:
        yield
    except BaseException:
        render.fps, render.fps_base, scene.frame_start, scene.frame_end = before[:4]
        scene.frame_set(before[4])
        raise
