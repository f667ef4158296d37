"""Random bodies: bone lengths, and the places of a detector's keypoints on them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.detector_bias import BESIDE, SPREAD
from anatomy_mocap.fitting.seen_body import LENGTH_SPREAD, USUAL_SHARES

from .tuning import TUNING

# Modelled bodies (MakeHuman's with a Mixamo skeleton, means over the rendered people): short upper arms, long necks,
# large heads; joints in other places than motion capture has them. Stylised characters go further the same way.
_MODELLED = {
    "hip": 0.061, "knee": 0.240, "ankle": 0.243, "toe": 0.085, "spine": 0.137, "thorax": 0.137, "neck": 0.107,
    "nose": 0.054, "head": 0.100, "shoulder": 0.100, "elbow": 0.149, "wrist": 0.141, "knuckle": 0.054,
}

# Mean and spread of detectors at large, whose definitions differ; joints are seen between their centre and there.
_OTHERS = {
    "nose": ((0.0, 1.5, 5.2), (0.1, 0.5, 0.5)), "eye": ((1.85, 3.4, 3.9), (0.25, 0.4, 0.4)),
    "ear": ((4.2, 3.4, -1.0), (0.3, 0.5, 0.6)), "shoulder": ((-0.1, 1.0, 0.0), (1.1, 1.3, 1.1)),
    "elbow": ((0.0, 0.5, 0.2), (0.8, 0.9, 0.8)), "wrist": ((0.0, 0.0, 0.3), (0.7, 0.8, 0.7)),
    "hip": ((0.0, 0.3, 0.6), (1.6, 1.6, 1.6)), "knee": ((0.1, 0.7, 0.0), (0.9, 1.0, 0.9)),
    "ankle": ((0.1, 0.7, 0.1), (0.8, 0.9, 0.8)), "heel": ((0.0, -3.9, -3.0), (0.4, 0.6, 0.9)),
    "toe": ((0.2, 0.0, -0.8), (0.6, 0.5, 1.0)), "knuckle": ((0.0, 0.0, 0.0), (0.5, 0.6, 0.9)),
}
# What loose clothes add to that: mean and spread, about twice what long shirts, coats, skirts and wide trousers did to
# the same rendered people in the first 17 pairs of clips (notes/rendered_people.md has all 36, where knees come out at
# -0.10 forward, not -0.24): real cloth hangs and folds, theirs does not.
_LOOSE = {"shoulder": ((0.6, 0.5, 0.0), (0.4, 0.6, 0.4)), "hip": ((0.6, -0.5, 0.0), (0.6, 1.2, 0.6)),
          "elbow": ((0.3, 0.1, 0.0), (0.4, 0.3, 0.4)), "knee": ((0.1, 0.0, -0.4), (0.4, 0.8, 0.8))}


@dataclass(frozen=True)
class Bodies:
    """V random people.

    height: (V,) metres. lengths: (V, J) metres, symmetric, row 0 zero.
    offsets: (V, K, 3) metres, of each keypoint in its own frame (outward, up, forward); see `detector_points`.
    shipped: (V,) bool, who is seen by the shipped detector.
    """

    height: np.ndarray
    lengths: np.ndarray
    offsets: np.ndarray
    shipped: np.ndarray

    def rows(self, count: int) -> Bodies:
        """Each person repeated `count` times."""
        return Bodies(*(np.repeat(getattr(self, field.name), count, axis=0) for field in fields(self)))


def draw_bodies(rng: np.random.Generator, count: int, spread: float = 1.0, shipped: float = TUNING.shipped_share,
                modelled: float = TUNING.modelled_share) -> Bodies:
    """Random people. spread: variety of the bodies, 1 for that of people. shipped: share seen by the shipped detector.
    modelled: share between people and modelled characters."""
    height = np.clip(rng.normal(TUNING.height[0], TUNING.height[1] * spread, count), *TUNING.height_limits)
    common = rng.normal(size=(count, 3)) * 0.6  # limbs vary together: all long-legged, long-armed, long-trunked
    group = {"knee": 0, "ankle": 0, "elbow": 1, "wrist": 1, "spine": 2, "thorax": 2, "neck": 2}
    lengths = np.zeros((count, len(MOCAP22)), dtype=np.float32)
    towards = np.where(rng.random(count) < modelled, rng.uniform(0, TUNING.modelled_farthest, count), 0.0)
    for part, sigma in LENGTH_SPREAD.items():
        share = USUAL_SHARES[part] + towards * (_MODELLED[part] - USUAL_SHARES[part])
        draw = rng.normal(size=count)
        if part in group:
            draw = 0.8 * draw + common[:, group[part]]
        value = height * share * np.clip(1 + sigma * spread * draw, 0.6, 1.5)
        for joint, name in enumerate(MOCAP22.joint_names):
            if name == part or name.endswith("_" + part):
                lengths[:, joint] = value
    ours = rng.random(count) < shipped
    return Bodies(height.astype(np.float32), lengths, _draw_offsets(rng, height, ours), ours)


def loosely_dressed(rng: np.random.Generator, bodies: Bodies,
                    chance: np.ndarray | float = TUNING.loose_share) -> Bodies:
    """The same people, some of them in loose clothes, which move the keypoints of hips, knees, elbows and shoulders.

    chance: of each person (V,), or of all.
    """
    count, names = len(bodies.height), CANONICAL.keypoint_names
    loose = rng.random(count) < chance
    offsets = bodies.offsets.copy()
    for part, (mean, spread) in _LOOSE.items():
        moved = _draw(rng, count, mean, spread) * loose[:, None] * 0.01 * bodies.height[:, None]
        for side in ("left", "right"):
            offsets[:, names.index(f"{side}_{part}")] += moved.astype(np.float32)
    return replace(bodies, offsets=offsets)


def _draw_offsets(rng: np.random.Generator, height: np.ndarray, shipped: np.ndarray) -> np.ndarray:
    """(V, K, 3) metres: by the tables, nearly the same left and right."""
    count, names = len(height), CANONICAL.keypoint_names
    offsets = np.zeros((count, len(names), 3))
    share = rng.uniform(0.0, 2.0, (count, 1))  # how far another detector departs from the joints in the usual way
    for part in BESIDE:
        ours, theirs = _draw(rng, count, BESIDE[part], SPREAD[part]), _draw(rng, count, *_OTHERS[part])
        value = np.where(shipped[:, None], ours, theirs)
        joint = part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        value = np.where(shipped[:, None] | (not joint), value, value + (share - 1) * _OTHERS[part][0])
        for side in ("left_", "right_") if part != "nose" else ("",):
            offsets[:, names.index(side + part)] = value + rng.normal(size=(count, 3)) * 0.2
    return (offsets * 0.01 * height[:, None, None]).astype(np.float32)


def _draw(rng: np.random.Generator, count: int, mean: tuple[float, ...], spread: tuple[float, ...]) -> np.ndarray:
    return np.array(mean) + rng.normal(size=(count, 3)) * spread
