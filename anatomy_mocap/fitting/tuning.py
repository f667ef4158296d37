"""The numbers of this room that were chosen or measured, in one place.

Tables of the body and of the detector lie beside the code that reads them: detector_bias.py, seen_body.py and
lifter_error_model.py. training/notes/experiments.md holds the experiments that the origins refer to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Trust:
    """Standard deviations of keypoints and of the lifter's directions, for a weighted least squares fit."""

    keypoint: float = 0.03
    """Metres by which a certain keypoint of a detector is off. Chosen on simulated clips of training subjects."""
    exact: float = 0.007
    """Metres by which an exact keypoint is off, since the body is never quite known. Chosen likewise."""
    unsure: float = 6.0
    """How many times farther off a keypoint of score 0.5 is. Chosen on simulated clips of training subjects."""
    odds_power: float = 0.7
    """Power of the odds against a keypoint by which that factor grows. Chosen on simulated clips of training
    subjects."""
    robust: float = 3.0
    """Standard deviations at which the weight of an outlier begins to fall. Guessed."""
    directions: float = 2.0
    """How many times wider than measured the lifter's errors are taken. Chosen on simulated clips: 1.5, 2 and 2.5 give
    23.25, 23.14 and 23.34 mm (exact, N-MPJPE)."""
    doubt: float = 2.0
    """How much farther off a direction of confidence 0.5 is. Chosen on 30 simulated clips of training subjects."""


