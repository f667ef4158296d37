"""Drop-outs: an arm or a leg that is lost for a moment is bridged from the frames in which it was sure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..core.motion import Motion
from ..core.skeleton import MOCAP22, SIDES, rest_directions
from ..maths.rotations import apply, carried, continuous, inverse, multiply, slerp
from .tuning import TUNING

_ARM, _LEG = ("elbow", "wrist", "knuckle"), ("knee", "ankle", "toe")


class DropOut(NamedTuple):
    """Frames `first` to `last` (indices) in which a limb ("left arm") was lost."""

    first: int
    last: int
    limb: str


def bridge_drop_outs(motion: Motion, confidence: np.ndarray) -> tuple[Motion, list[DropOut]]:
    """The motion with short drop-outs of a limb bridged, and what was bridged, by frame.

    confidence: (T, 22) of the joints, 0..1. A drop-out is a stretch in which a joint of the limb has less than
    `sure`, longer than a pop and at most `drop_out_seconds` long, with a sure frame before and after it. Each bone of
    the limb turns, relative to the bone above it, straight from the one to the other; the more it was believed, the
    more of its own way it keeps. Without one, the very same motion is returned.
    """
    rotations, found = motion.rotations.copy(), []
    for limb, bones in _limbs():
        doubt = np.clip(1.0 - confidence[:, bones[1:]] / TUNING.sure, 0.0, 1.0)
        for first, last in _stretches(doubt.max(axis=1) > 0):
            seconds = (last - first + 1) / motion.fps
            if TUNING.pop_seconds < seconds <= TUNING.drop_out_seconds and first > 0 and last + 1 < len(doubt):
                _bridge(rotations, motion.rotations, bones, slice(first, last + 1), doubt[first:last + 1])
                found.append(DropOut(first, last, limb))
    if not found:
        return motion, []
    return replace(motion, rotations=continuous(rotations)), sorted(found)


def _limbs() -> Iterator[tuple[str, list[int]]]:
    """(words, the bone above the limb and those of the limb from there outwards)."""
    for side in SIDES:
        for name, top, parts in (("arm", "thorax", _ARM), ("leg", "pelvis", _LEG)):
            yield f"{side} {name}", [MOCAP22.index(top), *(MOCAP22.index(f"{side}_{part}") for part in parts)]


def _stretches(lost: np.ndarray) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], lost.astype(int), [0]])))
    yield from ((int(first), int(end) - 1) for first, end in zip(edges[::2], edges[1::2], strict=True))


def _bridge(rotations: np.ndarray, own: np.ndarray, bones: list[int], lost: slice, doubt: np.ndarray) -> None:
    """Bridge one stretch in (T, 22, 4) rotations, in place. own: those before. doubt: (N, bones) 0..1."""
    count = lost.stop - lost.start
    shares, rest = np.arange(1, count + 1) / (count + 1), rest_directions()
    for number, (upper, bone) in enumerate(zip(bones, bones[1:], strict=False)):
        relative = multiply(inverse(own[:, upper]), own[:, bone])
        way = slerp(np.broadcast_to(relative[lost.start - 1], (count, 4)),
                    np.broadcast_to(relative[lost.stop], (count, 4)), shares)
        own_way = apply(relative[lost], rest[bone])
        # A bone's twist comes from the bone that hangs on it.
        twisted = carried(way, rest[bone], own_way)
        below = doubt[:, min(number + 1, doubt.shape[1] - 1)]
        mixed = slerp(slerp(relative[lost], twisted, below), way, doubt[:, number])
        rotations[lost, bone] = multiply(rotations[lost, upper], mixed)


def bridged(found: list[DropOut]) -> list[str]:
    """One sentence about bridged drop-outs, with frames counted from 1; [] for none."""
    if not found:
        return []
    shown = ", ".join(f"{drop.limb} at {drop.first + 1}-{drop.last + 1}" for drop in found[:TUNING.pops_named])
    more = len(found) - TUNING.pops_named
    return [f"lost limbs were bridged: {shown}" + (f" and {more} more" if more > 0 else "")
            + "; switch Bridge Lost Limbs off to see what was guessed there"]
