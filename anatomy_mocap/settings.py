"""The options of every step, as dataclasses of plain values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .core.errors import MocapError

SMOOTHING = 0.1
"""Seconds over which the motion is smoothed."""
GROUNDING = 1.0
"""0..1, how firmly standing feet are held on the floor."""


@dataclass(frozen=True)
class CaptureSettings:
    """What the user may say about a capture.

    person: "largest", or the number of the person (0 is the largest in the first frame with people, or the longest
        track of a keypoint file).
    layout: the keypoint layout of a keypoint file; None recognises it.
    fps: frame rate of the take; None keeps the source's own. For an image sequence: the rate it was shot at.
    fov: field of view over the picture's longer side, radians; focal: the same as a focal length in pixels.
    height: the person's standing height, metres; None lets the network judge.
    exact: the points of a keypoint file are exact - projected markers, or set by hand - and no detector's; a video's
        take warns and goes on.
    size: (width, height) pixels of the picture a keypoint file was made from, where the file does not tell.
    device: "auto", "cuda" or "cpu".
    """

    person: str | int = "largest"
    layout: str | None = None
    fps: float | None = None
    fov: float | None = None
    focal: float | None = None
    height: float | None = None
    size: tuple[int, int] | None = None
    exact: bool = False
    device: str = "auto"

    def __post_init__(self) -> None:
        usable = {"fps": (lambda value: 0 < value <= 1000, "positive and at most 1000"),
                  "fov": (lambda value: 0 < value < np.pi, "between 0 and 180 degrees"),
                  "focal": (lambda value: 0 < value < np.inf, "positive"),
                  "height": (lambda value: 0.3 <= value <= 3.0, "from 0.3 to 3 metres")}
        for name, (fits, words) in usable.items():
            value = getattr(self, name)
            if value is not None and not fits(value):
                raise MocapError(f"{name}: {value:g} is not usable; give a value {words}")
        if self.fov is not None and self.focal is not None:
            raise MocapError("fov and focal say the same thing twice; give only one of them")


@dataclass(frozen=True)
class RetargetSettings:
    """What the user may choose.

    scale: character's size / performer's for the path through space; None takes it from the legs.
    turn: radians about the vertical by which the whole performance is turned.
    in_place: the hips stay above where they begin (their height still changes).
    keep_posture: spine, neck, head, collar bones and soles keep the character's own carriage where the performer stands
        at ease; otherwise they, too, point as the performer's joints do, which bends most characters oddly.
    hands: "directions": arms point as the performer's. "chest": the wrists are as far from the chest as the
        performer's, by the arms' length, so that hands meet. "space": they are in the performer's place, at the scale
        of the path. Elbows turn for it.
    feet: "directions", or "space": ankles are in the performer's place, at the scale of the path; knees turn for it.
    twist_bones: twist bones take their share of a limb's twist and are keyed too. Off, only mapped bones are keyed.
    ground_on_root: the topmost bone above the hips takes the way over the ground, the hips the rest of the path.
    """

    scale: float | None = None
    turn: float = 0.0
    in_place: bool = False
    keep_posture: bool = True
    hands: str = "directions"
    feet: str = "directions"
    twist_bones: bool = False
    ground_on_root: bool = False

    def __post_init__(self):
        for name, allowed in (("hands", ("directions", "chest", "space")), ("feet", ("directions", "space"))):
            if getattr(self, name) not in allowed:
                raise MocapError(f"{name} can't be {getattr(self, name)!r}; choose one of {', '.join(allowed)}")
