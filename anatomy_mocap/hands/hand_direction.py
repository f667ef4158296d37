"""The direction of each hand, from what the hand network saw: within the picture it errs by half as much as the body's
keypoints, so it counts whole there; in depth it errs about as much as the lifter, and the mean of both is better."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.keypoint_layouts import palm_axes
from ..core.skeleton import MOCAP22, SIDES
from ..core.take import Take
from ..maths.banded_least_squares import penalty_bands, penalty_strength, smooth_fit
from ..maths.rotations import unit
from .tuning import TUNING

_ORDER = 2


def with_seen_hands(take: Take) -> Take:
    """The take whose hands point where its `finger_points` show them; as it is where nobody looked at the hands.

    A frame in which the network and the take differ by more than TUNING.hand_agreement keeps the take's direction: the
    network then mostly saw something else. The correction is smoothed over time, without delay, by the network's
    presence, and fades out where no hand is seen.
    """
    if take.finger_points is None:
        return take
    directions = np.array(take.directions, dtype=float)
    penalty = penalty_bands(len(take), _ORDER, penalty_strength(TUNING.hand_seconds, take.fps, _ORDER))
    sight = unit(take.joint_positions("camera")[:, [MOCAP22.index(f"{side}_wrist") for side in SIDES]])
    for number, side in enumerate(SIDES):
        hand = MOCAP22.index(f"{side}_knuckle")
        seen = palm_axes(take.finger_points[:, number], side)[:, 0]
        change = seen - directions[:, hand]
        depth = (change * sight[:, number]).sum(-1, keepdims=True) * sight[:, number]
        change = TUNING.hand_share[0] * (change - depth) + TUNING.hand_share[1] * depth
        trust = hand_trust(take, number)
        if trust.any():
            weight = np.where(trust > 0, trust, TUNING.unseen_weight)
            change = smooth_fit(np.where(trust[:, None] > 0, change, 0.0), weight, penalty)
            directions[:, hand] = unit(directions[:, hand] + change)
    return replace(take, directions=directions)


def hand_trust(take: Take, number: int) -> np.ndarray:
    """(T,) 0..1: how far the network's direction of a hand is used; number: 0 left, 1 right."""
    side = SIDES[number]
    seen = palm_axes(take.finger_points[:, number], side)[:, 0]
    cosine = (seen * take.directions[:, MOCAP22.index(f"{side}_knuckle")]).sum(-1)
    angle = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    whole, none = TUNING.hand_agreement
    sure = take.finger_presence[:, number]
    return np.where(sure >= TUNING.presence, sure, 0.0) * np.clip((none - angle) / (none - whole), 0.0, 1.0)
