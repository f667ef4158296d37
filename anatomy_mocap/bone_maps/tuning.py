"""The chosen numbers of the room bone_maps, each with its meaning, unit and origin.

Lengths are shares of the rig's size unless a unit is given. Costs and margins have no unit: 1 is a deviation of one
usual spread. benchmarks/bone_maps.py measures the outcome of all of them together on procedural and real rigs.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Numbers that a measurement or a judgement set; no formula gives them."""

    may_lack: float = 0.25
    """Share of a saved map's bones that a rig may lack and still use the map; guessed."""
    table_share: float = 0.5
    """Share of the required parts that a table must find to name the map; guessed."""
    common_prefix: float = 0.7
    """Share of the bone names that must share a prefix for it to be removed; guessed."""
    in_order: float = 0.7
    """Share of a map's limb links that must follow the hierarchy; guessed."""

    score_by_word: float = 0.9
    """Score of a bone found by a word in its name; guessed."""
    score_contradicted: float = 0.3
    """Highest score of bones whose names contradict the hierarchy, with no body by form; guessed."""
    score_misplaced: float = 0.4
    """Highest score of a bone that is not below the part before it; guessed."""
    score_by_place: float = 0.97
    """Score of a spine or neck bone known by its place in the hierarchy; guessed."""
    touches: float = 0.15
    """Lengths of a limb's last bone from its tail within which a hand or foot on another root is its end; guessed."""
    limb_goes_on: tuple[float, float] = (0.5, 2.0)
    """Lengths of the bone before at which a hand or foot straight on is the limb's end; guessed."""
    foot_length: tuple[float, float] = (0.1, 0.6)
    """Shin lengths from the ankle between which toes on another root are the foot's; guessed."""
    score_clear: float = 0.95
    """Score by form from which the form is clear about a bone; guessed."""
    score_questioned: float = 0.5
    """Highest score of a bone that the form clearly shows as another part; guessed."""
    score_confirmed: float = 0.98
    """Lowest score of a bone whose word and form agree; guessed."""
    score_unconfirmed: float = 0.85
    """Highest score of a bone whose word the form does not confirm; guessed."""
    facing_sure: float = 0.5
    """Confidence of the front, 0..1, from which the feet outweigh the names; guessed."""
    names_fit_form: float = 0.75
    """Share of limb bones by name that must be those of the form; guessed."""
    names_agree: float = 0.6
    """Share of single bones by name that must be those of the form for names to count; guessed."""
    side_words: float = 0.75
    """Share of sided bones whose words must agree on the sides; guessed."""

    stub_step: float = 0.1
    """Limb lengths from a helper to the bone of its name, up to which both are at one place; guessed."""
    stub_aside: float = 0.6
    """Limb lengths from a helper to the bone of its name, up to which a step sideways is no limb; guessed."""
    stub_marked: float = 1.2
    """The same for a helper whose name says so; guessed."""
    stub_angle: float = 25.0
    """Degrees between that step and the limb from which it is sideways; guessed."""
    four_legs: float = 50.0
    """Degrees between torso and legs beyond which a body with arms along its legs stands on four; guessed."""
    arms_as_legs: float = 45.0
    """Degrees between arms and legs up to which the arms are legs too; guessed."""
    named_in_pairs: float = 0.75
    """Share of a body's pairs that must have one name but for its side, for names to say anything; guessed."""
    other_words: float = 0.5
    """Share of a body's limb bones by form, of those that have words, that must name another part; guessed."""

    far_from_parent: float = 0.2
    """A bone further than this from its parent may belong to the end of another limb; guessed."""
    near_root: float = 0.1
    """Distance within which a loose root is attached to a bone; guessed."""
    near_end: float = 0.06
    """Distance within which a loose bone is attached to a limb's end; guessed."""

    mirror_tolerance: float = 0.02
    """Distance by which a bone may miss its mirror image; guessed."""
    most_planes: int = 24
    """Mirror planes that are tried; guessed."""
    most_mirrored: int = 240
    """Bones that are compared across a plane; guessed."""
    many_siblings: int = 60
    """Bones of one parent from which only the nearest candidates are paired; guessed."""
    nearest_siblings: int = 6
    """That number of candidates; guessed."""
    mirrored_share: float = 0.12
    """Share of the weight off a plane that must have a mirror image (legs alone, if arms are posed); guessed."""

    limb_nodes: int = 12
    """Bones from the start of a chain among which a limb's joints lie; guessed."""
    no_hand: float = 1.0
    """Cost of an arm without a hand; guessed."""
    no_foot: float = 1.5
    """Cost of a leg without a foot; guessed."""
    ball: float = 0.72
    """Share of the way from ankle to the tip of the foot at which the ball lies; guessed."""
    ball_clear: float = 0.15
    """Share by which another bone must be further from there for the ball to be clear; guessed."""

    even: tuple[float, float] = (0.6, 0.8)
    """Mirrored share: below the first all scores are capped, below the second margins are reduced; guessed."""
    uneven_score: float = 0.55
    """Highest score, before calibration, of an uneven body; guessed."""
    limb_length: float = 0.08
    """Length from which a chain may be a limb; guessed."""
    readings: int = 3
    """Readings of each leg and arm that are combined; guessed."""
    plain_cost: float = 8.0
    """Highest cost of a limb whose length is a measure for others; guessed."""
    open_margin: float = 0.45
    """Highest margin of a limb whose first or last bone is open; guessed."""
    shift_cost: float = 8.0
    """Cost over the best reading up to which a reading shifted by one bone is a rival; guessed."""
    trust: float = 0.6
    """Factor on the margins between limbs: hair and skirts come closer than their costs; guessed."""
    no_rival: float = 12.0
    """Margin of a reading without a rival; guessed."""
    calibration: tuple[tuple[float, ...], tuple[float, ...]] = (
        (0.0, 0.15, 0.25, 0.35, 0.45, 0.59, 0.61, 0.7, 1.0),
        (0.05, 0.45, 0.60, 0.65, 0.86, 0.92, 0.97, 0.99, 1.0))
    """Scores and the share of bones with such a score that are right; measured on procedural rigs (benchmarks)."""

    front_clear: float = 0.2
    """Sum of evidence from which the front is certain; a foot with toes gives about 0.5; guessed."""

    margin_sure: float = 3.0
    """Margin of hips or head without a rival; guessed."""
    margin_fair: float = 0.9
    """Margin of hips found by distance; guessed."""
    margin_poor: float = 0.3
    """Margin of hips if another bone may be the hips as well; guessed."""
    margin_bare: float = 0.4
    """Highest margin of a head without a face: it may be a neck or an end bone; guessed."""
    same_rise: float = 0.02
    """Arm lengths between bones that count as equally high; guessed."""
    same_place: float = 2e-3
    """Distance between bones that count as being at one place; guessed."""
    neck_rise: float = 0.02
    """Leg lengths above the shoulders from which a bone that carries the arms is a neck; guessed."""
    neck_spread: float = 0.05
    """Leg lengths from that height at which the decision is clear; guessed."""


TUNING = Tuning()
