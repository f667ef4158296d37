"""The chosen numbers of the simulation, with their units and where they come from.

Origins: "measured" - on rendered people seen by the shipped detector (notes/rendered_people.md); "literature" -
published lifters trained on motion capture; "chosen" - by the errors of trained networks; "guessed" - not tried
otherwise. Shares and chances lie in 0..1. Errors of a detector are shares of the person's standing height. Frames are
the lifter's, 25 a second. Tables of body parts lie beside their use: anthropometry.py, detector_noise.py, occlusion.py.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Numbers of bodies, motion, cameras and detectors."""

    # ---- bodies (anthropometry.py)
    height: tuple[float, float] = (1.71, 0.10)
    """Mean and standard deviation of the standing height of adults, metres; literature."""
    height_limits: tuple[float, float] = (1.0, 2.15)
    """Smallest and largest standing height, metres; guessed."""
    modelled_share: float = 0.25
    """Share of the bodies that lie between people and modelled characters; chosen."""
    modelled_farthest: float = 1.2
    """Largest distance of such a body from people, 1 for the mean modelled character; guessed."""
    loose_share: float = 0.35
    """Share of the videos with loose clothes, which move the detector's keypoints; guessed."""
    shipped_share: float = 0.88
    """Share of the videos that the shipped detector sees; another detector sees the rest; chosen."""

    # ---- motion (simulate_batch.py)
    other_clip: float = 0.4
    """Chance that a chunk of a video shows another clip than the video's first one; guessed."""
    speed: tuple[float, float] = (0.67, 1.5)
    """Slowest and fastest motion, as a factor; literature."""
    backward: float = 0.15
    """Share of the chunks whose motion runs backward in time; chosen."""
    rare_share: float = 0.5
    """Share of the chunks that show rare poses, where these are asked for; chosen."""
    shoulder_weight: float = 0.3
    """Weight of the collar bones of skeletons whose shoulders are not to be trusted; guessed."""
    fewest_keypoints: int = 5
    """Keypoints that a frame must have to be learnt from; guessed."""
    roll_of_window: float = 4.0
    """Standard deviation of the roll with which each window is drawn, degrees; chosen."""

    # ---- cameras (virtual_camera.py)
    pitch: tuple[float, float] = (5.0, 22.0)
    """Mean and standard deviation of the downward pitch, degrees; literature."""
    pitch_limits: tuple[float, float] = (-50.0, 80.0)
    """Least and largest downward pitch, degrees; guessed."""
    roll: float = 7.5
    """Standard deviation of the roll, degrees; literature."""
    field_of_view: tuple[float, float] = (25.0, 90.0)
    """Least and largest field of view over the longer side, degrees; literature."""
    person_in_picture: tuple[float, float] = (0.25, 1.15)
    """The person's height as a share of the picture's; above 1 the picture cuts people off; guessed."""
    distance: tuple[float, float] = (1.5, 12.0)
    """Nearest and farthest camera, metres; literature."""
    nearest_approach: float = 1.3
    """Metres from the camera that nobody comes nearer than; guessed."""
    following: float = 0.3
    """Share of the cameras that follow the person; guessed."""
    following_smoothed: float = 12.0
    """Standard deviation of the filter through which a camera follows, frames; guessed."""
    following_from: float = 2.5
    """Length of the path, in half widths of the picture, from which the camera always follows; guessed."""
    off_centre: float = 0.18
    """Standard deviation of the person's place in the picture, in half widths; guessed."""
    off_centre_up: float = 0.7
    """The vertical one as a share of that; guessed."""
    hand_held: float = 0.3
    """Share of the cameras that are held by hand; guessed."""
    hand_held_sway: tuple[float, float] = (0.2, 2.0)
    """Least and largest sway of these, degrees; guessed."""
    hand_held_smoothed: float = 10.0
    """Standard deviation of the filter of the sway, frames; guessed."""
    focal_wrong: float = 0.6
    """Share of the videos whose focal length is guessed wrong, as users' are; guessed."""

    # ---- errors of a detector (detector_noise.py)
    fast: float = 0.0022
    """Standard deviation of the error of single frames; measured."""
    fast_spread: float = 0.5
    """Its spread between clips, logarithmic; measured."""
    middle: tuple[float, float] = (0.0042, 2.0)
    """Standard deviation of the middle error, and of its filter in frames; measured."""
    slow: tuple[float, float] = (0.0066, 8.0)
    """Standard deviation of the slow error, and of its filter in frames; measured."""
    constant: float = 0.002
    """Standard deviation of the error that stays over a chunk; measured."""
    covered: tuple[float, float] = (0.026, 5.0)
    """Standard deviation of the error that a fully hidden point has in addition, and of its filter; measured."""
    jumps: tuple[float, int] = (0.0008, 8)
    """Chance a frame that a point jumps away, and frames for which it stays away at most; measured."""
    jumps_covered: tuple[float, int] = (0.006, 10)
    """The same for points that are hidden by more than `covered_from`; measured."""
    covered_from: float = 0.3
    """Occlusion above which a point jumps more often; guessed."""
    jump_fast: float = 0.02
    """Standard deviation of a jump in single frames; measured."""
    jump_slow: tuple[float, float] = (0.08, 6.0)
    """Standard deviation of a jump over frames, and of its filter; measured."""
    clip_quality: float = 0.3
    """Spread of all errors between clips, logarithmic; measured."""
    other_detectors: float = 1.5
    """Errors of other detectors as a multiple of the shipped one's; guessed."""
    swaps: tuple[float, int] = (0.001, 10)
    """Chance a frame that left and right are exchanged, and frames for which they stay so at most; measured."""
    swaps_in_front: float = 0.3
    """Share of these that happen to people seen from the front; measured."""
    too_near: float = 0.3
    """Metres from the camera below which a point is not seen; guessed."""
    border: float = 1.03
    """Place of points outside of the picture, in half sizes of the picture; guessed."""
    outside_error: float = 0.1
    """Error that the score of such a point is given for, at least; guessed."""
    outside_dropped: float = 0.6
    """Share of the chunks in which points outside of the picture are lost; guessed."""
    low_score: float = 0.15
    """Score below which some sources leave a point out; guessed."""
    low_score_dropped: float = 0.3
    """Share of the chunks in which they do; guessed."""

    # ---- scores of a detector (detector_noise.py): the logit, by the error
    score_at: tuple[float, float, float] = (1.5, 0.01, 0.03)
    """The logit for an error of c - b, where its logarithm is taken of (error + b) / c: (logit, b, c); measured."""
    score_slope: float = 1.77
    """Fall of the logit with that logarithm; measured."""
    score_covered: float = 0.2
    """Fall of the logit for a fully hidden point; measured."""
    score_fast: float = 0.45
    """Standard deviation of the logit in single frames; measured."""
    score_slow: tuple[float, float, float] = (1.2, 2.5, 6.0)
    """Weight of its slow noise for the shipped and for other detectors, and the filter in frames; measured, guessed."""
    score_scale: tuple[float, float] = (0.9, 1.1)
    """Least and largest factor of a chunk's logits, shipped detector; measured."""
    score_scale_other: tuple[float, float] = (0.6, 2.0)
    """The same of other detectors; guessed."""
    score_shift: tuple[float, float] = (0.15, 0.7)
    """Standard deviation of a chunk's shift of the logits, of the shipped and of other detectors; measured, guessed."""
    no_scores: float = 0.2
    """Share of the other sources that give no scores; guessed."""

    # ---- missing keypoints (detector_noise.py)
    lost_points: tuple[float, int] = (0.0015, 20)
    """Chance a frame that a point is lost, and frames for which it is at most; guessed."""
    lost_frames: tuple[float, int] = (0.002, 12)
    """The same for the whole person; guessed."""
    missing: tuple[float, float] = (0.6, 1.8)
    """Factors of these chances and of those of missing groups, of the shipped and of other detectors; guessed."""

    # ---- rendered clips (rendered_rows.py)
    rendered_frames: int = 100
    """Frames that are taken of a rendered clip at most; guessed."""
    rendered_trunk_weight: float = 0.3
    """Weight of the bones that MakeHuman's skeleton has elsewhere than the motion set; guessed."""


TUNING = Tuning()
"""The numbers in use."""
