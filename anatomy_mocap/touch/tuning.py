"""The chosen numbers of the room touch, each with its meaning, unit and origin."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Numbers of the network's features. A change of one needs the network trained again."""

    rate: float = 25.0
    """Frames per second at which the network sees a take: that of the lifter."""
    point_seconds: float = 0.06
    """Seconds over which points are smoothed before their speed is taken; guessed."""
    still: float = 0.2
    """Metres per second below which the network sees a speed in even steps, and above it in even ratios; guessed."""
    low: float = 0.05
    """Metres of height, likewise; guessed."""
    nearest: float = 0.2
    """Metres, the least depth of a body in front of the camera; guessed."""
    flight: float = 1.2
    """Seconds, the longest flight; a body that is up for longer is on an object; guessed."""
    floor_seconds: float = 0.5
    """Seconds over which the local floor is smoothed; guessed."""
    hidden_depth: float = 0.10
    """Metres below the floor to which the local floor reaches at most; guessed."""


TUNING = Tuning()


@dataclass(frozen=True)
class ContactTuning:
    """Numbers of the rule, and of how the network's probabilities become contacts."""

    stand_speed: tuple[float, float] = (0.20, 0.60)
    """Metres per second below which a foot point may stand, clean and noisy clips; chosen on noisy CMU mocap."""
    stand_height: float = 0.07
    """Metres above the local floor below which a foot point may stand; chosen on noisy CMU mocap."""
    leave_factor: float = 1.7
    """A standing foot leaves at this multiple of speed and height (hysteresis); chosen on noisy CMU mocap."""
    firm_effort: float = 0.7
    """Speed or height, relative to its limit, up to which a contact is fully firm; guessed."""
    least_firmness: float = 0.05
    """Firmness of a contact that is about to end; guessed."""
    noise_factors: tuple[float, float] = (3.0, 2.0)
    """Speed limit over the clip's noise: eye unknown, eye known; chosen on lifted CMU clips (benchmarks.contacts)."""
    sight_speed: float = 0.5
    """Share of the speed along the sight line that counts, the rest is depth error; chosen on benchmarks.contacts."""
    noise_percentile: float = 20.0
    """Percentile of the slowest foot point's speed that is taken as the clip's noise; guessed."""
    point_seconds: float = 0.06
    """Seconds over which foot points are smoothed before their speed is taken; guessed."""
    floor_seconds: float = 0.5
    """Seconds over which the local floor is smoothed; guessed."""
    flight: float = 1.2
    """Seconds, the longest flight with both feet in the air; feet up for longer stand on an object; guessed."""
    hidden_depth: float = 0.03
    """Metres below the floor to which the local floor of the contacts reaches at most; chosen on a squat seen from the
    side, whose hidden foot is 13 cm too low."""
    shortest_gap: float = 0.06
    """Seconds; shorter gaps in a contact are closed; guessed."""
    shortest_contact: float = 0.08
    """Seconds; shorter contacts are dropped; guessed."""
    hand_speed: tuple[float, float] = (0.20, 0.45)
    """Metres per second of a wrist: below the first it may rest, above the second it moves; guessed."""
    hand_height: tuple[float, float] = (0.08, 0.14)
    """Metres of a wrist's skin above the floor: below the first it may rest, above the second not; guessed."""
    skin_height: tuple[float, float] = (0.06, 0.14)
    """Metres of the skin of knees, seat and back above the floor: below the first they may rest, above the second not;
    guessed."""
    foot_chances: tuple[float, float, float] = (0.2, 0.35, 0.35)
    """Probabilities of the contact network with which a foot's contact lasts, begins, and is fully firm; chosen on
    training subjects that were kept aside: the best F1 is at 0.45, below it feet slide less."""
    part_chances: tuple[float, float, float] = (0.2, 0.3, 0.6)
    """The same of hands, knees, seat and back; chosen likewise, for F1."""
    always_height: tuple[float, float] = (0.10, 0.18)
    """Metres of a foot's or hand's skin above the floor up to which the mode "always" holds it fully, and from which
    it is free; guessed."""


CONTACTS = ContactTuning()
