"""The contacts of a take: what the network or the rule found, with the user's edits and the modes of feet and hands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy.ndimage import label

from ..core.motion import Motion
from ..core.skeleton import MOCAP22
from ..core.soles import BODY_JOINTS, LIMBS, PARTS, body_points
from ..core.take import Take
from ..maths.smooth_series import smooth_series
from .contacts import Contacts, body_contacts, find_contacts, from_array
from .tuning import TUNING

MODES = ("auto", "always", "never")
"""How a foot or a hand is held: where it is found to touch, wherever it is near the floor, or nowhere."""


def take_contacts(take: Take, motion: Motion, modes: Mapping[str, str] | None = None) -> Contacts:
    """The contacts of a take whose motion has been solved: those of the take, or by rule where it has none.

    modes: a name of LIMBS -> one of MODES; those that are not named are "auto". Edits of the take beat modes.
    """
    contacts = find_contacts(motion) if take.contacts is None else \
        _with_hands(of_probabilities(take.contacts), body_contacts(motion)[0])
    contacts = with_modes(contacts, motion, modes or {})
    return contacts if take.contact_edits is None else edited(contacts, take.contact_edits)


def _with_hands(network: Contacts, by_rule: np.ndarray) -> Contacts:
    """The network's contacts; where no more than feet touch, hands have those of the rule (T, 2) too.

    The network knows resting hands of lying and kneeling people alone: recordings of hand-stands are too few.
    """
    down = (network.array[:, PARTS.index("left_knee"):] > 0).any(axis=1)
    return replace(network, hands=np.where(down[:, None], network.hands, np.maximum(network.hands, by_rule)))


def of_probabilities(likely: np.ndarray) -> Contacts:
    """The contacts of (T, 10) probabilities: a contact begins where a part likely touches, and lasts while it may.

    The heel and the toe of a foot keep each other's contact alive.
    """
    firmness = np.zeros(np.shape(likely))
    for parts in _GROUPS:
        columns = [PARTS.index(part) for part in parts]
        stay, begin, firm = TUNING.foot_chances if len(parts) > 1 else TUNING.part_chances
        group = likely[:, columns]
        highest = group.max(axis=1)
        runs, _ = label(highest >= stay)
        holds = np.isin(runs, np.unique(runs[highest >= begin])) & (highest >= stay)
        own = np.clip((group - stay) / (firm - stay), 0.0, 1.0)
        nearest = group >= highest[:, None]
        firmness[:, columns] = np.where(nearest, np.maximum(own, TUNING.least_firmness), own) * holds[:, None]
    return from_array(firmness)


_GROUPS = (*LIMBS.values(), ("left_knee",), ("right_knee",), ("seat",), ("back",))


def with_modes(contacts: Contacts, motion: Motion, modes: Mapping[str, str]) -> Contacts:
    """Contacts with each limb of `modes` as it says: "always" holds it in every frame in which it is near the floor."""
    if all(mode == "auto" for mode in modes.values()):
        return contacts
    firmness, low, high = contacts.array, *TUNING.always_height
    heights = part_heights(motion) if "always" in modes.values() else None
    for limb, mode in modes.items():
        for column in [PARTS.index(part) for part in LIMBS[limb]]:
            if mode == "never":
                firmness[:, column] = 0.0
            elif mode == "always":
                firmness[:, column] = np.clip((high - heights[:, column]) / (high - low), 0.0, 1.0)
    return from_array(firmness)


def part_heights(motion: Motion) -> np.ndarray:
    """(T, 10) metres: the height of the skin of each of PARTS above the floor; of seat and back their lowest point."""
    heights = smooth_series(body_points(motion.joint_positions())[..., 2], TUNING.point_seconds, motion.fps)

    def of(*joints: str) -> np.ndarray:
        return heights[:, [4 + BODY_JOINTS.index(MOCAP22.index(joint)) for joint in joints]]
    return np.column_stack([heights[:, :4], of("left_wrist", "right_wrist"), of("left_knee", "right_knee"),
                            of("pelvis", "left_hip", "right_hip").min(axis=1),
                            of("spine", "thorax", "left_shoulder", "right_shoulder").min(axis=1)])


def edited(contacts: Contacts, edits: np.ndarray) -> Contacts:
    """Contacts with the user's (T, 10) word: 1 rests firmly, -1 is free, 0 as found."""
    return from_array(np.where(edits > 0, 1.0, np.where(edits < 0, 0.0, contacts.array)))


def intervals(contacts: Contacts) -> dict[str, list[tuple[int, int]]]:
    """Part -> the first and last frame of each contact, counted from 0, of all PARTS that touch at all."""
    found = {}
    for part, firmness in zip(PARTS, contacts.array.T, strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], (firmness > 0).astype(int), [0]])))
        if len(edges):
            found[part] = [(int(first), int(stop) - 1) for first, stop in edges.reshape(-1, 2)]
    return found


def from_intervals(spans: Mapping[str, list[tuple[int, int]]], frames: int) -> Contacts:
    """The contacts of T = frames frames that `intervals` would list so, all of them firm."""
    firmness = np.zeros((frames, len(PARTS)))
    for part, stretches in spans.items():
        for first, last in stretches:
            firmness[max(first, 0):last + 1, PARTS.index(part)] = 1.0
    return from_array(firmness)
