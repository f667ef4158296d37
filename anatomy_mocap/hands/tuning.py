"""The chosen numbers of the room hands, each with its meaning, unit and origin."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Tuning:
    """Numbers that a measurement or a judgement set; no formula gives them."""

    bends: dict[str, tuple[float, float, float]] = field(default_factory=lambda: {
        "index": (14.0, 26.0, 13.0), "middle": (18.0, 30.0, 15.0), "ring": (21.0, 33.0, 17.0),
        "pinky": (24.0, 35.0, 18.0)})
    """Degrees of bend at the three joints of each finger of a relaxed hand, knuckle first; chosen by looking."""
    splays: dict[str, float] = field(default_factory=lambda: {"index": 4.0, "middle": 0.0, "ring": -3.0,
                                                              "pinky": -7.0})
    """Degrees from the hand's direction to a finger's, towards the thumb; chosen by looking."""
    thumb: tuple[tuple[float, float, float], ...] = ((0.75, 0.52, 0.40), (0.90, 0.30, 0.32), (0.93, 0.14, 0.34))
    """Directions of the relaxed thumb's three bones: along the hand, to the thumb's side, out of the palm; chosen by
    looking."""
    thumb_turns: tuple[float, float, float] = (25.0, 35.0, 35.0)
    """Degrees by which each bone of the thumb is turned at most; guessed."""
    natural: tuple[float, float] = (0.7, 1.6)
    """A finger whose bend at rest is within these multiples of the relaxed one keeps its own bend; guessed."""
    look_size: float = 1.15
    """Side of the square that the hand network looks at, in forearm lengths; chosen on 26 hands of photographs."""
    look_beyond: float = 0.32
    """Forearm lengths from the wrist to the square's middle, along the forearm; chosen on the same hands."""
    look_smallest: float = 45.0
    """Pixels of that square below which nothing can be seen; chosen on the same hands."""
    look_confidence: float = 0.3
    """Confidence of a wrist below which its hand is not looked at; guessed."""
    other_hand: float = 0.5
    """Probability of the other hand from which on a look is not used; chosen on 266 hands of rendered people, where
    those of 0.5 to 0.8 show the palm turned by 125 degrees in the mean."""
    hand_share: tuple[float, float] = (1.0, 0.5)
    """Shares of the way from the take's direction of a hand to the network's, within the picture and in depth; chosen
    on the same hands: (0.5, 0.5), (0.8, 0.5), (1, 0.5), (1, 0.25) and (1, 0.65) leave 12.8, 12.2, 12.0, 12.4 and 12.1
    degrees of 17.0."""
    hand_agreement: tuple[float, float] = (35.0, 50.0)
    """Degrees between both directions: the network's counts whole up to the first, and not at all from the second;
    chosen on the same hands, where it is right below 40 degrees and wrong above."""
    hand_seconds: float = 0.15
    """Seconds over which the change of a hand's direction is smoothed; guessed."""
    unseen_weight: float = 0.1
    """Weight of no change, beside one sure frame, for frames in which the hand is not seen; guessed."""
    presence: float = 0.7
    """Presence from which on the network's hand is used; chosen on the same hands."""
    finger_seconds: float = 0.25
    """Seconds over which the angles of fingers are smoothed; guessed."""
    relaxed_weight: float = 0.03
    """Weight of the relaxed hand beside one seen frame, for frames that are not seen; guessed."""
    bend_limits: tuple[tuple[float, float], ...] = ((-20.0, 90.0), (-5.0, 110.0), (-5.0, 80.0))
    """Degrees between which the three joints of a finger bend, knuckle first; from anatomy."""
    splay_limit: float = 22.0
    """Degrees, the most of a straight finger's splay to either side; from anatomy."""
    tail: float = 60.0
    """Degrees; the tail of a finger's last bone counts within this of the bone before; guessed."""


TUNING = Tuning()
