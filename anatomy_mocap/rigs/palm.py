"""Palm of a hand from the bones below it: the place of the knuckles and the side of the thumb.

Bone names identify thumb and middle finger; without such names the directions of the finger chains do, so numbered or
foreign names work too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..maths.rotations import unit
from .rig import TargetRig
from .tuning import TUNING

THUMB = ("thumb", "親指", "pollex", "daumen", "pouce", "pulgar", "pollice")
MIDDLE = ("middle", "mid", "中指")
_NO_FINGER = re.compile(r"twist|weapon|attach|socket|target|捩|(?<![a-z])(?:roll|prop|pole|ctrl)(?![a-z])"
                        r"|(?-i:(?<![A-Za-z])ik(?![A-Za-z])|(?<![A-Z])IK(?![A-Za-z]))", re.IGNORECASE)


@dataclass(frozen=True)
class Palm:
    """One hand at rest, world axes.

    knuckles: (3,) the middle finger's knuckle, or the mean of the knuckles.
    thumb_side: (3,) unit, across the palm towards the thumb; None if the bones do not determine it.
    """

    knuckles: np.ndarray
    thumb_side: np.ndarray | None


def read_palm(rig: TargetRig, heads: np.ndarray, forearm: int, hand: int) -> Palm | None:
    """Read the palm of a hand; None if it has no fingers.

    heads: (B, 3) world, the rig's joints. forearm, hand: bone indices.
    """
    size = max(float(np.linalg.norm(heads[hand] - heads[forearm])), 1e-12)
    chains = finger_chains(rig, heads, hand, size)
    if not chains:
        return None
    thumb = thumb_chain(rig, heads, hand, chains)
    fingers = [chain for chain in chains if chain is not thumb] or chains
    knuckles = {chain[0]: heads[knuckle_of(heads, hand, chain)] for chain in fingers}
    middle = [knuckles[chain[0]] for chain in fingers if chain_named(rig, chain, MIDDLE)]
    centre = middle[0] if middle else np.mean(list(knuckles.values()), axis=0)
    side = None
    if thumb is not None and len(fingers) > 1:
        side = _across(np.array(list(knuckles.values())), heads[thumb[0]] - np.mean(list(knuckles.values()), axis=0))
    return Palm(centre, side)


def finger_chains(rig: TargetRig, heads: np.ndarray, hand: int, size: float) -> list[tuple[int, ...]]:
    """Chains of bones below the hand that may be fingers. size: length of the forearm."""
    near, far = TUNING.finger_reach
    found = []
    for leaf in rig.subtree(hand)[1:]:
        if rig.children[leaf]:
            continue
        line = rig.lineage(leaf)
        chain = tuple(bone for bone in reversed(line[:line.index(hand)])
                      if near < np.linalg.norm(heads[bone] - heads[hand]) / size < far)
        if chain and not any(_NO_FINGER.search(rig.bone_names[bone]) for bone in chain):
            found.append(chain)
    firsts = {chain[0]: chain for chain in sorted(found, key=len)}
    return [chain for chain in found if firsts[chain[0]] is chain]


def thumb_chain(rig: TargetRig, heads: np.ndarray, hand: int, chains: list[tuple[int, ...]]
                ) -> tuple[int, ...] | None:
    """The thumb's chain: by its name, else the chain that points away from the others and reaches least far."""
    named = [chain for chain in chains if chain_named(rig, chain, THUMB)]
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
    apart = np.cos(np.radians(TUNING.thumb_apart))
    return chains[candidate] if closeness[candidate] < apart and np.argmin(reach) == candidate else None


def knuckle_of(heads: np.ndarray, hand: int, chain: tuple[int, ...]) -> int:
    """The bone that begins at the knuckle, about half way to the fingertip: bones inside the palm come before it."""
    if len(chain) < 3:
        return chain[0]
    joints = heads[[hand, *chain]]
    along = np.cumsum(np.linalg.norm(np.diff(joints, axis=0), axis=-1))  # not the distance: a fist's tips come back
    return chain[int(np.argmin(np.abs(along / along[-1] - TUNING.knuckle)))]


def _across(knuckles: np.ndarray, towards_thumb: np.ndarray) -> np.ndarray:
    """(3,) unit direction of the line through the knuckles, towards the thumb."""
    apart = knuckles[:, None] - knuckles[None]
    first, last = np.unravel_index(np.argmax(np.linalg.norm(apart, axis=-1)), apart.shape[:2])
    line = unit(apart[first, last])
    return line if line @ towards_thumb > 0 else -line


def chain_named(rig: TargetRig, chain: tuple[int, ...], words: Iterable[str]) -> bool:
    """Whether a bone of the chain has one of these words in its name."""
    return any(word in rig.bone_names[bone].lower() for bone in chain for word in words)
