"""Pops: a bone or the hips leave their way for a moment and come back, faster than people move; they are bridged."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..core.motion import Motion
from ..core.skeleton import MOCAP22
from ..maths.rotations import angle_between, continuous, slerp
from .tuning import TUNING


class Pop(NamedTuple):
    """Frames `first` to `last` (indices) in which `bone` was off its way by up to `size`: degrees, metres for hips."""

    first: int
    last: int
    bone: str
    size: float


def repair_pops(motion: Motion) -> tuple[Motion, list[Pop]]:
    """The motion with pops bridged between the frames around them, and what was bridged, by frame.

    A pop is a stretch of at most `pop_seconds` that jumps off and back, while the frames around it lie near each other
    and move little.
    Without one, the very same motion is returned.
    """
    rotations, roots = motion.rotations.copy(), motion.root_positions.copy()
    found: list[Pop] = []
    for length in range(1, max(1, int(TUNING.pop_seconds * motion.fps)) + 1):
        found += _repair_turns(rotations, length) + _repair_roots(roots, length)
    if not found:
        return motion, []
    return replace(motion, rotations=continuous(rotations), root_positions=roots), sorted(found)


def _repair_turns(rotations: np.ndarray, length: int) -> list[Pop]:
    """Bridge the pops of `length` frames in (T, 22, 4) rotations, in place."""
    if len(rotations) < length + 2:
        return []
    before, after = rotations[:-length - 1], rotations[length + 1:]
    near = np.degrees(angle_between(before, after))
    shares = np.arange(1, length + 1) / (length + 1)
    off = np.stack([np.degrees(angle_between(rotations[step:len(rotations) - length - 1 + step],
                                             slerp(before, after, share)))
                    for step, share in enumerate(shares, start=1)])
    steps = np.degrees(angle_between(rotations[:-1], rotations[1:]))
    is_pop = (off.min(axis=0) > np.maximum(TUNING.pop_turn, TUNING.pop_times * near)) & _jumps(steps, length)
    found = []
    for start, bone in zip(*np.nonzero(is_pop), strict=True):
        rotations[start + 1:start + length + 1, bone] = slerp(before[start, bone], after[start, bone], shares)
        found.append(Pop(int(start) + 1, int(start) + length, MOCAP22.joint_names[bone],
                         float(off[:, start, bone].max())))
    return found


def _jumps(steps: np.ndarray, length: int) -> np.ndarray:
    """(T - length - 1, ...) whether the steps into and out of a stretch are jumps beside the steps around it.

    steps: (T - 1, ...) sizes. A fast swing turns back with small steps between large ones.
    """
    still = np.zeros_like(steps[:1])
    before, after = np.concatenate([still, steps])[:len(steps) - length], np.concatenate([steps, still])[length + 1:]
    return np.minimum(steps[:len(steps) - length], steps[length:]) > TUNING.pop_times * np.maximum(before, after)


def _repair_roots(roots: np.ndarray, length: int) -> list[Pop]:
    """The same for (T, 3) positions of the hips."""
    if len(roots) < length + 2:
        return []
    before, after = roots[:-length - 1].copy(), roots[length + 1:].copy()
    near = np.linalg.norm(after - before, axis=-1)
    shares = np.arange(1, length + 1) / (length + 1)
    bridges = before + (after - before) * shares[:, None, None]
    off = np.stack([np.linalg.norm(roots[step:len(roots) - length - 1 + step] - bridge, axis=-1)
                    for step, bridge in enumerate(bridges, start=1)])
    steps = np.linalg.norm(np.diff(roots, axis=0), axis=-1)
    is_pop = (off.min(axis=0) > np.maximum(TUNING.pop_move, TUNING.pop_times * near)) & _jumps(steps, length)
    for start in np.flatnonzero(is_pop):
        roots[start + 1:start + length + 1] = bridges[:, start]
    return [Pop(int(start) + 1, int(start) + length, "hips", float(off[:, start].max()))
            for start in np.flatnonzero(is_pop)]


def told(pops: list[Pop]) -> list[str]:
    """One sentence about repaired pops, with frames counted from 1; [] for none."""
    if not pops:
        return []
    shown = ", ".join(f"{pop.bone.replace('_', ' ')} at frame {pop.first + 1}" for pop in pops[:TUNING.pops_named])
    more = len(pops) - TUNING.pops_named
    return [f"pops were bridged: {shown}" + (f" and {more} more" if more > 0 else "")
            + "; switch Repair off to keep them"]
