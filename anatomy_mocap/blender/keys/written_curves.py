"""What an action of ours was made of: its take, and the curves that we wrote, as JSON in a custom property of it.

A curve is found again after its bone, its action or its armature was renamed, after an append, and in files of earlier
versions, which kept only the take's name.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import bpy
import numpy as np

MADE_BY = "anatomy_mocap"
"""Custom property on every action that this add-on wrote: a `Record` of each slot as JSON."""

_EDGE = 0.01
"""Frames by which a key may miss the range of its curve. Blender stores frames with 32 bits."""

_SHIFTS = 200
"""How many keys of the animator before moved keys of ours are looked through. Guessed."""

_LINEAR = 1
Channel = tuple[str, int]
"""(data path, array index) of a curve."""


@dataclass(frozen=True)
class Wrote:
    """The keys that we wrote on one curve.

    first, last: scene frames. count: how many keys. check, values: CRC-32 of the keys, and of their values alone.
    at: frames of few keys, between which an animator may add keys; empty for even ones.
    """

    first: float
    last: float
    count: int
    check: int
    values: int
    at: tuple[float, ...] = ()

    def owns(self, pairs: np.ndarray) -> np.ndarray:
        """(K,) which of a curve's (K, 2) keys are ours: those in our range, or all of ours where they were moved."""
        inside = self._inside(pairs)
        if self.unchanged(pairs) or (inside.all() and not self.at):
            return inside
        for start in range(min(len(pairs) - self.count, _SHIFTS) + 1):
            run = slice(start, start + self.count)
            if zlib.crc32(np.ascontiguousarray(pairs[run, 1], np.float32).tobytes()) == self.values:
                inside[run] = True
        return inside

    def unchanged(self, pairs: np.ndarray) -> bool:
        """Whether the (K, 2) keys in our range are those that we wrote."""
        return checksum(pairs[self._inside(pairs)]) == self.check

    def _inside(self, pairs: np.ndarray) -> np.ndarray:
        """(K,) which keys lie in our range; of few keys, on our frames."""
        if not self.at:
            return (pairs[:, 0] >= self.first - _EDGE) & (pairs[:, 0] <= self.last + _EDGE)
        known = np.asarray(self.at)
        after = np.clip(np.searchsorted(known, pairs[:, 0]), 1, len(known) - 1)
        return np.minimum(np.abs(pairs[:, 0] - known[after]), np.abs(pairs[:, 0] - known[after - 1])) <= _EDGE


@dataclass(frozen=True)
class Record:
    """What a slot of an action holds of ours. take: its name. whole: whether all parts of the body were keyed once."""

    take: str
    curves: Mapping[Channel, Wrote] = field(default_factory=dict)
    whole: bool = True


def checksum(pairs: np.ndarray) -> int:
    """CRC-32 of (K, 2) keys (frame, value), or of (K,) values, as 32-bit floats."""
    return zlib.crc32(np.ascontiguousarray(pairs, np.float32).tobytes())


def pairs_of(curve: bpy.types.FCurve) -> np.ndarray:
    """(K, 2) the keys of a curve: frame, value."""
    pairs = np.empty(2 * len(curve.keyframe_points), np.float32)
    curve.keyframe_points.foreach_get("co", pairs)
    return pairs.reshape(-1, 2)


def wrote(pairs: np.ndarray) -> Wrote:
    """The entry of a curve on which (K, 2) keys were written."""
    frames = pairs[:, 0].astype(float)
    even = len(pairs) < 3 or np.ptp(np.diff(frames)) < _EDGE
    return Wrote(frames[0], frames[-1], len(pairs), checksum(pairs), checksum(pairs[:, 1]),
                 () if even else tuple(np.round(frames, 3)))


def remember(action: bpy.types.Action, slot: bpy.types.ActionSlot, record: Record) -> None:
    """Store what a slot holds of ours. Slots are told apart by their handles, which no renaming changes."""
    stored = _stored(action)
    slots = stored.get("slots", {}) if isinstance(stored, dict) else {}
    # All channels of a bone have their few keys on the same frames, so each list of frames is stored once.
    lists = {at: number for number, at in enumerate(dict.fromkeys(each.at for each in record.curves.values()))}
    slots[str(slot.handle)] = {
        "take": record.take, "whole": record.whole, "frames": list(lists),
        "curves": [[path, index, each.first, each.last, each.count, each.check, each.values, lists[each.at]]
                   for (path, index), each in record.curves.items()]}
    action[MADE_BY] = json.dumps({"take": record.take, "slots": slots}, ensure_ascii=False)


