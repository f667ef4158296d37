"""Where the shipped detector sees its keypoints beside the joints and the modelled head, foot and hand.

Measured on rendered people whose joints are known (docs/rendered_people.md). For the head's points, which hang on a
modelled head there and in training, the mean with the head of an anatomy book.
"""

from __future__ import annotations

BESIDE = {
    "nose": (0.0, 2.0, 4.5), "eye": (1.5, 3.8, 3.2), "ear": (3.3, 3.4, -0.5), "shoulder": (0.0, 2.4, -0.2),
    "elbow": (0.1, 1.1, 0.5), "wrist": (-0.2, 0.5, 0.7), "hip": (-0.4, 0.5, 1.2), "knee": (0.1, 0.9, -0.1),
    "ankle": (0.3, 1.2, 0.1), "heel": (0.0, -2.8, -2.4), "toe": (0.1, -0.3, 0.6), "knuckle": (0.4, 0.2, -0.7),
}
"""Part -> % of the standing height: outward, up the limb (torso, head, sole), forward."""
