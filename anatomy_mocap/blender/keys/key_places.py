"""Keys into a new action, the last one, a range of the active one, or a new NLA track."""

from __future__ import annotations

import contextlib

import bpy
import numpy as np

from ...core.errors import MocapError
from ...settings import KeySettings
from ...sparse_keys.key_plan import EVERY_FRAME, KeyPlan
from .key_data import read_keys, write_keys_of
from .keyframes import Curves, bag_of, fill_new_action, made_here, write_new_action
from .merged_curves import Keys, blend_weights, blended, chosen, merged, planned_keys, straight_keys
from .update_curves import Updated, update_curves, written
from .written_curves import Record, remember, take_of


def starting_at(frames: np.ndarray, start: float | None) -> np.ndarray:
    """(T,) the frames of keys, moved so that the first one is `start`; None leaves them."""
    return frames if start is None else frames - frames[0] + start


def write_curves(armature: bpy.types.Object, curves: Curves, frames: np.ndarray, name: str,
                 settings: KeySettings, plan: KeyPlan = EVERY_FRAME) -> tuple[bpy.types.Action, Updated | None]:
    """Write curves at (T,) scene frames; returns the action, and what an update of it has done.

    MocapError, with nothing changed, where the destination can't take them.
    """
    if settings.destination == "INTO":
        return _write_into(armature, curves, frames, settings.blend, plan), None
    if settings.destination == "NLA":
        return _write_strip(armature, curves, frames, name, settings, plan), None
    if settings.destination == "UPDATE" and made_here(armature, name):
        action, slot = armature.animation_data.action, armature.animation_data.action_slot
        return action, update_curves(action, slot, curves, frames, name, settings.parts is None, plan)
    action = write_new_action(armature, curves, frames, name, plan)
    _sign(action, armature.animation_data.action_slot, name, settings)
    return action, None


def rewrite_curves(armature: bpy.types.Object, action: bpy.types.Action, curves: Curves, frames: np.ndarray,
                   settings: KeySettings, plan: KeyPlan = EVERY_FRAME) -> None:
    """Replace the curves that `write_curves` has just written into `action`."""
    if settings.destination == "INTO":
        _write_into(armature, curves, frames, 0.0, plan)
    else:
        slot = action.slots[0] if settings.destination == "NLA" else armature.animation_data.action_slot
        update_curves(action, slot, curves, frames, take_of(action), settings.parts is None, plan)


def _sign(action, slot, name: str, settings: KeySettings) -> None:
    """Store that all curves of a new action are ours."""
    remember(action, slot, Record(name, written(bag_of(action, slot)), settings.parts is None))


def _write_strip(armature, curves, frames, name: str, settings: KeySettings, plan: KeyPlan):
    """Write a new action on a new NLA track; the active action stays active."""
    data = armature.animation_data or armature.animation_data_create()
    action, slot = fill_new_action(armature, curves, frames, name, plan)
    track = None
    try:
        track = data.nla_tracks.new()
        track.name = name
        strip = track.strips.new(name, int(np.floor(frames[0])), action)
        strip.action_slot = slot
        strip.frame_start, strip.frame_end = float(frames[0]), float(max(frames[-1], frames[0] + 1))
        strip.action_frame_start, strip.action_frame_end = strip.frame_start, strip.frame_end
        strip.extrapolation = "HOLD_FORWARD"
    except BaseException as error:
        if track is not None:
            data.nla_tracks.remove(track)
        bpy.data.actions.remove(action)
        if isinstance(error, RuntimeError):
            raise MocapError(f"{armature.name}: its NLA can't take a strip ({error}); write a new action") from error
        raise
    _sign(action, slot, name, settings)
    return action


def _write_into(armature, curves, frames, blend: float, plan: KeyPlan):
    """Write the curves into the active action, within the range of `frames`."""
    data = armature.animation_data
    if not (data and data.action and data.action_slot):
        raise MocapError(f"{armature.name}: it has no action whose range could be filled; write a new action")
    if data.action.library is not None:
        raise MocapError(f"{data.action.name}: linked from {data.action.library.filepath}, so no keys can be added; "
                         "write a new action, or make this one local")
    bag = bag_of(data.action, data.action_slot)
    present = {(curve.data_path, curve.array_index): read_keys(curve) for curve in bag.fcurves}
    try:
        for bone_name, path, values in curves:
            _merge(armature, bag, bone_name, path, values, frames, blend, plan)
    except BaseException:
        _restore(bag, present)
        raise
    return data.action


def _merge(armature, bag, group: str, path: str, values: np.ndarray, frames, blend: float, plan: KeyPlan) -> None:
    """Merge the new values of one property; keys beside the range hold the old values outside of it.

    Frames that blend have a key each.
    """
    now = _current(armature, path, values.shape[1])
    curves = [bag.fcurves.find(path, index=index) for index in range(values.shape[1])]

    def old(at: np.ndarray) -> np.ndarray:
        return np.array([[curve.evaluate(frame) if curve else still for curve, still in zip(curves, now, strict=True)]
                         for frame in at])

    span = frames if len(values) > 1 else frames[:1]
    weights = blend_weights(span, blend) if len(values) > 1 else np.ones(1)
    mixed = weights < 1
    if mixed.any():
        before = np.array(values, dtype=float)
        before[mixed] = old(span[mixed])
        values = blended(values, before, weights, path.rpartition(".")[2])
    pins = np.array([np.ceil(frames[0]) - 1, np.floor(frames[-1]) + 1])
    held = old(pins)
    for index, curve in enumerate(curves):
        kept = read_keys(curve) if curve else straight_keys(pins, held[:, index])
        pinned = [n for n, pin in enumerate(pins) if not len(kept) or np.abs(kept.frames - pin).min() > 0.01]
        new = planned_keys(plan, path, index, span, values[:, index])
        if mixed.any():
            inside = ~mixed[np.searchsorted(span, new.frames - 0.01)]
            new = _sorted(_joined(chosen(new, inside), straight_keys(span[mixed], values[mixed, index])))
        if len(values) == 1:  # a switch holds over the whole range
            new = straight_keys(np.array([frames[0], max(frames[-1], frames[0])]), np.repeat(values[:, index], 2))
        result = merged(kept, new)
        for n in pinned:
            result = merged(result, straight_keys(pins[n:n + 1], held[n:n + 1, index]))
        if curve is None:
            curve = bag.fcurves.new(path, index=index)
            curve.group = bag.groups.get(group) or bag.groups.new(group)
        write_keys_of(curve, _sorted(result))


def _joined(first: Keys, second: Keys) -> Keys:
    return Keys({name: np.concatenate([values, second.values[name]]) for name, values in first.values.items()})


def _sorted(keys: Keys) -> Keys:
    order = np.argsort(keys.frames, kind="stable")
    return Keys({name: values[order] for name, values in keys.values.items()})


def _current(armature, path: str, size: int) -> np.ndarray:
    """(C,) the present value of a property."""
    with contextlib.suppress(ValueError, KeyError):
        value = armature.path_resolve(path)
        return np.array(list(value) if size > 1 else [value], dtype=float)
    return np.zeros(size)


def _restore(bag, present: dict) -> None:
    for curve in list(bag.fcurves):
        keys = present.get((curve.data_path, curve.array_index))
        if keys is None:
            bag.fcurves.remove(curve)
        else:
            write_keys_of(curve, keys)
