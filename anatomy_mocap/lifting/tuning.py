"""The numbers of this room that were chosen, in one place.

Those of the network's input belong to its weights: training uses the same, and a change needs a new network.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Every field: its meaning, its unit, its origin."""

    # The network's input (lifter_input.py, lifter_rate.py)
    fps: float = 25.0
    """Frame rate of the network's input, frames per second. Guessed, before the first training."""
    same_rate: float = 0.02
    """Relative difference below which a source's rate is used as it is: speed varies more. Guessed."""
    centre_seconds: float = 0.2
    """Standard deviation of the smoothing of the person's centre in time, seconds. Guessed."""
    size_seconds: float = 0.5
    """Standard deviation of the smoothing of the person's size in time, seconds. Guessed."""
    other_points: float = 0.02
    """Weight, in centre and size, of the keypoints that matter only where the named ones are missing. Guessed."""
    limit: float = 5.0
    """Largest normalised coordinate: a point five body sizes away is wrong, wherever it is. Guessed."""
    highest_score: float = 0.98
    """Highest score of a detector's keypoint; 1 marks an exact one. Guessed, and trained with."""

    # Bone lengths (lift.py)
    length_frames: int = 50
    """Frames from which the network estimates the bone lengths, spread over the clip. Guessed."""
    length_quality: float = 0.5
    """Mean score that these frames need, as a share of a well seen frame's. Guessed."""

    well_seen: float = 0.9
    """Quantile of the frames' mean scores that is a well seen frame's. Guessed."""
    least_depth: float = 0.1
    """Smallest depth of a ray of the camera's plane z = 1 in the virtual view; bounds rays far beside it. Guessed."""

    # Confidence (joint_confidence.py, keypoint_support.py)
    spread_frames: float = 2.0
    """Standard deviation of the smoothing of the difference between both passes, frames. Guessed."""
    support_limits: tuple[float, float] = (0.02, 0.98)
    """Limits of the support before its odds are taken. Guessed."""
    spread_offset: float = 0.005
    """Metres added to the spread before its logarithm is taken. Guessed."""
    own_share: float = 0.75
    """Share of a joint's own keypoints in its support; the rest is its parent's. Guessed."""
    unseen_share: float = 0.5
    """Support, as a share of its parent's, of a joint whose keypoints the layout lacks. Guessed."""


TUNING = Tuning()
"""The values in use."""
