"""What of a body touches the floor, frame by frame: heels, toes, hands, knees, seat and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_closing, binary_opening

from ..core.motion import Motion
from ..core.skeleton import MOCAP22, SIDES
from ..core.soles import BODY_JOINTS, body_points
from ..maths.smooth_series import smooth_series
from .foot_contacts import holding, point_efforts
from .tuning import TUNING

_SEAT, _BACK = ("pelvis", "left_hip", "right_hip"), ("spine", "thorax", "left_shoulder", "right_shoulder")


@dataclass(frozen=True)
class Contacts:
    """How firmly each part of a body touches the floor in T frames, 0 (free) to 1 (rests firmly).

    heels, toes, hands, knees: (T, 2), [left, right]. seat, back: (T,).
    """

    heels: np.ndarray
    toes: np.ndarray
    hands: np.ndarray
    knees: np.ndarray
    seat: np.ndarray
    back: np.ndarray

    def __len__(self) -> int:
        return len(self.seat)

    def __getitem__(self, part: slice | np.ndarray) -> Contacts:
        """Some of the frames: a slice, (T,) bool or (N,) indices."""
        return from_array(self.array[part])

    @property
    def feet(self) -> np.ndarray:
        """(T, 2) bool, [left, right]: whether the foot stands, on heel or toe."""
        return np.maximum(self.heels, self.toes) > 0

    @property
    def firm_feet(self) -> np.ndarray:
        """(T, 2), [left, right]: the firmness of the foot, that of heel or toe, whichever is more."""
        return np.maximum(self.heels, self.toes)

    @property
    def array(self) -> np.ndarray:
        """(T, 10) the firmness of all PARTS."""
        return np.column_stack([self.heels[:, 0], self.toes[:, 0], self.heels[:, 1], self.toes[:, 1], self.hands,
                                self.knees, self.seat, self.back])


def from_array(firmness: np.ndarray) -> Contacts:
    """Contacts of (T, 10) firmness in the order of PARTS."""
    firmness = np.asarray(firmness, dtype=float)
    return Contacts(firmness[:, [0, 2]], firmness[:, [1, 3]], firmness[:, 4:6], firmness[:, 6:8], firmness[:, 8],
                    firmness[:, 9])


def resampled(contacts: Contacts, at: np.ndarray) -> Contacts:
    """The contacts at (N,) frames, which may lie between frames: those of the nearest frame; the ends last."""
    return contacts[np.clip(np.round(at).astype(int), 0, len(contacts) - 1)]


def find_contacts(motion: Motion) -> Contacts:
    """The contacts of a motion by rule: a part touches the floor while it is low and slow.

    With the effort e(t) = max(speed / speed limit, height / height limit), of heel or toe, whichever is less, a foot's
    contact begins where e < 1 and lasts while e < leave_factor (hysteresis). Within it, heel and toe each touch while
    their own effort is below leave_factor.
    """
    efforts = point_efforts(motion)
    stands = holding(efforts.min(axis=-1))
    stands = np.stack([steady(stands[:, column], motion.fps) for column in range(2)], axis=1)
    leave = TUNING.leave_factor
    nearest = efforts <= efforts.min(axis=-1, keepdims=True)
    firmness = np.clip((leave - efforts) / (leave - TUNING.firm_effort), 0.0, 1.0)
    firmness = np.where(nearest, np.maximum(firmness, TUNING.least_firmness), firmness) * stands[..., None]
    hands, knees, seat, back = body_contacts(motion)
    return Contacts(firmness[..., 0], firmness[..., 1], hands, knees, seat, back)


def body_contacts(motion: Motion) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The firmness by rule of hands and knees (T, 2), seat and back (T,)."""
    fps, positions = motion.fps, motion.joint_positions()
    skin = smooth_series(body_points(positions)[:, 4:], TUNING.point_seconds, fps)
    speed = np.linalg.norm(np.gradient(skin, 1.0 / fps, axis=0), axis=-1) if len(skin) > 1 else np.zeros(skin.shape[:2])

    def of(joints: tuple[str, ...], heights: tuple[float, float], speeds: tuple[float, float]) -> np.ndarray:
        columns = [BODY_JOINTS.index(MOCAP22.index(name)) for name in joints]
        (low, high), (slow, fast) = heights, speeds
        firm = np.clip((high - skin[:, columns, 2]) / (high - low), 0.0, 1.0)
        return firm * np.clip((fast - speed[:, columns]) / (fast - slow), 0.0, 1.0)

    hands, knees = (of(tuple(f"{side}_{joint}" for side in SIDES), TUNING.hand_height if joint == "wrist" else
                       TUNING.lie_height, TUNING.hand_speed) for joint in ("wrist", "knee"))
    seat, back = (of(joints, TUNING.lie_height, TUNING.hand_speed).max(axis=1) for joints in (_SEAT, _BACK))
    found = np.column_stack([hands, knees, seat, back])
    for column in range(found.shape[1]):
        found[:, column] *= steady(found[:, column] > 0, fps)
    return found[:, :2], found[:, 2:4], found[:, 4], found[:, 5]


def steady(contact: np.ndarray, fps: float) -> np.ndarray:
    """A (T,) contact with short gaps closed, then short contacts dropped; beyond the clip its ends are repeated."""
    pad = len(contact)
    padded = np.pad(contact, pad, mode="edge")
    padded = binary_closing(padded, np.ones(2 * int(TUNING.shortest_gap / 2 * fps) + 1))
    padded = binary_opening(padded, np.ones(2 * int(TUNING.shortest_contact / 2 * fps) + 1))
    return padded[pad:pad + len(contact)]
