"""Our keys in an action of ours replaced by new ones. All that the animator made there stays, to the bit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import bpy
import numpy as np

from ...sparse_keys.key_plan import EVERY_FRAME, KeyPlan
from . import keyframes
from .key_data import read_keys, write_keys_of
from .merged_curves import Keys, chosen, merged, planned_keys, with_added
from .written_curves import Channel, Record, Wrote, bone_of, pairs_of, record_of, remember, wrote


@dataclass
class _Change:
    """What an update does. keys: new keys of present curves. new: curves to add, as (bone, path, index, keys)."""

    keys: dict[Channel, Keys] = field(default_factory=dict)
    new: list[tuple[str, str, int, Keys]] = field(default_factory=list)
    gone: list[Channel] = field(default_factory=list)
    entries: dict[Channel, Wrote] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    between: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Updated:
    """The result of an update. removed: data paths of properties that have no curve any more.

    first_whole: whether all parts of the body are keyed for the first time.
    """

    removed: tuple[str, ...]
    warnings: tuple[str, ...]
    first_whole: bool


def update_curves(action: bpy.types.Action, slot: bpy.types.ActionSlot, curves: keyframes.Curves, frames: np.ndarray,
                  take: str, whole: bool, plan: KeyPlan = EVERY_FRAME) -> Updated:
    """Replace the keys that we wrote into a slot by those of `curves`; on failure all is put back.

    Keys of the animator on our curves, before or after our frames or between sparse keys of ours, stay, as do
    modifiers, groups and colours. Curves that the animator made or locked stay as they are, and a warning names them.
    frames: (T,) scene frames. whole: all parts of the body are keyed, so curves of ours without new keys are removed;
        otherwise only those of the bones in `curves`.
    """
    bag = keyframes.bag_of(action, slot)
    record = record_of(action, slot) or Record(take, whole=False)
    change = _planned(bag, record, curves, np.asarray(frames, float), whole, plan)
    _carry_out(bag, change)
    entries = {channel: entry for channel, entry in record.curves.items()
               if channel not in change.gone and channel not in change.keys
               and bag.fcurves.find(channel[0], index=channel[1])}
    remember(action, slot, Record(take, entries | change.entries, record.whole or whole))
    return Updated(_without_curve(bag, change.gone), tuple(_warnings(action, change)), whole and not record.whole)


def written(bag: bpy.types.ActionChannelbag) -> dict[Channel, Wrote]:
    """The entries of a channelbag whose curves are all ours."""
    return {(curve.data_path, curve.array_index): wrote(pairs_of(curve)) for curve in bag.fcurves}


def _planned(bag, record: Record, curves, frames: np.ndarray, whole: bool, plan: KeyPlan) -> _Change:
    change = _Change()
    present = {(curve.data_path, curve.array_index): curve for curve in bag.fcurves}
    bones = {bone_of(path) for _, path, _ in curves}
    for bone, path, values in curves:
        channels = [(path, index) for index in range(values.shape[1])]
        if any(channel in present and (channel not in record.curves or _locked(present[channel]))
               for channel in channels):
            change.kept.append(path)
            continue
        at = frames[:len(values)]
        for channel in channels:
            new = planned_keys(plan, path, channel[1], at, values[:, channel[1]])
            change.entries[channel] = wrote(new.values["co"])
            if channel in present:
                change.keys[channel] = _with_theirs(present[channel], record.curves[channel], new, path, change)
            else:
                change.new.append((bone, *channel, new))
    keyed = {path for _, path, _ in curves}
    stale = {channel: entry for channel, entry in record.curves.items()
             if channel in present and channel[0] not in keyed and (whole or bone_of(channel[0]) in bones)}
    change.left += [path for path, index in stale
                    if _locked(present[path, index]) or len(present[path, index].modifiers)]
    for channel, entry in stale.items():
        if channel[0] not in change.left:
            _take_out(change, channel, present[channel], entry)
    return change


def _take_out(change: _Change, channel: Channel, curve, entry: Wrote) -> None:
    """Plan to remove our keys of a curve that is not keyed any more, and the curve, if nothing else is on it."""
    keys = read_keys(curve)
    theirs = chosen(keys, ~entry.owns(keys.values["co"]))
    if len(theirs):
        change.keys[channel] = theirs
    else:
        change.gone.append(channel)
    if not entry.unchanged(keys.values["co"]):
        change.edited.append(channel[0])


def _with_theirs(curve, entry: Wrote, new: Keys, path: str, change: _Change) -> Keys:
    """The new keys, and those that the animator added before or after our frames."""
    keys = read_keys(curve)
    theirs = chosen(keys, ~entry.owns(keys.values["co"]))
    if entry.at:
        inside = chosen(theirs, (theirs.frames >= entry.first) & (theirs.frames <= entry.last))
        if len(inside):
            change.between.append(path)
            outside = chosen(theirs, (theirs.frames < entry.first) | (theirs.frames > entry.last))
            new = with_added(merged(outside, new) if len(outside) else new, inside)
            if not entry.unchanged(keys.values["co"]):
                change.edited.append(path)
            return new
    result = merged(theirs, new) if len(theirs) else new
    if not entry.unchanged(keys.values["co"]) or len(result) != len(theirs) + len(new):
        change.edited.append(path)
    return result


def _carry_out(bag, change: _Change) -> None:
    before, added = {}, []
    try:
        for channel, keys in change.keys.items():
            curve = bag.fcurves.find(channel[0], index=channel[1])
            before[channel] = read_keys(curve)
            write_keys_of(curve, keys)
        for bone, path, index, keys in change.new:
            added.append((path, index))
            keyframes.add_curve(bag, bone, path, index, keys)
    except BaseException:
        for path, index in added:
            if curve := bag.fcurves.find(path, index=index):
                bag.fcurves.remove(curve)
        for channel, keys in before.items():
            write_keys_of(bag.fcurves.find(channel[0], index=channel[1]), keys)
        raise
    for path, index in change.gone:
        bag.fcurves.remove(bag.fcurves.find(path, index=index))


def _locked(curve) -> bool:
    return curve.lock or bool(curve.group and curve.group.lock)


def _without_curve(bag, gone: Iterable[Channel]) -> tuple[str, ...]:
    present = {curve.data_path for curve in bag.fcurves}
    return tuple(dict.fromkeys(path for path, _ in gone if path not in present))


def _warnings(action, change: _Change) -> list[str]:
    found = []
    if change.kept:
        found.append(f"{action.name}: curves that are not ours, or locked, were kept as they are: "
                     f"{_named(change.kept)}; delete or unlock them to have these keyed")
    if change.edited:
        found.append(f"{action.name}: keys that were changed by hand have been replaced on {_named(change.edited)}; to "
                     "keep such changes, undo, and make them in an action above it in the NLA")
    if change.between:
        found.append(f"{action.name}: keys that were added by hand between ours were kept on {_named(change.between)}; "
                     "delete them where they do not fit the new motion")
    if change.left:
        found.append(f"{action.name}: no longer keyed, but left as they are because of their modifiers or locks: "
                     f"{_named(change.left)}")
    return found


def _named(paths: Iterable[str]) -> str:
    names = list(dict.fromkeys(bone_of(path) or path for path in paths))
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
