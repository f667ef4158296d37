"""The chosen numbers of the room animation, each with its meaning, unit and origin."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Tuning:
    """Numbers that a measurement or a judgement set; no formula gives them."""

    hinge_prior: float = 0.1
    """Weight of the reference axis, relative to the evidence of a limb bent by `hinge_bend`; guessed."""
    hinge_bend: float = 15.0
    """Degrees of bend at which the evidence of a hinge has weight 1; guessed."""
    hinge_seconds: float = 0.1
    """Seconds over which neighbouring frames steady the axis at that bend; guessed."""
    foot_hint: float = 0.7
    """Weight of the foot's side axis in a straight leg's reference axis; chosen on CMU mocap (benchmarks.solve)."""
    arm_centre: tuple[float, float, float] = (0.3, -0.4, -0.86)
    """Middle of the left upper arm's reach, chest axes; chosen on CMU mocap (benchmarks.solve)."""
    arm_limits: tuple[float, float] = (100.0, 140.0)
    """Degrees between an elbow's evidence and its reference: full trust, no trust; chosen on CMU mocap."""
    leg_centre: tuple[float, float, float] = (0.0, -0.76, -0.65)
    """Middle of the thigh's reach, pelvis axes; chosen on CMU mocap (benchmarks.solve)."""
    leg_limits: tuple[float, float] = (50.0, 90.0)
    """Degrees between a knee's evidence and its reference: full trust, no trust; chosen on CMU mocap."""

    pop_seconds: float = 0.07
    """Seconds of the longest pop; guessed: nobody swings a limb out and back in less."""
    pop_turn: float = 25.0
    """Degrees by which a bone leaves its way in a pop; guessed."""
    pop_move: float = 0.08
    """Metres by which the hips leave their way in a pop; guessed."""
    pop_times: float = 2.0
    """Times the difference of the frames around a pop that it has at least; guessed."""
    pops_named: int = 6
    """Pops that a message names; chosen."""
    least_trust: float = 0.05
    """Weight of a frame of no confidence in smoothing, where doubtful frames weigh least; guessed."""
    roll_limit: float = 100.0
    """Degrees, the most by which a palm turns from that of a relaxed arm, to either side: 80 to 90 of the forearm, and
    some of the shoulder; guessed."""
    roll_steps: int = 25
    """Angles that are tried within these limits; guessed."""
    roll_spread: float = 45.0
    """Degrees, the spread of the palm's roll where the picture says nothing; guessed."""
    roll_speed: float = 250.0
    """Degrees per second, the spread of the roll's speed; guessed."""
    roll_seconds: float = 0.15
    """Seconds over which the roll is smoothed; guessed."""
    hand_shape: dict[str, tuple[float, float, float]] = field(default_factory=lambda: {
        "index": (0.84, 0.14, 0.15), "pinky": (0.78, -0.12, 0.11), "thumb": (0.58, 0.18, 0.17)})
    """Where the detector sees a hand's knuckles, from where it sees the wrist, in lengths of the hand: along it, to the
    thumb's side, out of the palm. Measured on 54 rendered clips of training subjects whose palms turn; true hands are
    twice as broad."""
    seen_roll: float = 15.0
    """Degrees by which the hand network's roll of a palm is off; measured on 266 hands of rendered people: 12 in the
    mean where it is sure which hand it sees."""
    seen_presence: float = 0.7
    """Presence of a hand from which on that roll counts; as in the room hands."""
    seen_roll_outlier: float = 3.0
    """Spreads from which on such a roll counts as wrong; guessed."""
    hand_spread: float = 0.22
    """Lengths of the hand by which the difference of two of its keypoints is off; guessed."""
    hand_pixels: float = 3.0
    """Pixels by which such a difference is off at least, so that a small hand says little; guessed."""
    hand_outlier: float = 3.0
    """Spreads from which on a difference counts as wrong; guessed."""
    hand_score: tuple[float, float] = (0.4, 0.8)
    """Scores of a hand's keypoints: none of their evidence up to the first, all of it from the second; guessed."""
    forearm_share: float = 0.5
    """Share of the palm's roll that the forearm's bone takes, as in a rig's rest pose; guessed."""

    sure: float = 0.5
    """Confidence from which on a joint is believed, as in the warnings about a take; chosen."""
    drop_out_seconds: float = 0.5
    """Seconds of the longest drop-out of a limb that is bridged; guessed: a longer bridge is an invention."""
    hinge_ranges: dict[str, tuple[float, float, float]] = field(default_factory=lambda: {
        "elbow": (-5.0, 145.0, 10.0), "knee": (-5.0, 150.0, 10.0)})
    """Degrees of bend of a hinge, least and largest, and the margin beyond; chosen: all but one frame in 2000 of 85,000
    of CMU mocap, for a knee; elbows of CMU bend backwards more often, which no elbow does."""
    joint_centres: dict[str, tuple[float, float, float]] = field(default_factory=lambda: {
        "shoulder": (0.83, -0.39, -0.39), "hip": (0.3, -0.56, -0.77), "spine": (0.0, -0.21, 0.98),
        "neck": (0.0, 0.41, 0.91), "wrist": (1.0, 0.0, 0.0), "ankle": (0.2, -0.97, -0.14)})
    """Middle of a left joint's range, in the axes of the upper bone; measured on CMU mocap, the wrist's is the rest
    pose."""
    joint_ranges: dict[str, tuple[float, float]] = field(default_factory=lambda: {
        "shoulder": (120.0, 15.0), "hip": (88.0, 15.0), "spine": (60.0, 15.0), "neck": (62.0, 15.0),
        "wrist": (80.0, 10.0), "ankle": (60.0, 10.0)})
    """Degrees from that middle, and the margin beyond; chosen: all but some frames in 1000 of CMU mocap, for the wrist
    by anatomy; spine and shoulder wider, since narrower ones cost P-MPJPE on rendered people (benchmarks.clean_up)."""
    neck_twist: tuple[float, float, float] = (-80.0, 80.0, 10.0)
    """Degrees by which the head turns against the chest, and the margin; chosen on CMU mocap likewise. The chest has no
    such limit: where it seems to turn so far, front and back are mixed up, which a limit makes no better."""
    limit_clear: float = 0.3
    """Sine of the angle between a bone and its hinge's axis below which the hinge acts less; guessed."""
    limit_told: float = 5.0
    """Degrees by which a joint is held back before that counts for a warning; guessed."""
    limit_seconds: float = 0.2
    """Seconds of such frames in a clip from which on it is told; guessed."""

    point_seconds: float = 0.06
    """Seconds over which foot points are smoothed before their speed is taken; guessed."""

    put_down: tuple[float, float] = (0.12, 0.30)
    """Metres above the floor up to which a standing foot is put on it, and from which it stays up; guessed."""
    sunk: float = 0.10
    """Metres below the floor at which a foot in flight lifts the body as firmly as a standing one; guessed."""
    root_memory: float = 0.5
    """Seconds over which feet, and beyond which the camera, determine the root; chosen on validation clips
    (benchmarks.motion): 1.0 slides by 0.3 mm a frame less, and bends lying and kneeling bodies by 1 to 2 mm more."""
    root_seconds: float = 0.15
    """Seconds of smoothing of the root's horizontal shift, see `root_stiffness`; guessed."""
    root_stiffness: tuple[float, float] = (0.1, 0.01)
    """Weights of the smoothness of the root's shift: horizontal, and of the vertical shift's slope; guessed."""
    rise_seconds: float = 0.2
    """Seconds of smoothing of the root's vertical shift; chosen on validation clips (benchmarks.motion)."""
    offset_seconds: float = 0.1
    """Seconds of smoothing of a foot's offset; guessed."""
    offset_weights: tuple[float, float] = (100.0, 0.05)
    """Weights of a foot's offset: firm contact, no contact; guessed."""
    lift_seconds: float = 0.05
    """Seconds over which a foot is lifted out of the floor; guessed."""
    roll_height: float = 0.015
    """Metres between heel and toe over which the contact point rolls from one to the other; guessed."""
    hidden_scale: float = 0.05
    """Metres below the floor, and below the other foot, at which a foot's height is hardly believed; guessed."""
    hidden_trust: float = 0.05
    """Weight that such a foot keeps; guessed."""
    rise_rounds: int = 2
    """Rounds in which the root's rise and the feet's places follow each other; chosen, a third changes nothing."""
    leg_stiffness: float = 0.02
    """Weight of a leg's own length over its slack: a straight leg counts for several bent ones; chosen on validation
    clips (benchmarks.motion)."""
    straight_slack: float = 0.002
    """Slack of a straight leg, share of its length, see `leg_stiffness`; guessed."""
    lie_height: tuple[float, float] = (0.06, 0.14)
    """Metres of the lowest part of trunk, head and knees above the floor: down to the first it lies there, from the
    second it does not; guessed."""
    lie_speed: float = 0.15
    """Metres per second, vertically, up to which such a part lies; at twice that it does not; guessed."""
    envelope_seconds: float = 0.12
    """Seconds by which the root rises ahead of a part that would sink into the floor; guessed."""

    rest_spread: float = 0.03
    """Metres, the spread of resting points about their plane; guessed."""
    lean_reach: tuple[float, float] = (0.35, 0.6)
    """Metres above the lowest part of the body: up to the first a part may rest on the same floor, from the second not.
    Chosen: a body of 1.7 m that lies leans by up to 20 degrees in the picture."""
    lean_spread: float = 0.12
    """Radians, the spread of the lean of a resting body; guessed."""
    lean_seconds: float = 0.5
    """Seconds (one standard deviation) over which the lean of a resting body is averaged; guessed."""

    soft_least: float = 0.0002
    """The least of `soft_slack`, of a leg that is straight before its ankle moves: 2 degrees of knee; chosen."""
    soft_slack: float = 0.003
    """Share of a leg's length in which it eases into full stretch, so that the knee does not jump; guessed."""
    soft_from: float = 0.002
    """Metres of an ankle's move from which that easing acts; an unmoved leg is unchanged; guessed."""
    folded: tuple[float, float] = (0.1, 0.3)
    """Hip-to-ankle distance over leg length at which an ankle cannot move, and from which it is free; guessed."""
    straight: float = 0.2
    """A leg is almost straight if its knee is off the hip-ankle line by less than this share of the thigh; guessed."""


TUNING = Tuning()
