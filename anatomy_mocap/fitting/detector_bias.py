"""The bias of the shipped detector: where it sees its keypoints relative to the joints.

Measured on rendered people whose joints are known (training/notes/rendered_people.md). The head's points depend on the
modelled head there and in training, so they are averaged with a head from an anatomy book.
"""

from __future__ import annotations

import numpy as np

from ..core.keypoint_layouts import CANONICAL

BESIDE = {
    "nose": (0.0, 2.0, 4.5), "eye": (1.5, 3.8, 3.2), "ear": (3.3, 3.4, -0.5), "shoulder": (0.0, 2.4, -0.2),
    "elbow": (0.1, 1.1, 0.5), "wrist": (-0.2, 0.5, 0.7), "hip": (-0.4, 0.5, 1.2), "knee": (0.1, 0.9, -0.1),
    "ankle": (0.3, 1.2, 0.1), "heel": (0.0, -2.8, -2.4), "toe": (0.1, -0.3, 0.6), "knuckle": (0.4, 0.2, -0.7),
}
"""Part -> per cent of the standing height: outward, up the limb (torso, head, sole), forward. Measured, see above."""

SPREAD = {
    "nose": (0.1, 0.9, 1.0), "eye": (0.3, 0.8, 0.9), "ear": (0.6, 0.6, 0.6), "shoulder": (0.7, 0.7, 0.6),
    "elbow": (0.6, 0.7, 0.8), "wrist": (0.7, 1.0, 0.8), "hip": (0.6, 1.1, 1.0), "knee": (0.4, 0.8, 0.7),
    "ankle": (0.4, 0.6, 0.5), "heel": (0.4, 0.6, 0.8), "toe": (0.5, 0.6, 1.0), "knuckle": (0.7, 0.7, 1.3),
}
"""Standard deviation of BESIDE between people, the same units. Measured on the same people."""

PARTS = tuple(BESIDE)
"""The parts in order, both sides alike."""

PART_OF = np.array([PARTS.index(name.rpartition("_")[2]) for name in CANONICAL.keypoint_names])
"""(K,) index in PARTS of each canonical keypoint."""


def average_places(height: float) -> np.ndarray:
    """(K, 3) metres from each keypoint's joint (detector_points.py) to the place where it is seen on an average person.

    height: standing height, metres.
    """
    return 0.01 * height * np.array([BESIDE[part] for part in PARTS])[PART_OF]
