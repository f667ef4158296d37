"""A hand read off the bones below it: where its knuckles are, and on which side of it the thumb is.

Names help where they speak of fingers; otherwise the fan of the finger chains tells, so numbered or foreign names do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from ..maths.rotations import unit
from .rig import TargetRig

_THUMB = ("thumb", "親指", "pollex", "daumen", "pouce", "pulgar", "pollice")
_MIDDLE = ("middle", "mid", "中指")
_NO_FINGER = re.compile(r"twist|weapon|attach|socket|target|捩|(?<![a-z])(?:roll|prop|pole|ctrl)(?![a-z])"
                        r"|(?-i:(?<![A-Za-z])ik(?![A-Za-z])|(?<![A-Z])IK(?![A-Za-z]))", re.IGNORECASE)
_NEAR, _FAR = 0.1, 1.1
"""Fingers have their bones' heads so far from the wrist, in lengths of the forearm."""
_APART = np.cos(np.radians(20.0))
"""A chain that points further from the others' mean than this is the thumb."""


@dataclass(frozen=True)
class Palm:
    """One hand at rest, world axes.

    knuckles: (3,) the middle finger's knuckle, or the middle of the knuckles. thumb_side: (3,) unit, across the palm
    towards the thumb; None where the bones don't tell.
    """

    knuckles: np.ndarray
    thumb_side: np.ndarray | None


def read_palm(rig: TargetRig, heads: np.ndarray, forearm: int, hand: int) -> Palm | None:
    """The hand's palm; None where no fingers hang on it.

    heads: (B, 3) world. forearm, hand: bone indices.
    """
    size = max(float(np.linalg.norm(heads[hand] - heads[forearm])), 1e-12)
    chains = _finger_chains(rig, heads, hand, size)
    if not chains:
        return None
    thumb = _thumb(rig, heads, hand, chains)
    fingers = [chain for chain in chains if chain is not thumb] or chains
    knuckles = {chain[0]: heads[_knuckle(heads, hand, chain)] for chain in fingers}
    middle = [knuckles[chain[0]] for chain in fingers if _named(rig, chain, _MIDDLE)]
    centre = middle[0] if middle else np.mean(list(knuckles.values()), axis=0)
    side = None
    if thumb is not None and len(fingers) > 1:
        side = _across(np.array(list(knuckles.values())), heads[thumb[0]] - np.mean(list(knuckles.values()), axis=0))
    return Palm(centre, side)


def _finger_chains(rig: TargetRig, heads: np.ndarray, hand: int, size: float) -> list[tuple[int, ...]]:
    """Chains of bones from the hand (left out) to its ends that may be fingers."""
    found = []
    for leaf in rig.subtree(hand)[1:]:
        if rig.children[leaf]:
            continue
        line = rig.lineage(leaf)
        chain = tuple(bone for bone in reversed(line[:line.index(hand)])
                      if _NEAR < np.linalg.norm(heads[bone] - heads[hand]) / size < _FAR)
        if chain and not any(_NO_FINGER.search(rig.bone_names[bone]) for bone in chain):
            found.append(chain)
    firsts = {chain[0]: chain for chain in sorted(found, key=len)}
    return [chain for chain in found if firsts[chain[0]] is chain]


def _thumb(rig: TargetRig, heads: np.ndarray, hand: int, chains: list) -> tuple[int, ...] | None:
    """The thumb's chain: the one named so, else the one that points away from the others and reaches least far."""
    named = [chain for chain in chains if _named(rig, chain, _THUMB)]
    if named:
        return named[0]
    if len(chains) < 3:
        return None
    ways = np.array([unit(heads[chain[-1]] - heads[chain[0]]) if len(chain) > 1
                     else unit(heads[chain[0]] - heads[hand]) for chain in chains])
    others = unit(ways.sum(axis=0) - ways)
    closeness = (ways * others).sum(-1)
    candidate = int(np.argmin(closeness))
    reach = np.array([(heads[chain[-1]] - heads[hand]) @ others[candidate] for chain in chains])
    return chains[candidate] if closeness[candidate] < _APART and np.argmin(reach) == candidate else None


def _knuckle(heads: np.ndarray, hand: int, chain: tuple[int, ...]) -> int:
    """The bone that begins at the knuckle: about half way to the fingertip, past any bone inside the palm."""
    if len(chain) < 3:
        return chain[0]
    away = np.linalg.norm(heads[list(chain)] - heads[hand], axis=-1)
    return chain[int(np.argmin(np.abs(away / away.max() - 0.55)))]


def _across(knuckles: np.ndarray, towards_thumb: np.ndarray) -> np.ndarray:
    """(3,) unit: the line through the knuckles, towards the thumb."""
    apart = knuckles[:, None] - knuckles[None]
    first, last = np.unravel_index(np.argmax(np.linalg.norm(apart, axis=-1)), apart.shape[:2])
    line = unit(apart[first, last])
    return line if line @ towards_thumb > 0 else -line


def _named(rig: TargetRig, chain: tuple[int, ...], words) -> bool:
    return any(word in rig.bone_names[bone].lower() for bone in chain for word in words)
