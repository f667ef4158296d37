"""The plan of a character's keys: every frame or few, with the types of keys that an animator looks for (no bpy)."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ...core.progress import Progress
from ...core.skeleton import MOCAP22, SIDES
from ...retargeting.bone_keys import BoneKeys
from ...rigs.rig import TargetRig
from ...settings import KeySettings
from ...sparse_keys.key_plan import EXTREME, JITTER, KEYFRAME, KeyPlan
from ...sparse_keys.reduce import Limits, Track, reduce_keys
from ..rigs.rigid_links import part_of_rig
from .merged_curves import blend_weights

_JOINTS = {"shoulder": "shoulder", "upper_arm": "elbow", "lower_arm": "wrist", "hand": "knuckle", "upper_leg": "knee",
           "lower_leg": "ankle", "foot": "toe", "toes": "toe"}
_LEG = ("upper_leg", "lower_leg", "foot", "toes")
_MIDDLE = {"hips": "pelvis", "spine_chain": "thorax", "neck": "neck", "head": "head"}
_PERSON = (0.8, 3.0)
"""Metres of the largest extent of a rest pose up to which millimetres are those of the scene. Chosen: children to
heroes."""
_IK_SHARE = 0.6
"""Share of the allowed errors for each bone where IK plays: the trunk, the target and the pole together move an elbow,
an almost straight one by more than they err. Chosen on Rigify's limbs."""
_USUAL_SIZE = 1.75
"""Metres; the allowed error of a character of another size is in proportion to this one."""


class Marks(NamedTuple):
    """What a motion says about its frames. contacts: (T, 2) bool, whether the left and the right foot stands.

    doubted: (T, 22) bool, joints of low confidence. empty: (T,) bool, long gaps; None for none.
    """

    contacts: np.ndarray
    doubted: np.ndarray
    empty: np.ndarray | None = None


class Channels(NamedTuple):
    """Keyed local channels of one bone. part: the body part to which it belongs; "" for none.

    control: whether it moves a limb by IK, together with others.
    """

    name: str
    part: str
    mode: str
    turns: np.ndarray | None
    places: np.ndarray | None
    control: bool = False


def channels_of(keys: BoneKeys, extra: Iterable[tuple], bones: Mapping[str, Sequence[str]],
                modes: Mapping[str, str], controls: Mapping[str, str]) -> list[Channels]:
    """The channels of BoneKeys and of further controls: (bone, turns, places or None).

    bones: part -> its bones. modes: bone -> its rotation mode. controls: further control -> part of its limb.
    """
    parts = dict(keys.helpers) | {name: part for part, names in bones.items() for name in names} | dict(controls)
    places = ({keys.root_bone: keys.root_locations} if keys.root_bone else {}) | dict(keys.more_locations)
    found = {name: (keys.rotations[:, index], places.get(name)) for index, name in enumerate(keys.bone_names)}
    found |= {name: (None, values) for name, values in places.items() if name not in found}
    found |= {name: (turns, where) for name, turns, where in extra}
    return [Channels(name, parts.get(name, ""), modes[name], *values, name in controls)
            for name, values in found.items()]


def plan_keys(channels: Sequence[Channels], paths: Mapping[str, Sequence[str]], rig: TargetRig, frames: np.ndarray,
              settings: KeySettings, marks: Marks | None) -> Generator[Progress, None, KeyPlan]:
    """Types of the keys, and the few keys of a sparse result, which are found in small steps.

    paths: bone -> the data paths of its rotation and its location, those that it has. rig: holds all these bones, with
    their effective parents. frames: (T,) scene frames.
    """
    types = {} if marks is None else {path: kinds for one in channels for path in paths[one.name]
                                      if (kinds := types_of(one.part, marks)).any()}
    empty = empty_frames(settings, marks)
    if settings.density == "DENSE" or len(frames) < 3:
        return KeyPlan(types=types, empty=empty)
    part = part_of_rig(rig, [one.name for one in channels])
    edges = _edges_of_blend(frames, settings)
    if empty is not None:  # the frames before and after each gap
        edges = np.union1d(edges, np.flatnonzero(~empty & (np.append(empty[1:], False) | np.append(False, empty[:-1]))))
    keep = {one.name: np.union1d(edges, _contact_frames(one.part, marks)) for one in channels}
    by_ik = settings.limbs == "IK" and any(one.control for one in channels)
    tracks = [Track(one.name, one.mode, one.turns, one.places, _IK_SHARE if by_ik else 1.0) for one in channels]
    limits = Limits(settings.key_angle, settings.key_distance / 1000.0 / metres_a_unit(rig))
    few, reduced = {}, (yield from reduce_keys(tracks, part, limits, keep))
    for name, found in reduced.items():
        curves = [curve for curve in found if curve is not None]
        few |= dict(zip(paths[name], curves, strict=True))
    return KeyPlan(few, types, empty)


def empty_frames(settings: KeySettings, marks: Marks | None) -> np.ndarray | None:
    """(T,) the frames that get no keys; None for none. The first and the last frame have keys in any case."""
    if settings.gaps == "KEEP" or marks is None or marks.empty is None or len(marks.empty) < 3:
        return None
    inside = marks.empty.copy()
    inside[[0, -1]] = False
    return inside if inside.any() else None


def metres_a_unit(rig: TargetRig) -> float:
    """Metres in one armature unit; those of a person's size where the character is a dwarf or a giant."""
    metres = abs(float(np.linalg.det(rig.world_from_armature[:3, :3]))) ** (1 / 3)
    size = float(np.ptp(rig.heads, axis=0).max()) * metres
    return metres if _PERSON[0] <= size <= _PERSON[1] else metres * _USUAL_SIZE / max(size, 1e-12)


def types_of(part: str, marks: Marks) -> np.ndarray:
    """(T,) the types of the keys of a body part: begin and end of its foot's contacts, and doubtful frames."""
    kinds = np.full(len(marks.contacts), KEYFRAME, np.int32)
    kinds[_contact_frames(part, marks)] = EXTREME
    side, _, rest = part.partition("_")
    joint = f"{side}_{_JOINTS[rest]}" if rest in _JOINTS and side in SIDES else _MIDDLE.get(part, "")
    if joint:
        kinds[marks.doubted[:, MOCAP22.index(joint)]] = JITTER
    return kinds


def _contact_frames(part: str, marks: Marks | None) -> np.ndarray:
    """(N,) the first and the last frame of each contact of a leg's foot."""
    side, _, rest = part.partition("_")
    if marks is None or rest not in _LEG or side not in SIDES:
        return np.zeros(0, int)
    stands = marks.contacts[:, SIDES.index(side)]
    begins, ends = np.flatnonzero(stands[1:] & ~stands[:-1]) + 1, np.flatnonzero(stands[:-1] & ~stands[1:])
    return np.union1d(begins, ends)


def _edges_of_blend(frames: np.ndarray, settings: KeySettings) -> np.ndarray:
    """(N,) the first and the last frame that does not blend with an older motion."""
    if settings.destination != "INTO" or settings.blend <= 0:
        return np.zeros(0, int)
    whole = np.flatnonzero(blend_weights(frames, settings.blend) >= 1)
    return whole[[0, -1]] if len(whole) else np.arange(len(frames))
