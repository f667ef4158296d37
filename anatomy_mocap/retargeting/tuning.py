"""The chosen numbers of the room retargeting, each with its meaning, unit and origin."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Numbers that a measurement or a judgement set; no formula gives them."""

    contact_height: float = 0.03
    """Metres above the floor at which a foot's weight on the hips has faded to 1/e; guessed."""
    free_weight: float = 0.02
    """Weight of the scaled path, which decides alone if both feet are well off the floor; guessed."""
    contact_seconds: float = 0.06
    """Seconds (one standard deviation) over which a foot's weight comes and goes; guessed."""
    height_softness: float = 0.01
    """Metres; if the feet disagree on the hips' height by more, the foot that would sink decides; guessed."""
    toe_bend: float = 50.0
    """Degrees, the most that toes bend; guessed."""
    floor_range: tuple[float, float] = (-0.02, 0.08)
    """Leg lengths from the object's origin to the lowest foot bone within which the origin is the floor; guessed."""

    floor_slack: tuple[float, float] = (0.006, 0.012)
    """Leg lengths by which the skin, and that of feet, may reach into the floor, as flesh and shoes give way;
    guessed."""
    carries: tuple[float, float] = (0.9, 0.985)
    """Share of its length to which a limb is stretched: bends freely up to the first, moves the body from the second;
    guessed."""
    floor_seconds: float = 0.12
    """Seconds by which a correction of the skin's height comes ahead of its cause; guessed."""
    floor_rounds: int = 2
    """Rounds in which body and limbs are put above the floor; chosen: hands and knees of crawling people need two."""
    rest_height: tuple[float, float] = (0.03, 0.08)
    """Metres of the lowest part of trunk, head and thighs above the floor: up to the first a body rests on it, from the
    second it does not; guessed."""
    bent: float = 2.0
    """Degrees from which a limb that was turned above the floor no longer follows the motion's direction; chosen: well
    below what the check of results tells."""
    toe_share: float = 0.5
    """Share of a toe's reach beyond which its skin counts when it is bent up; guessed."""
    bend_up: tuple[float, float] = (25.0, 50.0)
    """Degrees, the most by which toes bend, and an instep stretches, to stay above the floor; guessed."""
    sole_turned: float = 0.3
    """Cosine between a toe's up and the world's, from which on it bends freely; guessed."""
    full_stretch: float = 0.998
    """Share of a limb's length to which it is stretched to keep its end in place; guessed."""

    leg_down: float = 0.2
    """Least cosine between a leg's bones and straight down in a rest pose that stands; guessed."""
    ankles_level: float = 0.12
    """Leg lengths between the heights of the ankles in a rest pose that stands; guessed."""
    floor_near: float = 0.15
    """Leg lengths within which a source's rest pose stands on a floor; guessed."""
    floor_percentile: float = 10.0
    """Percentile of the lower sole's height that is the floor of a motion; guessed."""

    still_speed: float = 0.3
    """Metres per second below which ankle and toe are at rest; guessed."""
    still_height: float = 0.03
    """Metres above a joint's usual low within which it is down; guessed."""
    still_percentile: float = 15.0
    """Percentile of a joint's height that is its usual low; guessed."""
    still_highest: float = 0.25
    """Metres above the floor beyond which a joint is not down; guessed."""
    flat_pitch: float = 30.0
    """Degrees; a foot that is steeper has its heel raised; guessed."""
    rest_pitch: float = 20.0
    """Degrees, the most by which a flat foot's pitch may differ from the nominal one; guessed."""

    arm_softness: float = 0.02
    """Share of an arm's length in which it eases into full stretch; guessed."""
    leg_softness: float = 0.004
    """Share of a leg's length in which it eases into full stretch; guessed."""
    hinge_pull: float = 0.05
    """Weight of the hinge's plane beside the plane of the bend, in lengths of the upper limb; guessed."""

    knots: tuple[float, float, float] = (0.0, 0.25, 0.75)
    """Fractions of the spine at which it rotates as pelvis, spine and chest of the take; guessed."""
    hanging_arm: float = -0.5
    """Cosine between an arm and the chest's up below which the arm hangs; guessed."""

    twist_aside: float = 0.2
    """Limb lengths off the limb's line within which a bone is a twist bone; guessed."""
    twist_at_start: float = 0.1
    """Fraction of a lower limb below which a lone twist bone takes half of the twist; guessed."""

    nose: float = 0.6
    """Head lengths from the top of the neck to the nose; guessed."""
    continues: float = 60.0
    """Degrees; the tail of a bone within this of the limb's direction, in the median, is its end; guessed."""
    head_length: float = 0.6
    """Head length in shoulder widths, for a source without a head bone; guessed."""
    neck_length: float = 0.4
    """Neck length in head lengths, for a source without a neck bone; guessed."""
    hand_length: float = 0.3
    """Hand length in forearm lengths, for a source without a hand bone; guessed."""


TUNING = Tuning()
