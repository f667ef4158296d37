"""The chosen numbers of the room animation, each with its meaning, unit and origin."""

from __future__ import annotations

from dataclasses import dataclass


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

    stand_speed: tuple[float, float] = (0.20, 0.60)
    """Metres per second below which a foot point may stand, clean and noisy clips; chosen on noisy CMU mocap."""
    stand_height: float = 0.07
    """Metres above the local floor below which a foot point may stand; chosen on noisy CMU mocap."""
    leave_factor: float = 1.7
    """A standing foot leaves at this multiple of speed and height (hysteresis); chosen on noisy CMU mocap."""
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
    shortest_gap: float = 0.06
    """Seconds; shorter gaps in a contact are closed; guessed."""
    shortest_contact: float = 0.08
    """Seconds; shorter contacts are dropped; guessed."""
    firm_effort: float = 0.7
    """Speed or height, relative to its limit, up to which a contact is fully firm; guessed."""

    put_down: tuple[float, float] = (0.12, 0.30)
    """Metres above the floor up to which a standing foot is put on it, and from which it stays up; guessed."""
    sunk: float = 0.10
    """Metres below the floor at which a foot in flight lifts the body as firmly as a standing one; guessed."""
    root_memory: float = 1.0
    """Seconds over which feet, and beyond which the camera, determine the root; guessed."""
    root_seconds: float = 0.15
    """Seconds of smoothing of the root's horizontal shift, see `root_stiffness`; guessed."""
    root_stiffness: tuple[float, float] = (0.1, 0.01)
    """Weights of the smoothness of the root's shift: horizontal, and of the vertical shift's slope; guessed."""
    least_firmness: float = 0.05
    """Firmness of a contact that is about to end; guessed."""
    rise_seconds: float = 0.8
    """Seconds of smoothing of the root's vertical shift; guessed."""
    offset_seconds: float = 0.1
    """Seconds of smoothing of a foot's offset; guessed."""
    offset_weights: tuple[float, float] = (100.0, 0.05)
    """Weights of a foot's offset: firm contact, no contact; guessed."""
    lift_seconds: float = 0.05
    """Seconds over which a foot is lifted out of the floor; guessed."""
    roll_height: float = 0.015
    """Metres between heel and toe over which the contact point rolls from one to the other; guessed."""
    full_stretch: float = 0.995
    """Share of the leg's length at which a standing foot begins to pull the pelvis down; guessed."""
    most_sink: float = 0.06
    """Metres, the most by which the pelvis is pulled down; guessed."""
    sink_seconds: tuple[float, float] = (0.1, 0.2)
    """Seconds by which the pelvis sinks ahead of the need, and over which that is smoothed; guessed."""

    soft_slack: float = 0.003
    """Share of a leg's length in which it eases into full stretch, so that the knee does not jump; guessed."""
    soft_from: float = 0.002
    """Metres of an ankle's move from which that easing acts; an unmoved leg is unchanged; guessed."""
    folded: tuple[float, float] = (0.1, 0.3)
    """Hip-to-ankle distance over leg length at which an ankle cannot move, and from which it is free; guessed."""
    straight: float = 0.2
    """A leg is almost straight if its knee is off the hip-ankle line by less than this share of the thigh; guessed."""


TUNING = Tuning()