@dataclass(frozen=True)
class Tuning:
    """Every field: its meaning, its unit, its origin."""

    # Jumps and gaps (gaps_and_jumps.py)
    jump_neighbours: int = 2
    """Frames to either side with whose median a keypoint's place is compared. Guessed."""
    jump_distance: float = 0.5
    """Distance from that median beyond which a keypoint has jumped, as a share of the person's height. Guessed."""
    fastest: float = 6.0
    """Speed that a hand or foot may have, heights per second (some 10 m/s). Guessed."""
    height_in_spreads: float = 4.0
    """Height of a standing person in median distances of the keypoints from their middle. Guessed."""
    well_seen_share: float = 0.5
    """Share of the best seen frame's keypoints that a frame needs to count for the up direction. Guessed."""

    # Corrections before the fit (lifter_corrections.py)
    depth_seconds: float = 0.15
    """Smoothing of the bones' part along the line of sight, seconds. Chosen on lifted clips of the validation subjects,
    where 0.1 to 0.2 s lower the errors of place, velocity and acceleration."""
    side_seconds: float = 0.6
    """Time over which a doubtful bone keeps its side of the camera, seconds. Chosen by looking at the clip
    tfjs_pose_1."""
    side_confidence: float = 0.3
    """Confidence from which on a bone's own side counts alone. Guessed."""
    lean_share: float = 0.4
    """Share of the error of a frame's up by which the person leans too far. Measured on 60 simulated clips of training
    subjects: 0.38 to 0.45."""
    upright: tuple[float, float] = (0.75, 0.92)
    """Cosines between trunk and up between which a person begins to count as upright. Measured on the same clips:
    beyond 37 degrees there is no correlation."""
    lean_limits: tuple[float, float] = (float(np.radians(15.0)), float(np.radians(25.0)))
    """Errors of up, radians, between which the correction fades out: there the frame's up itself is wrong. Guessed."""

    # The path (root_fit.py)
    path_seconds: float = 0.2
    """Smoothing of the path, seconds: half period of the waves that lose half of their height where the evidence is
    worth one keypoint. Guessed."""
    path_depth: float = 10.0
    """How many times more the path is smoothed in depth. Guessed."""
    coasting_seconds: float = 0.5
    """Time in which the path comes to rest where too little is seen, seconds. Guessed."""
    depth_evidence: tuple[float, float] = (0.3, 0.45)
    """Shares of the clip's usual evidence between which a frame's keypoints begin to determine depth: feet, one arm, or
    head and shoulders are less, a body down to the waist is more. Guessed."""
    path_iterations: int = 8
    """Gauss-Newton steps after the linear solution. Measured on the demo's clip: after 6 a joint moves by 0.02 mm."""
    nearest: float = 0.2
    """Smallest depth of a joint, metres. Guessed."""
    path_outlier: tuple[float, float] = (3.0, 0.02)
    """Scale of the robust weights of the path: multiples of a frame's median error, which is at least so many metres.
    Guessed."""
    highest_weight: float = 0.98
    """Highest weight of a detector's keypoint; an exact one has 1. The lifter's input has the same limit."""

    # The floor (floor_plane.py)
    floor_seconds: float = 0.1
    """Smoothing of the foot points before their speed is taken, seconds. Guessed."""
    slow_percent: float = 60.0
    """Per cent of the frames that may count as standing: a foot point is slow when it is slower than the slowest point
    of these frames. Guessed."""
    low: float = 0.15
    """Height above the body's lowest joint below which a foot may stand, metres; excludes handstands. Guessed."""
    near: float = 0.06
    """Height above the frame's lowest foot point within which a slow point stands, metres. Guessed."""
    floor_outlier: float = 2.0
    """Scale of the robust weights of the stands, in standard deviations. Guessed."""
    floor_rounds: int = 15
    """Rounds of robust weights of the floor's plane. Guessed."""
    mean_up: tuple[int, float] = (20, 0.01)
    """Rounds of the robust mean of up, and the smallest distance of a frame's up from it, radians. Guessed."""
    floor_percentile: float = 10.0
    """Percentile of the slow points' heights that is the floor. Chosen on noisy motion capture
    (benchmarks/solve.py)."""
    up_spread: float = 0.04
    """Standard deviation of the up direction that was given, radians. Guessed."""
    up_spread_lying: float = 0.12
    """The same where no frame is upright, radians. Guessed."""
    upright_angle: float = float(np.radians(35.0))
    """Angle of trunk and legs to the frame's own up below which a frame is upright, radians. Chosen on validation
    clips: 25, 35 and 45 degrees hardly differ."""
    up_rounds: int = 3
    """Rounds in which the parts that rest are found anew about the better up. Guessed."""
    up_share: float = 0.5
    """Share of the frames' disagreement about up that is taken as its error. Guessed."""
    doubtful_up: float = 0.1
    """Error of up, radians, at which its confidence is one half. Guessed."""
    floor_spread: float = 0.06
    """Standard deviation of a stand about the floor's plane, metres: depth errors, not unevenness. Guessed."""
    floor_spread_share: float = 0.0065
    """The same as a share of the camera's distance, where that is more. Measured: the path's depth was off by 0.05,
    0.21 and 0.34 m some 6, 26 and 46 m away."""
    stand_seconds: float = 0.3
    """Time of standing that counts as one independent observation of the floor, seconds. Guessed."""

    # The pose (pose_fit.py)
    pose_trust: Trust = Trust()
    """Standard deviations for the pose."""
    pose_root: float = 0.05
    """Standard deviation of the path, sideways, metres; in depth three times as much. Guessed."""
    pose_rounds: int = 5
    """Gauss-Newton rounds. Chosen by looking at the clip tfjs_pose_1: four do not bring a raised thigh to its
    keypoints."""
    pose_settled: int = 3
    """Final rounds at full robustness; each earlier round doubles the outlier scale. Chosen likewise."""
    largest_turn: float = 0.5
    """Largest turn of a bone about one axis in a round, radians. Guessed."""
    across: float = 0.1
    """Part along the line of sight below which a bone lies across it and may change its side. Guessed."""

    # The body (body_fit.py)
    body_trust: Trust = Trust(keypoint=0.02, exact=0.005)
    """Standard deviations for the body. Chosen on the benchmark: 0.02 in place of 0.03 m gives 51.0 in place of 51.1
    mm; exact keypoints at 5 mm in place of 7 give 29.89 in place of 30.00 mm (30 clips of training subjects)."""
    body_rounds: int = 3
    """Rounds of body and pose in turn. Guessed."""
    body_frames: int = 300
    """Most frames that are used, evenly spread over the clip. Guessed."""
    body_reweights: int = 5
    """Times that a round finds the keypoints' weights anew. Chosen on a made-up clip with a jumping wrist."""
    limb: float = 1.0
    """Spread of the lifter's lengths in units of the spread between people. Guessed."""
    place: float = 1.2
    """Spread of the keypoints' places in units of that between rendered people. Guessed."""
    size: float = 0.003
    """Relative standard deviation of the size as a whole, which one camera does not show. Guessed."""
    body_root: tuple[float, float] = (0.1, 0.6)
    """Standard deviations of a frame's root, sideways and in depth, metres. Guessed."""
    body_seconds: float = 0.5
    """Time over which errors stay alike, so that its frames count once, seconds. Guessed; a correlation of 0.74 after
    four frames was measured."""

    # The average body (average_body_view.py)
    moved_share: float = 0.5
    """Share of the way that a detector's keypoints are moved; exact ones go all of it. Chosen on simulated clips and
    rendered people: all of the way is better on the former and worse on people who sit, kneel or lie."""

    # Everywhere
    chances: tuple[float, float] = (0.02, 0.98)
    """Limits of confidences and scores before their odds are taken. Guessed."""


TUNING = Tuning()
"""The values in use."""
