"""Made-up moves of hands: the roll of each forearm and the curl of the fingers, which the motion set lacks.

The set gives a hand one direction. A body posed by it alone turns its palms as the elbows turn, so it can't show
whether a roll is found. Here each palm turns on its own, slowly, within what an arm can do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from anatomy_mocap.fitting.detector_points import unit

_USUAL_ROLL, _LARGEST_ROLL = 60.0, 85.0
"""Degrees: the mean roll of a clip is drawn evenly within the first, and no frame exceeds the second; guessed."""
_ROLL_CHANGE, _ROLL_SECONDS = 30.0, 0.5
"""Degrees by which a roll changes within a clip (standard deviation), and the time of a change; guessed."""
_CURLS = (5.0, 50.0)
"""Degrees between which the mean bend of a finger's joints in a clip is drawn; guessed."""
_CURL_CHANGE = 10.0
"""Degrees by which it changes within a clip (standard deviation); guessed."""
_FINGERS = ("Index", "Middle", "Ring", "Pinky")
_SIDES = ("Left", "Right")


@dataclass(frozen=True)
class HandMoves:
    """rolls: (T, 2) radians, left first, the turn of the palm about the hand's direction, beyond that of an arm that
    hangs. curls: (T, 2) radians, the bend of each joint of the fingers."""

    rolls: np.ndarray
    curls: np.ndarray


def draw_hand_moves(rng: np.random.Generator, frames: int, fps: float) -> HandMoves:
    """The moves of both hands over T frames."""
    def series(mean: np.ndarray, change: float) -> np.ndarray:
        sigma = _ROLL_SECONDS * fps / 2.0
        noise = gaussian_filter1d(rng.standard_normal((frames, 2)), sigma, axis=0, mode="wrap")
        return np.radians(mean + change * noise * np.sqrt(2.0 * sigma * np.sqrt(np.pi)))

    rolls = series(rng.uniform(-_USUAL_ROLL, _USUAL_ROLL, 2), _ROLL_CHANGE)
    most = np.radians(_LARGEST_ROLL)
    return HandMoves(np.clip(rolls, -most, most), np.maximum(series(rng.uniform(*_CURLS, 2), _CURL_CHANGE), 0.0))


def with_hand_moves(turns: Mapping[str, np.ndarray], person, moves: HandMoves) -> dict[str, np.ndarray]:
    """The rotations (T, 3, 3) of a person's bones by name, with hands, forearms and fingers moved.

    turns: of the arms at least. The forearm's bone takes half of the roll, since its mesh twists between both ends.
    """
    result = dict(turns)
    for number, side in enumerate(_SIDES):
        hand, forearm = f"{side}Hand", f"{side}ForeArm"
        axes = palm_axes(person, side)
        along = turns[hand] @ axes[0]
        for bone, share in ((forearm, 0.5), (hand, 1.0)):
            # The forearm turns about itself: about the hand's direction its end would leave the wrist.
            axis = along if bone == hand else turns[forearm] @ unit(person.head(hand) - person.head(forearm))
            result[bone] = _about(axis, share * moves.rolls[:, number]) @ turns[bone]
        hinge = np.cross(axes[0], axes[2])
        for finger in _FINGERS:
            for joint in (1, 2, 3):
                bend = _about(np.broadcast_to(hinge, (len(moves.curls), 3)), joint * moves.curls[:, number])
                result[f"{hand}{finger}{joint}"] = result[hand] @ bend
    return result


def palm_axes(person, side: str) -> np.ndarray:
    """(3, 3) unit rows at rest: along the hand, across the palm to the thumb's side, out of the palm. side: "Left" or
    "Right"."""
    hand = f"{side}Hand"
    index, pinky = person.head(f"{hand}Index1"), person.head(f"{hand}Pinky1")
    along = unit((index + pinky) / 2 - person.head(hand))
    across = index - pinky
    across = unit(across - along * (across @ along))
    return np.array([along, across, np.cross(along, across) * (1.0 if side == "Left" else -1.0)])


def _about(axes: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """(T, 3, 3) rotations about unit axes (T, 3) by (T,) radians."""
    return Rotation.from_rotvec(np.asarray(axes) * angles[:, None]).as_matrix()
