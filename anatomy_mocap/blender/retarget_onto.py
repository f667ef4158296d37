"""The one chain from a source of motion to keys on an armature of the scene: for panel, command line and scripts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import bpy
import numpy as np
from scipy.ndimage import label

from ..animation.animate import animate, animate_and_tell, clean_up
from ..animation.contacts import Contacts, find_contacts, resampled
from ..animation.pops import told
from ..animation.resample import between, resample
from ..bone_maps.bone_map import BoneMap
from ..bone_maps.match import match
from ..core.motion import Motion
from ..core.take import Take
from ..hands.finger_angles import FingerPoses, finger_poses
from ..retargeting.retarget import Floor
from ..retargeting.rig_detail import RigDetail, RigMotion
from ..retargeting.take_armature import motion_keys
from ..rigs.rest_pose import read_rest_pose
from ..rigs.rig import TargetRig
from ..rigs.sides import swap_warnings
from ..settings import OF_ARMATURES, OF_TAKES, AnimationSettings, KeySettings, RetargetSettings
from ..take_facts import LOW_CONFIDENCE
from ..take_settings import clean_up_of
from .check_result import result_warnings
from .keys.finger_keys import finger_keys
from .keys.key_places import starting_at, write_curves
from .keys.keyframes import bone_curves, key_frames, set_scene_timing, whole_frames
from .keys.plan_keys import Marks
from .keys.written_curves import take_of
from .perform import Performed, perform
from .rigs.armature import build_armature
from .rigs.meshes import skin_of
from .rigs.source_armature import Recording, recorded_motion, source_map
from .stage.collections import collection_of, mark
from .stage.joint_colours import colour_joints

_LONG_GAP = 0.5
"""Seconds of the shortest gap that can be left without keys; chosen: a bridge of less looks like motion."""


@dataclass(frozen=True)
class Source:
    """A motion that is ready to be put on a character.

    name: that of new actions. fps: frames per second. times: (T,) seconds; 0 is scene frame 1.
    unit: metres in one unit of the source. warnings: sentences about the source, for the user.
    detail: of a motion that was read from a rig and not changed since.
    confidence: (T, 22) of a take's joints, 0..1; None where nothing is doubtful.
    contacts: of a take; None where they have to be found in the motion.
    fingers: the poses of a take's fingers; True for a take without them, False for a source that is no take.
    grounding: 0..1, how far the character's own skin is held on the floor.
    """

    name: str
    motion: Motion
    fps: float
    times: np.ndarray
    unit: float = 1.0
    warnings: tuple[str, ...] = ()
    detail: RigDetail | None = None
    confidence: np.ndarray | None = None
    contacts: Contacts | None = None
    fingers: FingerPoses | bool = False
    grounding: float = 0.0


@dataclass(frozen=True)
class Target:
    """A character as `retarget_onto` needs it. rig: `read_rig` of the armature. bone_map: its bones."""

    rig: TargetRig
    bone_map: BoneMap
    retarget: RetargetSettings = field(default_factory=RetargetSettings)
    keys: KeySettings = field(default_factory=KeySettings)


def source_of_take(take: Take, name: str, settings: AnimationSettings = OF_TAKES) -> Source:
    """A take, smoothed and with its feet locked, as a source."""
    done = animate_and_tell(take, settings.smoothing, settings.ground, clean_up_of(settings))
    return Source(name, done.motion, take.fps, take.times, warnings=tuple(told(done.pops)), confidence=take.confidence,
                  contacts=done.contacts, fingers=finger_poses(take) or True, grounding=settings.ground)


def source_of_recording(recording: Recording, name: str, bone_map: BoneMap | None = None,
                        settings: AnimationSettings = OF_ARMATURES) -> Source:
    """The recorded motion of another armature as a source. bone_map: its bones; None finds them."""
    bone_map = bone_map or source_map(recording.rig)
    seen, unit = recorded_motion(recording, bone_map)
    warnings = source_warnings(bone_map, recording.rig, seen, unit)
    motion = clean_up(seen.motion, settings.smoothing, settings.ground, clean_up_of(settings))
    times = (recording.frames - 1) / recording.fps
    return Source(name, motion, recording.fps, times, unit, tuple(warnings),
                  seen.detail if motion is seen.motion else None, grounding=settings.ground)


def retarget_onto(armature: bpy.types.Object, source: Source, target: Target) -> Performed:
    """Key an armature of the scene with a source's motion; MocapError, with nothing changed, where that is impossible.

    A given stride is meant in the source's own units. The result is checked at some frames, see `check_result`.
    """
    placing, scene = target.retarget, bpy.context.scene
    if placing.scale is not None:
        placing = replace(placing, scale=placing.scale / source.unit)
    first = not _plays(armature, source.name)
    with _scene_timing(scene, source, target.keys, first) as frames:
        own = frames
        motion, detail, frames = on_frames(source, own, scene, target.keys)
        fingers = source.fingers
        if isinstance(fingers, FingerPoses) and frames is not own:
            fingers = fingers.at(*between(own, frames))
        done = perform(armature, target.rig, target.bone_map, motion, frames, source.name,
                       replace(target.keys, start_frame=None), placing, detail, _marks(source, own, motion, frames),
                       fingers, _floor(armature, source, target))
    off = result_warnings(armature, target.rig, target.bone_map, motion, done, placing, target.keys)
    return replace(done, warnings=tuple(dict.fromkeys([*source.warnings, *done.warnings, *off])), first=first)


def _floor(armature: bpy.types.Object, source: Source, target: Target) -> Floor | None:
    """The character's skin, where the source is held on the floor and the character has meshes."""
    if source.grounding <= 0:
        return None
    poses, turns = source.fingers, {}
    if isinstance(poses, FingerPoses) or (poses and target.retarget.relaxed_fingers):
        keys = finger_keys(armature, target.rig, target.bone_map, target.keys,
                           poses if isinstance(poses, FingerPoses) else None)
        turns = {name: each[len(each) // 2] for name, each, _ in keys}
    skin = skin_of(armature, read_rest_pose(target.rig, target.bone_map.bones), turns)
    return None if skin is None else Floor(skin, source.grounding)


def _marks(source: Source, own: np.ndarray, motion: Motion, frames: np.ndarray) -> Marks:
    """What the source says about the frames of its keys. own: (N,) scene frames of the source's frames."""
    doubted, empty = np.zeros((len(frames), motion.rotations.shape[1]), bool), None
    if source.confidence is not None:
        nearest = np.round(np.interp(frames, own, np.arange(len(own)))).astype(int)
        doubted = source.confidence[nearest] < LOW_CONFIDENCE
        nobody, count = label(source.confidence[nearest, 1:].max(axis=1) <= 0)
        long = [run for run in range(1, count + 1) if (nobody == run).sum() >= _LONG_GAP * motion.fps]
        empty = np.isin(nobody, long)
    contacts = find_contacts(motion) if source.contacts is None else \
        resampled(source.contacts, np.interp(frames, own, np.arange(len(own))))
    return Marks(contacts.feet, doubted, empty)


def on_frames(source: Source, frames: np.ndarray, scene: bpy.types.Scene,
              settings: KeySettings) -> tuple[Motion, RigDetail | None, np.ndarray]:
    """(motion, detail, frames) of the keys: on whole scene frames, unless the source's own times are asked for.

    frames: (T,) scene frames of the source's own frames.
    """
    if settings.source_times or np.array_equal(frames, np.round(frames)):
        return source.motion, source.detail, frames
    wanted = whole_frames(frames)
    motion = resample(source.motion, frames, wanted, scene.render.fps / scene.render.fps_base)
    return motion, source.detail and source.detail.between(*between(frames, wanted)), wanted


def _plays(armature, take: str) -> bool:
    """Whether the armature has a result of this take already, as its action or on an NLA track."""
    data = armature.animation_data
    if data is None:
        return False
    strips = [strip.action for track in data.nla_tracks for strip in track.strips]
    return any(take_of(action) == take for action in [data.action, *strips])


@contextlib.contextmanager
def _scene_timing(scene, source: Source | Take, settings: KeySettings, first: bool) -> Iterator[np.ndarray]:
    """Set the scene's timing, if asked, before keys are laid out by it; put it back if that fails.

    Only the first result of a take on a character sets it. Keys that go into a range of an action or onto a track come
    to a scene whose timing is set already: it stays. Gives the (T,) scene frames of the source's frames.
    """
    render = scene.render
    before = (render.fps, render.fps_base, scene.frame_start, scene.frame_end, scene.use_preview_range,
              scene.frame_current, scene.frame_subframe)
    try:
        if first and settings.set_timing and settings.destination in ("NEW", "UPDATE"):
            from_video = settings.rate == "VIDEO" or (settings.rate == "AUTO" and not bpy.data.actions)
            set_scene_timing(scene, source, settings.start_frame, with_rate=from_video,
                             whole=not settings.source_times)
        yield starting_at(key_frames(source.times, scene), settings.start_frame)
    except BaseException:
        (render.fps, render.fps_base, scene.frame_start, scene.frame_end, scene.use_preview_range) = before[:5]
        scene.frame_set(before[5], subframe=before[6])
        raise


def build_take_armature(take: Take, name: str, settings: AnimationSettings, keys: KeySettings) -> bpy.types.Object:
    """The take as an armature with the person's own proportions, keyed, in the current scene; returns the object.

    keys: only its timing counts.
    """
    scene = bpy.context.scene
    motion = animate(take, settings.smoothing, settings.ground, clean_up_of(settings))
    armature = build_armature(motion, name)
    colour_joints(armature)
    mark(armature, name)
    for holder in armature.users_collection:
        holder.objects.unlink(armature)
    collection_of(scene, name).objects.link(armature)
    try:
        source = Source(name, motion, take.fps, take.times)
        with _scene_timing(scene, take, keys, first=True) as frames:
            motion, _, frames = on_frames(source, frames, scene, keys)
            write_curves(armature, bone_curves(armature, motion_keys(motion)), frames, name, KeySettings("NEW"))
    except BaseException:
        bpy.data.armatures.remove(armature.data)  # removes the object too
        raise
    return armature


def bone_map_for(rig: TargetRig, map_file: Path | None) -> BoneMap:
    """The map from the user's file, or the one found by names and topology."""
    return BoneMap.load(map_file, rig) if map_file else match(rig)


def source_warnings(bone_map: BoneMap, rig: TargetRig, seen: RigMotion, unit: float) -> list[str]:
    """Warnings about a source armature. Constraints that move it are no reason for one."""
    found = swap_warnings(rig, bone_map.bones)
    if bone_map.doubtful:
        found.append(f"{rig.name}: some of its {bone_map.convention} bones should be checked "
                     f"({', '.join(bone_map.doubtful[:4])})")
    if unit != 1.0:
        found.append(f"{rig.name}: {1 / unit:.3g} times as large as a person; its motion is read at a person's size")
    if seen.detail is None:
        found.append(f"{rig.name}: its rest pose is no body, so its motion is read from the positions of its joints; "
                     "the twist of limbs comes from how they bend")
    return found