def record_of(action: bpy.types.Action, slot: bpy.types.ActionSlot) -> Record | None:
    """What the slot holds of ours, by its present names; None where we wrote nothing into it."""
    stored = _stored(action)
    if isinstance(stored, str):  # earlier versions stored the name of the take alone
        return Record(stored, _by_form(curves_in(action, slot)))
    slots = stored.get("slots") if isinstance(stored, dict) else None
    kept = slots.get(str(slot.handle)) if isinstance(slots, dict) else None
    if not isinstance(kept, dict):
        return None
    try:
        lists = [tuple(map(float, at)) for at in kept.get("frames", ())] or [()]
        curves = {(str(path), int(index)): Wrote(float(first), float(last), *map(int, numbers[:3]),
                                                 lists[int((*numbers, 0)[3])])
                  for path, index, first, last, *numbers in kept.get("curves", ())}
    except (TypeError, ValueError, IndexError):  # somebody has edited the property: only what looks like ours is ours
        return Record(str(kept.get("take", "")), _by_form(curves_in(action, slot)))
    return Record(str(kept.get("take", "")), _renamed(curves, curves_in(action, slot)), bool(kept.get("whole")))


def take_of(action: bpy.types.Action | None) -> str | None:
    """The name of the take from which we made an action; None for an action that is not ours."""
    stored = _stored(action) if action is not None else None
    return stored.get("take") if isinstance(stored, dict) else stored


def curves_in(action: bpy.types.Action, slot: bpy.types.ActionSlot) -> dict[Channel, bpy.types.FCurve]:
    """All curves of a slot."""
    for layer in action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(slot)
            return {(curve.data_path, curve.array_index): curve for curve in bag.fcurves} if bag else {}
    return {}


def bone_of(path: str) -> str:
    """The escaped name of the bone in a data path; empty for a path of the object itself."""
    start, mark, rest = path.partition('pose.bones["')
    return rest.rpartition('"]')[0].partition('"]')[0] if mark and not start else ""


def _stored(action) -> dict | str | None:
    """The property's content: a dict, the take's name of an earlier version, or None."""
    text = action.get(MADE_BY)
    if not isinstance(text, str):
        return None
    try:
        found = json.loads(text) if text.startswith("{") else None
    except ValueError:
        found = None
    return found if isinstance(found, dict) and "slots" in found else text


def _by_form(present: Mapping[Channel, bpy.types.FCurve]) -> dict[Channel, Wrote]:
    """The curves that look like ours: straight segments over the frames that most curves share, or one first key.

    Keys that an animator inserts are curved, and lie at few frames.
    """
    straight = {}
    for channel, curve in present.items():
        pairs, kinds = pairs_of(curve), np.empty(len(curve.keyframe_points), np.int32)
        curve.keyframe_points.foreach_get("interpolation", kinds)
        straight[channel] = pairs[kinds == _LINEAR, 0]
    spans = [frames.tobytes() for frames in straight.values() if len(frames) > 1]
    if not spans:
        return {channel: wrote(pairs_of(present[channel])) for channel, frames in straight.items() if len(frames)}
    common = np.frombuffer(max(spans, key=spans.count), np.float32)
    ours = {}
    for channel, frames in straight.items():
        if np.isin(common, frames).all():
            pairs = pairs_of(present[channel])
            inside = (pairs[:, 0] >= common[0] - _EDGE) & (pairs[:, 0] <= common[-1] + _EDGE)
            ours[channel] = wrote(pairs[inside])
        elif len(frames) == 1 and frames[0] == common[0] and len(present[channel].keyframe_points) == 1:
            ours[channel] = wrote(pairs_of(present[channel]))
    return ours


def _renamed(curves: dict[Channel, Wrote], present: Mapping[Channel, bpy.types.FCurve]) -> dict[Channel, Wrote]:
    """The entries, with the new names of bones that were renamed since: Blender renames the curves, not our record.

    The keys tell which bone it was: a bone of the record without any curve is the one unlisted bone with the same keys.
    """
    lost = {bone_of(path) for path, _ in curves} - {bone_of(path) for path, _ in present}
    fresh = {bone_of(path) for path, _ in present} - {bone_of(path) for path, _ in curves}
    if not lost or not fresh:
        return curves
    names = {}
    for old in lost:
        known = {channel: entry for channel, entry in curves.items() if bone_of(channel[0]) == old}
        new = [name for name in fresh if _same_keys(known, present, old, name)]
        if len(new) == 1:
            names[old] = new[0]
    return {(_with_bone(path, names), index): entry for (path, index), entry in curves.items()}


def _same_keys(known: Mapping[Channel, Wrote], present: Mapping[Channel, bpy.types.FCurve], old: str,
               new: str) -> bool:
    for (path, index), entry in known.items():
        curve = present.get((_with_bone(path, {old: new}), index))
        if curve is not None and entry.unchanged(pairs_of(curve)):
            return True
    return False


def _with_bone(path: str, names: Mapping[str, str]) -> str:
    old = bone_of(path)
    return path.replace(f'pose.bones["{old}"]', f'pose.bones["{names[old]}"]', 1) if old in names else path
