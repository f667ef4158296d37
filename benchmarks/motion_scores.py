"""Figures of one stage of a motion beside the truth, as samples that can be pooled over clips."""

from __future__ import annotations

import numpy as np

from anatomy_mocap.core.skeleton import MOCAP22, SIDES
from anatomy_mocap.core.soles import foot_points
from anatomy_mocap.measuring.pops import direction_pops, root_pops
from anatomy_mocap.measuring.slide import slide_steps
from anatomy_mocap.measuring.smoothness import differences
from training import metrics
from training.mocap.dataset import directions_of

from .motion_clips import Truth

_J = MOCAP22.index
LIMBS = [_J(f"{side}_{part}") for side in SIDES for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")]
"""The joints of the P-MPJPE: those that a take and every rig have."""
_LEGS = [tuple(_J(f"{side}_{part}") for part in ("hip", "knee", "ankle")) for side in SIDES]
_HANDS = [_J(f"{side}_knuckle") for side in SIDES]
_WRISTS = [_J(f"{side}_wrist") for side in SIDES]
STRAIGHT = 12.0
"""Degrees of knee bend in the take below which a standing leg is straight."""

Samples = dict[str, np.ndarray]


def knee_bends(joints: np.ndarray) -> np.ndarray:
    """(T, 2) degrees, left and right, of joints (T, 22, 3)."""
    return np.degrees(np.stack([metrics.flexion(joints[:, knee] - joints[:, hip], joints[:, ankle] - joints[:, knee])
                                for hip, knee, ankle in _LEGS], axis=1))


def samples(joints: np.ndarray, depth: np.ndarray, turn: np.ndarray, truth: Truth, take: np.ndarray,
            contacts: np.ndarray | None, posed: np.ndarray | None = None) -> Samples:
    """Samples of each figure for one stage of a clip.

    joints: (T, 22, 3) metres, the stage's world. depth: (T,) mm below its floor. turn: (3, 3) from camera axes to that
    world. take: (T, 22, 3) the take's joints, whose straight legs count. contacts: (T, 2) bool as found, or None.
    posed: (T, 22, 3) metres, the pose as that of the person, for P-MPJPE and hands; None: `joints`.
    """
    true, stands = truth.joints, truth.feet.any(axis=-1)
    straight = stands & (knee_bends(take) < STRAIGHT)
    bends = knee_bends(joints)
    true_straight = stands & (knee_bends(true) < STRAIGHT)
    posed = joints if posed is None else posed
    hands, true_hands = (directions_of(one)[:, _HANDS] @ axes for one, axes in ((posed, turn), (true, truth.turn)))
    aligned = metrics.similarity_aligned(posed[:, LIMBS], true[:, LIMBS])
    cosine = float(np.clip(turn[2] @ truth.turn[2], -1, 1))
    found = {
        "tilt": np.full(len(joints), np.degrees(np.arccos(cosine))),
        "slide": slide_steps(foot_points(joints), truth.feet, truth.fps),
        "hand slide": slide_steps(joints[:, _WRISTS], truth.hands, truth.fps),
        "depth": depth,
        "bend": (bends - knee_bends(take))[straight], "true bend": (bends - knee_bends(true))[true_straight],
        "acceleration": differences(joints, truth.fps, 2).ravel(), "jerk": differences(joints, truth.fps, 3).ravel(),
        "true acceleration": differences(true, truth.fps, 2).ravel(),
        "true jerk": differences(true, truth.fps, 3).ravel(),
        "error": 1000 * np.linalg.norm(aligned - true[:, LIMBS], axis=-1).mean(axis=1),
        "hand": np.degrees(metrics.flexion(hands, true_hands)).ravel(),
        "pops": np.array([len(direction_pops(directions_of(joints)[:, 1:], MOCAP22.joint_names[1:], truth.fps))
                          + len(root_pops(joints[:, 0], truth.fps))]),
        "frames": np.array([len(joints)]),
    }
    if contacts is not None:
        found |= {"right": np.array([(contacts & stands).sum()]), "wrong": np.array([(contacts & ~stands).sum()]),
                  "missed": np.array([(~contacts & stands).sum()])}
    return found


def pooled(parts: list[Samples]) -> Samples:
    """The samples of several clips together."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def figures(of: Samples) -> dict[str, float]:
    """The figures of pooled samples by the names of COLUMNS; NaN where nothing was measured."""
    def mean(name: str) -> float:
        return float(of[name].mean()) if len(of[name]) else np.nan

    def at(name: str, percent: float) -> float:
        return float(np.percentile(of[name], percent)) if len(of[name]) else np.nan

    contact = np.nan
    if "right" in of:
        right, wrong, missed = (float(of[name].sum()) for name in ("right", "wrong", "missed"))
        contact = 2 * right / (2 * right + wrong + missed) if right + missed else np.nan
    return {
        "tilt": mean("tilt"), "F1": contact, "slide": mean("slide"), "median": at("slide", 50),
        "hands": mean("hand slide"), "below95": at("depth", 95), "worst": at("depth", 100),
        "bend": mean("bend"), "true bend": mean("true bend"),
        "accel": mean("acceleration") / max(mean("true acceleration"), 1e-9),
        "jerk": mean("jerk") / max(mean("true jerk"), 1e-9), "P-MPJPE": mean("error"), "hand dir": mean("hand"),
        "pops": 1000 * float(of["pops"].sum()) / max(float(of["frames"].sum()), 1.0),
    }


COLUMNS = {"tilt": 1, "F1": 2, "slide": 1, "median": 1, "hands": 1, "below95": 0, "worst": 0, "bend": 1,
           "true bend": 1, "accel": 2, "jerk": 2, "P-MPJPE": 1, "hand dir": 1, "pops": 1}
"""Figure -> decimals."""
