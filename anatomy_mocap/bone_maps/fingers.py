"""The fingers of a rig's hands: by the convention's table, else by the chains below the hand, their names and order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.skeleton import SIDES
from ..rigs.palm import MIDDLE, THUMB, chain_named, finger_chains, knuckle_of, thumb_chain
from ..rigs.rig import TargetRig
from .bone_map import FINGERS
from .bone_name import is_end, is_helper, spellings, tokens
from .conventions.registry import CONVENTIONS

_WORDS = {"index": ("index", "pointer", "人指", "人差", "zeige"), "middle": MIDDLE,
          "ring": ("ring", "薬指"), "pinky": ("pinky", "pinkie", "little", "小指", "auricul")}
_MOST = 3
"""Bones of a finger that bend."""


def find_fingers(rig: TargetRig, bones: Mapping[str, tuple[str, ...]], convention: str) -> dict[str, tuple[str, ...]]:
    """Finger (see FINGER_PARTS) -> its bones; a hand whose fingers are not found has none.

    bones: part -> bone names of the rig's map. convention: name of the table that the map was made by.
    """
    found = _by_table(rig, convention)
    taken = {name for names in [*bones.values(), *found.values()] for name in names}
    for side in SIDES:
        hand, forearm = bones.get(f"{side}_hand"), bones.get(f"{side}_lower_arm")
        if hand and forearm:
            chains = _by_form(rig, rig.index(forearm[0]), rig.index(hand[0]))
            found |= {f"{side}_{finger}": names for finger, names in chains.items()
                      if f"{side}_{finger}" not in found and not taken.intersection(names)}
    return found


def _by_table(rig: TargetRig, convention: str) -> dict[str, tuple[str, ...]]:
    """The fingers whose bones all have the names of the convention's table."""
    table = next((each for each in CONVENTIONS if each.name == convention), None)
    if table is None or not table.fingers:
        return {}
    best: dict[str, tuple[str, ...]] = {}
    for spelled in spellings(rig.bone_names):
        by_spelling = {text: name for name, text in reversed(spelled.items())}
        fingers = {}
        for finger, names in table.fingers.items():
            plain_names = [next(iter(spellings([name])[0].values())) for name in names]
            if all(text in by_spelling for text in plain_names):
                fingers[finger] = tuple(by_spelling[text] for text in plain_names)
        best = max(best, fingers, key=len)
    return best


def _by_form(rig: TargetRig, forearm: int, hand: int) -> dict[str, tuple[str, ...]]:
    """Finger -> bones of the chains below one hand."""
    heads = rig.in_world(rig.heads)
    size = max(float(np.linalg.norm(heads[hand] - heads[forearm])), 1e-12)
    chains = [chain for chain in finger_chains(rig, heads, hand, size) if not _is_helper(rig, chain)]
    thumb = thumb_chain(rig, heads, hand, chains) if chains else None
    found = {}
    if thumb is not None:
        start = list(reversed(rig.lineage(thumb[0])))
        own = [bone for bone in start[start.index(hand) + 1:] if chain_named(rig, (bone,), THUMB)][:-1]
        found["thumb"] = _bending(rig, (*own, *thumb))
    others = [chain for chain in chains if chain is not thumb]
    for finger, chain in _named(rig, heads, others, thumb).items():
        knuckle = knuckle_of(heads, hand, chain)
        found[finger] = _bending(rig, chain[chain.index(knuckle):])
    return {finger: names for finger, names in found.items() if names}


def _named(rig: TargetRig, heads: np.ndarray, chains: list[tuple[int, ...]], thumb: tuple[int, ...] | None
           ) -> dict[str, tuple[int, ...]]:
    """Finger -> chain: by words in the names; else by their order from the thumb."""
    by_words = {}
    for chain in chains:
        name = next((finger for finger, words in _WORDS.items() if _has_word(rig, chain, words)), None)
        if name:
            by_words.setdefault(name, chain)
    if len(by_words) == len(chains):
        return by_words
    if thumb is None or len(chains) >= len(FINGERS):
        return {}
    start = heads[thumb[0]]
    line = sorted(chains, key=lambda chain: float(np.linalg.norm(heads[chain[0]] - start)))
    names = {1: ("middle",), 2: ("index", "ring"), 3: FINGERS[1:4]}.get(len(line), FINGERS[1:])
    return dict(zip(names, line, strict=True))


def _has_word(rig: TargetRig, chain: tuple[int, ...], words: tuple[str, ...]) -> bool:
    """As `chain_named`; of a short word ("ring", "mid") a token of the name, so that "string" is no finger."""
    text = [rig.bone_names[bone].lower() for bone in chain]
    return any(word in name if len(word) > 4 or not word.isascii() else
               any(token.startswith(word) or token.endswith(word) for token in tokens(name) + [name])
               for name in text for word in words)


def _is_helper(rig: TargetRig, chain: tuple[int, ...]) -> bool:
    return is_helper(rig.bone_names[chain[0]]) and not is_end(rig.bone_names[chain[0]])


def _bending(rig: TargetRig, chain: tuple[int, ...]) -> tuple[str, ...]:
    """Names of at most three bones from the start of a chain, without the bone that only marks its end."""
    names = [rig.bone_names[bone] for bone in chain]
    while len(names) > 1 and is_helper(names[-1]) and is_end(names[-1]):
        names.pop()
    return tuple(names[:_MOST])
