"""Smoothing of rotations and root path: zero phase, one strength in seconds, bone lengths unchanged.

Each bone (and the root) is smoothed at half and at twice the strength, and the two results are mixed frame by frame.
Where a bone moves more than its noise explains, the lighter result has more weight, so fast accents remain; elsewhere
the heavier one removes the noise. benchmarks/smoothing.py compares this with other filters at equal jitter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..core.errors import MocapError
from ..core.motion import Motion
from ..core.skeleton import MOCAP22
from ..maths.rotations import continuous
from ..maths.smooth_series import ORDER, smooth_lively

_LIMBS = {"knee": "legs", "ankle": "legs", "toe": "legs", "elbow": "arms", "wrist": "arms", "knuckle": "hands",
          "neck": "head", "nose": "head", "head": "head"}
ROOT = "root"
"""The region of the hips' path."""
REGIONS = tuple(_LIMBS.get(name.rpartition("_")[2], "trunk") for name in MOCAP22.joint_names)
"""The region of each bone: trunk (with the pelvis, the hips and the shoulders), head, arms, hands or legs."""


def smooth(motion: Motion, seconds: float, regions: Mapping[str, float] | None = None,
           weights: np.ndarray | None = None) -> Motion:
    """Remove movements shorter than about `seconds` from a motion; 0 returns it unchanged.

    A wave whose half period is 2 * `seconds` keeps half its height in calm stretches, one of `seconds` / 2 in lively
    ones, at any frame rate. Recommended: 0.1 s. Raises MocapError if seconds is negative or not finite.
    regions: name of a region (ROOT and those of REGIONS) -> seconds of its own. weights: (T, 22) of the bones, the
        first one also of the path; frames of little weight follow their neighbours. None for equal ones.
    """
    own = {region: (regions or {}).get(region, seconds) for region in (ROOT, *REGIONS)}
    for each in own.values():
        if not np.isfinite(each) or each < 0:
            raise MocapError(f"smoothing of {each} s is not usable; give 0 (off) or a positive number of seconds")
    if not any(own.values()) or len(motion) <= ORDER:
        return motion
    rotations, roots = continuous(motion.rotations), motion.root_positions
    smoothed = rotations.copy()
    for each in {own[region] for region in REGIONS} - {0.0}:
        bones = [bone for bone, region in enumerate(REGIONS) if own[region] == each]
        smoothed[:, bones] = smooth_lively(rotations[:, bones], each, motion.fps,
                                           None if weights is None else weights[:, bones])
    rotations = continuous(smoothed / np.linalg.norm(smoothed, axis=-1, keepdims=True))
    if own[ROOT]:
        roots = smooth_lively(roots[:, None], own[ROOT], motion.fps, None if weights is None else weights[:, :1])[:, 0]
    return replace(motion, rotations=rotations, root_positions=roots)
