"""The chosen numbers of the motion room, with their units and where they come from.

Origins: "measured" - on the motion set; "chosen" - by the errors of trained networks; "guessed" - not tried otherwise.
Shares and chances lie in 0..1. Spreads are standard deviations, filters too: of Gaussians, in frames, 25 a second.
Tables of postures, poses and joint ranges lie beside their use (postures.py, act_poses.py, joint_range_motion.py).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Numbers of the repairs of the set, and of the poses that are made from it."""

    # ---- repairs of the set
    straight_knee: float = 5.0
    """Bend of the straightest 5 % of a person's frames after the repair, degrees; guessed."""
    straightened_most: float = 25.0
    """Bend that is taken out of a knee at most, degrees: people who bend further all the time mean it; guessed."""
    straightened_fade: tuple[float, float, float] = (30.0, 110.0, 0.3)
    """The bend up to which all is taken out, and from which on the third number's share of it; degrees; guessed."""
    head_turn: float = 85.0
    """Turn of the head against the chest, mean of a recording, beyond which its rotation is wrong, degrees; measured:
    94 to 177 in the wrong recordings, at most 75 in the others."""
    hand_bend: float = 78.0
    """Bend between forearm and hand, mean of a clip, beyond which the hands are wrong, degrees; measured."""
    upright: float = 15.0
    """Lean of a trunk up to which skeletons are compared, degrees; guessed."""
    least_climb: float = 0.0
    """Rise from the thorax to the shoulders below which the thorax lies at the foot of the neck, degrees; measured: 9
    and more in CMU's own skeletons."""

    # ---- which frames are drawn
    rare_every: int = 12
    """Frames of the set between two whose poses are compared; guessed."""
    rare_near: float = 1.2
    """Distance in the space of `pose_features` within which poses are alike: all bones turned by 17 degrees; chosen."""

    # ---- poses made from others
    stretched_share: float = 0.6
    """Share of the rows with straighter knees; chosen."""
    stretched_most: float = 22.0
    """Bend that is taken out of them at most, degrees; measured: people stand with 14 to 20 after the repair."""
    mixed_share: float = 0.45
    """Share of the rows with parts of other rows; chosen."""
    mixed_upper: float = 0.5
    """Share of these with another upper body; guessed."""
    mixed_arms: tuple[float, float] = (0.3, 0.6)
    """Share of these with another arm, each side, with and without another upper body; guessed."""
    mixed_legs: float = 0.2
    """Share of these with another leg, each side; guessed."""
    hinged_spread: float = 10.0
    """Spread of the change of elbows' and knees' bends, degrees; chosen."""
    hinged_between_rows: float = 0.4
    """Spread of that between rows, logarithmic; guessed."""
    hinged_parts: tuple[float, float] = (0.7, 0.5)
    """How much of it stays over a row, and how much changes slowly; guessed."""
    hinged_filter: float = 15.0
    """Filter of the slow part; guessed."""
    hinge_straight: float = 12.0
    """Bend below which the plane of a limb is not known, degrees; guessed."""
    hinge_furthest: float = 145.0
    """Largest bend of elbows and knees, degrees; joint ranges of healthy adults."""
    perturbed_share: float = 0.4
    """Share of the rows whose limbs turn by enough to make other poses; chosen."""
    perturbed_slightly: float = 0.35
    """Turn of the other rows, as a share of that, so that no pose comes twice; chosen."""
    perturbed_between_rows: float = 0.45
    """Spread of the turns between rows, logarithmic; guessed."""
    perturbed_wander: tuple[float, float] = (0.7, 20.0)
    """How much of a turn changes slowly, and the filter of that; guessed."""
    posture_share: float = 0.16
    """Share of the rows that get into one of the postures; chosen."""
    posture_repeats: float = 0.5
    """Share of these that go down and up again and again; chosen."""
    posture_stays: tuple[float, float] = (8.0, 75.0)
    """Shortest and longest stay in a posture, and out of it, frames; guessed."""
    posture_ways: tuple[float, float] = (7.0, 40.0)
    """Shortest and longest way into it or out of it, frames; guessed."""
    posture_forward: float = 35.0
    """Largest forward lean of the trunk half-way, which keeps the weight over the feet, degrees; guessed."""
    posture_path: float = 0.5
    """Share of their path that people in a posture keep at most; guessed."""
    free_share: float = 0.25
    """Share of the rows whose trunk and limbs move through their whole range; chosen."""
    free_part: float = 0.65
    """Chance of each part of such a row to do so; chosen."""
    free_paces: tuple[float, ...] = (5.0, 9.0, 16.0, 30.0)
    """Filters of these motions, of which each row has one; guessed."""
    free_moving: tuple[float, float] = (0.1, 0.7)
    """Share of the variance that moves, the rest stays over the row; guessed."""
    tilted_share: float = 0.16
    """Share of the rows that are turned as a whole; guessed."""
    tilted_free: float = 0.5
    """The same for rows whose limbs move through their whole range; guessed."""
    tilted_kinds: tuple[float, float, float] = (0.3, 0.65, 0.8)
    """Cumulated shares of these that lie, lean, and stand in any way; the rest turns over in time; guessed."""
    tilted_lying: tuple[float, float] = (90.0, 12.0)
    """Mean and spread of the angle of those who lie, degrees; guessed."""
    tilted_leaning: float = 35.0
    """Spread of the angle of those who lean, degrees; guessed."""
    tilted_over: float = 120.0
    """Spread of the speed of those who turn over, degrees a second; guessed."""

    # ---- acts made of poses (made_up_acts.py)
    act_seconds: float = 1.6
    """Usual time from one pose to the next, seconds; guessed."""
    act_backward: float = 0.4
    """Share of the acts that run backward; guessed."""
    act_heading: float = 20.0
    """Spread of the turn between two poses, degrees; guessed."""
    act_borrowed: float = 0.7
    """Largest share of the recorded movement of arms and head that an act takes over; guessed."""
    act_sway: tuple[float, float] = (0.03, 0.4)
    """Spread of the sway of all bones as a share of their length, and its filter in seconds; guessed."""


TUNING = Tuning()
"""The numbers in use."""
