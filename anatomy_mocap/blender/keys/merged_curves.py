"""New keys in a range of an F-curve, while the keys outside the range stay as they are (no bpy here)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...sparse_keys.key_plan import KeyPlan

LINEAR, BEZIER, ALIGNED = 1, 2, 3
ATTRIBUTES = {"co": (2, np.float32, 0), "handle_left": (2, np.float32, 0), "handle_right": (2, np.float32, 0),
              "interpolation": (1, np.int32, LINEAR), "easing": (1, np.int32, 0), "handle_left_type": (1, np.int32, 0),
              "handle_right_type": (1, np.int32, 0), "type": (1, np.int32, 0), "back": (1, np.float32, 0),
              "amplitude": (1, np.float32, 0), "period": (1, np.float32, 0), "select_control_point": (1, bool, True),
              "select_left_handle": (1, bool, True), "select_right_handle": (1, bool, True)}
"""The attributes of a key in Blender -> (how many numbers, their type, the value of a new key)."""


@dataclass(frozen=True)
class Keys:
    """The K keys of a curve. values: attribute -> (K, size) numbers."""

    values: dict[str, np.ndarray]

    @property
    def frames(self) -> np.ndarray:
        """(K,) scene frames."""
        return self.values["co"][:, 0]

    def __len__(self) -> int:
        return len(self.values["co"])


def straight_keys(frames: np.ndarray, values: np.ndarray) -> Keys:
    """Keys of straight segments."""
    pairs = np.stack([frames, values], axis=-1).astype(np.float32)
    arrays = {"co": pairs, "handle_left": pairs, "handle_right": pairs}
    for name, (size, kind, value) in ATTRIBUTES.items():
        if name not in arrays:
            arrays[name] = np.full((len(pairs), size), value, kind)
    return Keys(arrays)


def planned_keys(plan: KeyPlan, path: str, index: int, frames: np.ndarray, values: np.ndarray) -> Keys:
    """The keys of one channel of a property: one in each of (T,) frames, or the few of the plan.

    values: (T,) of the channel.
    """
    types = plan.types_of(path, len(frames))
    curve = plan.few.get(path)
    if curve is None or len(values) == 1:
        keys = straight_keys(frames, values)
        keys.values["type"][:, 0] = types
        return _without(keys, np.arange(len(frames)), plan)
    at, step = curve.at, (frames[-1] - frames[0]) / max(len(frames) - 1, 1)
    keys = straight_keys(frames[at], curve.values[:, index])
    for name, lengths, sign in (("handle_left", curve.handles_into(index), -1.0),
                                ("handle_right", curve.handles_out(index), 1.0)):
        keys.values[name] = np.stack([frames[at] + sign * lengths * step, curve.values[:, index]
                                      + sign * lengths * curve.slopes[:, index]], axis=-1).astype(np.float32)
        keys.values[f"{name}_type"][:] = ALIGNED
    keys.values["interpolation"][:] = BEZIER
    keys.values["type"][:, 0] = types[at]
    return _without(keys, at, plan)


def _without(keys: Keys, at: np.ndarray, plan: KeyPlan) -> Keys:
    """The keys outside the plan's empty frames; a straight line leads over each gap. at: (K,) frames of the keys."""
    if plan.empty is None or len(at) < 2 or not plan.empty[at].any():
        return keys
    keys.values["interpolation"][:-1, 0][plan.empty[at[1:]]] = LINEAR
    return chosen(keys, ~plan.empty[at])


def chosen(keys: Keys, mask: np.ndarray) -> Keys:
    """The keys where the (K,) mask is true."""
    return Keys({name: values[mask] for name, values in keys.values.items()})


def merged(old: Keys, new: Keys) -> Keys:
    """The keys of `old` outside the range of `new`, and `new`; old keys within 0.01 frames of the range are dropped."""
    low, high = new.frames.min() - 0.01, new.frames.max() + 0.01
    before, after = old.frames < low, old.frames > high
    return Keys({name: np.concatenate([old.values[name][before], new.values[name], old.values[name][after]])
                 for name in ATTRIBUTES})


def with_added(ours: Keys, theirs: Keys) -> Keys:
    """The keys of both by time; one of `ours` within 0.01 frames of one of `theirs` is dropped."""
    near = (np.abs(ours.frames[:, None] - theirs.frames[None]) <= 0.01).any(axis=1)
    joined = {name: np.concatenate([values[~near], theirs.values[name]]) for name, values in ours.values.items()}
    order = np.argsort(joined["co"][:, 0], kind="stable")
    return Keys({name: values[order] for name, values in joined.items()})


def blend_weights(frames: np.ndarray, margin: float) -> np.ndarray:
    """(T,) weights of the new values: they rise to 1 over `margin` frames at the start, and fall at the end."""
    frames = np.asarray(frames, dtype=float)
    if margin <= 0:
        return np.ones(len(frames))
    edge = np.minimum(frames - frames[0], frames[-1] - frames) / margin
    share = np.clip(edge, 0.0, 1.0)
    return share * share * (3 - 2 * share)


def blended(new: np.ndarray, old: np.ndarray, weights: np.ndarray, kind: str) -> np.ndarray:
    """(T, C) `new` where the weight is 1, `old` where it is 0.

    kind: the channel's property. The signs of quaternions and whole turns of angles are chosen for the shortest way.
    """
    if kind == "rotation_quaternion":
        new = new * np.where((new[:1] * old[:1]).sum() < 0, -1.0, 1.0)
        old = old * np.where((new * old).sum(-1, keepdims=True) < 0, -1.0, 1.0)
    elif kind == "rotation_euler":
        new = new - 2 * np.pi * np.round((new[0] - old[0]) / (2 * np.pi))
    mixed = old + (new - old) * weights[:, None]
    if kind == "rotation_quaternion":
        mixed = mixed / np.maximum(np.linalg.norm(mixed, axis=-1, keepdims=True), 1e-9)
    return mixed
