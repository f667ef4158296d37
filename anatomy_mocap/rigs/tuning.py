"""The chosen numbers of the room rigs, each with its meaning, unit and origin.

A pair is a range over which a decision fades from no to yes (`limb_twist.ramp`), so that no rest pose jumps.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Tuning:
    """Numbers that a measurement or a judgement set; no formula gives them."""

    level_snap: float = 25.0
    """Degrees; a torso nearer than this to an axis of the armature stands upright along that axis; guessed."""
    continues: float = 60.0
    """Degrees; the tail of an end bone within this of the limb's direction is the limb's end; guessed."""
    hips_along_spine: float = 0.8
    """Cosine between hip line and torso beyond which the bones form no body; guessed."""
    feet_ahead: float = 0.1
    """Torso lengths that the feet must point ahead to decide the sides; guessed."""
    bends_ahead: float = 0.02
    """Torso lengths that elbows and knees must bend to decide the sides of a mirrored rig; guessed."""
    toe_ahead: float = 50.0
    """Degrees; the end of a foot within this of straight ahead is its toe; guessed."""
    foot_reach: float = 0.9
    """Bones below the foot, within this share of the shin's length, belong to the foot; guessed."""

    collapsed: float = 0.01
    """Extents of the body; joints of a limb nearer to each other lie on each other; guessed."""
    end_foot_ahead: float = 0.5
    """Shin lengths; the tail of a foot's end bone counts at most so far along the floor: its toes; guessed."""
    end_foot_down: float = 0.3
    """Shin lengths; the same down or up: the height of an ankle with a shoe; guessed."""
    end_limb: tuple[float, float] = (0.5, 1.5)
    """Lengths of the upper limb between which the tail of an end shin or forearm is believed; guessed."""
    end_hand: tuple[float, float] = (0.0, 1.0)
    """Forearm lengths between which the tail of an end hand is believed; guessed."""

    hinge_bend: tuple[float, float] = (5.0, 20.0)
    """Degrees of rest bend that give no hinge, and a full hinge, in a single rest pose; guessed."""
    hinge_bend_pair: tuple[float, float] = (4.0, 10.0)
    """The same if another rest pose of the skeleton gives the carrying angle; guessed."""
    near_arm: tuple[float, float] = (15.0, 45.0)
    """Degrees between a bend's plane and the palm's: elbow hinge up to the first, sideways from the second; guessed."""
    near_leg: tuple[float, float] = (10.0, 30.0)
    """Degrees between a bend's plane and the foot's: knee hinge up to the first, sideways from the second; guessed."""
    carrying: tuple[float, float] = (20.0, 35.0)
    """Degrees off the hinge of a limb: up to the first a carrying angle, none from the second; guessed."""
    wrong_way: tuple[float, float] = (100.0, 140.0)
    """Degrees of twist beyond which a bend would be an elbow or knee bent backwards; guessed."""
    overextension: float = 10.0
    """Degrees by which elbows and knees overextend; a larger bend in a second rest pose is a twist; guessed."""
    palm_twist: float = 45.0
    """Degrees of palm twist that the whole arm takes; the rest is the forearm's; guessed."""
    frontal_share: tuple[float, float] = (0.3, 0.7)
    """Share of a limb in the frontal plane: shortest turn below the first, A-pose order above the second; guessed."""
    toes_out: float = 15.0
    """Degrees that feet point outwards with knees ahead; beyond it the leg is turned too; guessed."""
    foot_yaw: float = 80.0
    """Degrees; a foot that points further off straight ahead shows no yaw; guessed."""
    foot_level: float = 0.3
    """Horizontal share of a foot's direction below which it shows no yaw; guessed."""
    own_palm: tuple[float, float] = (20.0, 45.0)
    """Degrees of palm twist: the character's carriage up to the first, its rest pose from the second; guessed."""

    equal_lengths: tuple[float, float] = (1.01, 1.03)
    """Ratio of limb lengths: one skeleton up to the first, two from the second; guessed."""
    unmoved: tuple[float, float] = (0.1, 0.5)
    """Degrees between two bends: the joint was not moved up to the first, moved from the second; guessed."""
    unmoved_bend: tuple[float, float] = (1.0, 2.5)
    """Degrees of an unmoved bend that give no twist, and a full twist, of the whole limb; guessed."""
    bird_knee: float = 15.0
    """Degrees; a joint bent backwards by more in the straighter rest pose bends so in the other one; guessed."""

    skin_carriers: int = 3
    """Mapped bones that carry one point of the skin at most; guessed."""
    skin_nearer: float = 0.5
    """Share of the distance to the trunk bone above it at which a deform bone belongs to a limb; guessed."""
    skin_directions: int = 60
    """Directions in which the outermost points of each bone's skin are kept; chosen: the lowest point of a lying body
    is met within 3 mm."""
    skin_percentile: float = 90.0
    """Percentile of the distances of a bone's vertices from it that is its usual skin; guessed."""
    skin_beyond: float = 1.6
    """Times that distance from which on a vertex is hair, cloth or a prop; guessed."""
    skin_reach: dict[str, float] = field(default_factory=lambda: {
        "hips": 0.35, "spine_chain": 0.35, "neck": 0.2, "head": 0.35, "shoulder": 0.25, "upper_arm": 0.16,
        "lower_arm": 0.14, "hand": 0.25, "upper_leg": 0.22, "lower_leg": 0.18, "foot": 0.2, "toes": 0.15})
    """Leg lengths from a bone of each part within which flesh can be, of stout bodies too; guessed."""

    finger_reach: tuple[float, float] = (0.1, 1.1)
    """Forearm lengths from the wrist between which fingers have their bones; guessed."""
    thumb_apart: float = 20.0
    """Degrees; an unnamed chain further than this from the others' mean is the thumb; guessed."""
    knuckle: float = 0.55
    """Share of the way from wrist to fingertip at which a finger's knuckle lies; guessed."""


TUNING = Tuning()
