"""The settings of every step: one frozen dataclass a step, and for each field its help, unit, range and choices.

The command line's options (`settings_options`) and Blender's properties (`blender.ui.settings_properties`) are made
from these fields, under the same names. A value of None means "not given": the step then decides by itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from .capture_settings import EVERYBODY as EVERYBODY
from .capture_settings import PLACE as PLACE
from .capture_settings import READING as READING
from .capture_settings import CaptureSettings as CaptureSettings
from .core.errors import MocapError
from .setting import DEGREES as DEGREES
from .setting import Choice as Choice
from .setting import Option as Option
from .setting import Switch, check, field_of
from .setting import options_of as options_of
from .setting import with_options as with_options

SMOOTHING = 0.1
"""Seconds over which a take is smoothed. Chosen on the demo video: the jitter goes, a kick keeps its height."""
GROUNDING = 1.0
"""0..1, strength of the foot lock of a take; 1 holds a standing foot fully."""


def _region(label: str, what: str) -> Any:
    """A field for the smoothing of one region of the body."""
    word = label.lower()
    return field_of(None, "number", f"Smooth {label}", f"Seconds over which {what} smoothed, in place of Smoothing",
                    unit="s", low=0.0, high=10.0, soft_high=1.0, metavar="S", default_help="as --smoothing", start=0.1,
                    switch=Switch(f"use_smooth_{word}", f"Own {label} Smoothing",
                                  f"Give the smoothing of the {word} instead of that of the whole body"))


def _hold(label: str, what: str) -> Any:
    """A field for how one foot or hand is held on the floor."""
    return field_of("auto", "choice", f"Hold {label}", f"Where {what} is held on the floor", choices=(
        Choice("auto", "Automatic", "Where it is found to touch the floor"),
        Choice("always", "Always", "Wherever it is near the floor"), Choice("never", "Never", "Nowhere")))


@dataclass(frozen=True)
class AnimationSettings:
    """How joints over time become a motion. smoothing, smooth_...: seconds. ground, doubt: 0..1."""

    smoothing: float = field_of(
        SMOOTHING, "number", "Smoothing", "Seconds over which the motion is smoothed; 0 keeps it as it is", unit="s",
        low=0.0, high=10.0, soft_high=1.0, metavar="S", default_help=f"{SMOOTHING:g} for takes, 0 for armatures",
        other_names=(("--smooth", None),))
    ground: float = field_of(
        GROUNDING, "number", "Foot Lock", "Strength with which standing feet are held on the floor, from 0 to 1",
        low=0.0, high=1.0, metavar="0..1", default_help=f"{GROUNDING:g} for takes, 0 for armatures")
    smooth_root: float | None = _region("Root", "the path of the hips is")
    smooth_trunk: float | None = _region("Trunk", "pelvis, spine and shoulders are")
    smooth_head: float | None = _region("Head", "neck and head are")
    smooth_arms: float | None = _region("Arms", "upper arms and forearms are")
    smooth_hands: float | None = _region("Hands", "hands are")
    smooth_legs: float | None = _region("Legs", "legs and feet are")
    left_foot: str = _hold("Left Foot", "the left foot")
    right_foot: str = _hold("Right Foot", "the right foot")
    left_hand: str = _hold("Left Hand", "the left hand")
    right_hand: str = _hold("Right Hand", "the right hand")
    doubt: float = field_of(
        1.0, "number", "Doubt", "Degree to which frames of low confidence weigh less in the smoothing of a take",
        low=0.0, high=1.0, metavar="0..1")
    repair: bool = field_of(
        True, "flag", "Repair Pops", "Bridge moments in which a bone of a take jumps off its way and back")
    bridge: bool = field_of(
        False, "flag", "Bridge Lost Limbs", "Bridge up to half a second in which an arm or a leg of a take is lost")
    limits: bool = field_of(
        True, "flag", "Joint Limits", "Hold joints softly within the range of a human body",
        default_help="on for takes, off for armatures")
    palms: bool = field_of(
        True, "flag", "Turn Palms",
        "Turn hands and forearms of a take as thumb, index and little finger show it; otherwise they follow the elbow")

    def __post_init__(self) -> None:
        check(self)

    @property
    def regions(self) -> dict[str, float]:
        """Name of a region with a smoothing of its own -> seconds."""
        names = ("root", "trunk", "head", "arms", "hands", "legs")
        return {name: value for name in names if (value := getattr(self, f"smooth_{name}")) is not None}


    @property
    def holds(self) -> dict[str, str]:
        """Foot or hand -> how it is held, where that is not automatic."""
        return {limb: mode for limb in ("left_foot", "right_foot", "left_hand", "right_hand")
                if (mode := getattr(self, limb)) != "auto"}


OF_TAKES = AnimationSettings()
"""The defaults for takes, whose joints are noisy."""
OF_ARMATURES = AnimationSettings(0.0, 0.0, repair=False, limits=False)
"""The defaults for armatures, whose motion is clean already."""


@dataclass(frozen=True)
class RetargetSettings:
    """How a motion is fitted to a character.

    scale: size of the character's path, divided by the performer's; None takes the ratio of the legs. turn: radians.
    keep_posture: spine, neck, head, collar bones and soles keep the character's own posture where the performer stands
        at ease; otherwise they point as the performer's joints do, which bends most characters.
    hands, feet: what arms and legs follow; elbows and knees turn for it.
    """

    hands: str = field_of(
        "directions", "choice", "Hands", "Way in which the arms follow the performer",
        choices=(Choice("directions", "Arm Directions", "Arms point as those of the performer; hands follow from that"),
                 Choice("chest", "Reach From Chest", "Wrists are as far from the chest as those of the performer, in "
                        "proportion to the arms: hands that touch still touch"),
                 Choice("space", "Place in Space", "Wrists are where those of the performer are, at the scale of the "
                        "path")))
    feet: str = field_of(
        "directions", "choice", "Feet", "Way in which the legs follow the performer",
        choices=(Choice("directions", "Leg Directions", "Legs point as those of the performer"),
                 Choice("space", "Place in Space", "Feet are where those of the performer are, at the scale of the "
                        "path, so that they do not slide")))
    keep_posture: bool = field_of(
        True, "flag", "Keep Posture",
        "Keep the character's own posture of spine, head and feet where the performer stands at ease",
        other_names=(("--copy-posture", None),))
    twist_bones: bool = field_of(
        False, "flag", "Twist Bones", "Key the twist bones of arms and legs too, so that the skin does not wring")
    relaxed_fingers: bool = field_of(
        True, "flag", "Relaxed Fingers",
        "Curl the fingers as those of a relaxed hand where a take has no fingers, with one key each")
    ground_on_root: bool = field_of(
        False, "flag", "Ground on Root",
        "Move the topmost bone above the hips over the ground, as game engines expect it")
    in_place: bool = field_of(
        False, "flag", "In Place", "Keep the character where it is; only its height above the floor changes")
    turn: float = field_of(
        0.0, "number", "Turn", "Angle by which the whole performance is turned about the vertical", unit=DEGREES,
        soft_low=-math.pi, soft_high=math.pi, metavar="DEG")
    scale: float | None = field_of(
        None, "number", "Stride", "Length of the character's path, divided by that of the performer's path",
        low=1e-4, soft_low=0.01, soft_high=10.0, metavar="X", default_help="by the length of the legs",
        other_names=(("--stride", None),), start=1.0,
        switch=Switch("use_scale", "Set Stride", "Give the scale of the path instead of taking it from the legs"))

    def __post_init__(self) -> None:
        check(self)


BODY_PARTS = (
    Choice("ROOT", "Path", "The body's path through space"),
    Choice("HIPS", "Hips", "The rotation of the pelvis"), Choice("SPINE", "Spine", "Back and chest"),
    Choice("HEAD", "Head", "Neck and head"),
    Choice("LEFT_ARM", "Left Arm", "Collar bone, arm and hand of the left side"),
    Choice("RIGHT_ARM", "Right Arm", "Collar bone, arm and hand of the right side"),
    Choice("LEFT_LEG", "Left Leg", "Leg and foot of the left side"),
    Choice("RIGHT_LEG", "Right Leg", "Leg and foot of the right side"))
PART_GROUPS = {
    "upper": ("SPINE", "HEAD", "LEFT_ARM", "RIGHT_ARM"), "lower": ("ROOT", "HIPS", "LEFT_LEG", "RIGHT_LEG"),
    "arms": ("LEFT_ARM", "RIGHT_ARM"), "legs": ("LEFT_LEG", "RIGHT_LEG")}
"""Names for several parts at once."""


def _check_parts(parts: frozenset[str]) -> None:
    if not parts:
        raise MocapError("no part of the body is chosen; choose at least one under Keys")
    if wrong := sorted(set(parts) - {part.value for part in BODY_PARTS}):
        raise MocapError(f"{wrong[0].lower()!r} is no part of the body; give some of "
                         f"{', '.join([*PART_GROUPS, *(part.value.lower() for part in BODY_PARTS)])}")


@dataclass(frozen=True)
class KeySettings:
    """Which keys are written, and where.

    start_frame: scene frame of the first key; None leaves it at the source's own time.
    blend: frames at both ends of the range over which "INTO" blends the old motion with the new one.
    parts: names of BODY_PARTS; None stands for all. match_ik: "IK" for `limbs` implies it.
    """

    destination: str = field_of(
        "UPDATE", "choice", "Keys Into", "Action to which the keys go", other_names=(("--nla", "NLA"),),
        choices=(Choice("NEW", "New Action", "A new action; the previous one stays in the file"),
                 Choice("UPDATE", "Update", "Replace the keys that this add-on wrote into the active action, and "
                        "nothing else; a new action if it has not made that one from this take"),
                 Choice("INTO", "Range of Action", "Only the frames of the motion, in the active action; its keys "
                        "outside the range stay as they are"),
                 Choice("NLA", "New NLA Track", "A new action on a new NLA track; the active action stays active")))
    start_frame: float | None = field_of(
        None, "number", "Start", "The scene frame of the motion's first frame", unit="frame", metavar="FRAME",
        default_help="at the source's own time", other_names=(("--start", None),), start=1.0,
        switch=Switch("use_start", "Set Start", "Give the frame at which the motion begins"))
    density: str = field_of(
        "DENSE", "choice", "Density", "Number of keys", other_names=(("--keys", None),),
        choices=(Choice("DENSE", "Every Frame", "A key in each frame, for baking and export"),
                 Choice("SPARSE", "Sparse", "As few keys with Bezier handles as the allowed error permits, for editing "
                        "by hand")))
    key_angle: float = field_of(
        0.01745329, "number", "Angle Error", "Largest error of a bone's rotation by sparse keys", unit=DEGREES,
        low=math.radians(0.01), high=math.radians(45.0), metavar="DEG", default_help="1")
    key_distance: float = field_of(
        5.0, "number", "Place Error", "Largest error of the place of a joint by sparse keys, on a person's size",
        unit="mm", low=0.01, high=500.0, metavar="MM")
    gaps: str = field_of(
        "KEEP", "choice", "Gaps", "Keys over long stretches of a take that showed nobody",
        choices=(Choice("KEEP", "Bridged", "The motion is bridged, with keys as elsewhere"),
                 Choice("EMPTY", "No Keys", "Gaps of half a second and longer have no keys, to be keyed by hand")))
    blend: float = field_of(
        0.0, "number", "Blend", "Frames at both ends of the range over which the old motion blends into the new one",
        unit="frame", low=0.0, soft_high=50.0, metavar="N")
    parts: frozenset[str] | None = field_of(
        None, "parts", "Body Parts", "Parts of the body that are keyed", choices=BODY_PARTS, metavar="PART,...",
        default_help="all")
    limbs: str = field_of(
        "FK", "choice", "Play", "Controls that move the limbs of a control rig with both FK and IK",
        choices=(Choice("FK", "FK", "The FK controls play, and the switch is keyed to FK"),
                 Choice("IK", "IK", "The IK controls play, and the switch is keyed to IK; FK is keyed too")))
    match_ik: bool = field_of(
        False, "flag", "Match IK", "Key the IK controls too, so that the IK/FK switch does not change the pose")
    constraints: str = field_of(
        "KEEP", "choice", "Constraints", "Treatment of the constraints of keyed bones",
        choices=(Choice("KEEP", "Keep", "Leave them; a warning names the bones that they keep from following"),
                 Choice("OFF", "Switch Off", "Key their influence to 0 in the action, so that the motion is visible"),
                 Choice("BAKE", "Bake Through", "Key the motion that they produce, and key them off")))
    set_timing: bool = field_of(
        True, "flag", "Set Scene Timing",
        "Give the scene the range of the motion, at the first result of a take on a character only")
    rate: str = field_of(
        "AUTO", "choice", "Rate", "Frame rate of the scene; the motion plays at its original speed in any case",
        choices=(Choice("AUTO", "By the File", "The video's rate in a file without any action, otherwise the scene's"),
                 Choice("SCENE", "Keep Scene's Rate", "The scene's rate stays, and the motion is resampled to it"),
                 Choice("VIDEO", "Use Video's Rate", "The scene takes the rate of the motion's source")))
    source_times: bool = field_of(
        False, "flag", "Source Times",
        "Key the source's own frames, which may lie between the scene's; otherwise keys lie on whole frames")

    def __post_init__(self) -> None:
        check(self)
        if self.parts is not None:
            _check_parts(self.parts)

    @property
    def wants_ik(self) -> bool:
        """Whether IK controls are keyed."""
        return self.match_ik or self.limbs == "IK"
