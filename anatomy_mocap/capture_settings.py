"""The settings of a capture; see `settings`, which has those of all other steps."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from .core.errors import MocapError
from .setting import DEGREES, Choice, OneOf, Switch, check, field_of

EVERYBODY = "all"
"""The value of `person` for everybody in the picture."""
PLACE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)\s*@\s*(\d+)\s*")
"""A place in a video: x and y, pixels of the upright picture, and the number of a frame, from 0."""


def _is_person(value: Any) -> bool:
    return (value in ("largest", EVERYBODY) or isinstance(value, int) and not isinstance(value, bool) and value >= 0
            or isinstance(value, str) and bool(PLACE.fullmatch(value)))


_LENS = OneOf("lens", "Lens", "Description of the camera's lens",
              Choice("ASSUMED", "Not Known", "Assume the usual field of view of a phone"))


@dataclass(frozen=True)
class CaptureSettings:
    """How a video or a keypoint file becomes a take.

    fov: radians. size: (width, height). person: "largest", EVERYBODY, a number, or "x,y@frame" (PLACE).
    """

    person: str | int = field_of(
        "largest", "person", "Person", "Person who is followed where several are visible",
        metavar="largest|all|N|x,y@frame",
        choices=(Choice("LARGEST", "Largest", "The person who fills most of the picture"),
                 Choice("NUMBER", "By Number", "The person with this number; 0 is the largest"),
                 Choice("ALL", "Everybody", "A take of each person, from left to right, in one world")))
    quality: str = field_of(
        "default", "choice", "Quality", "How thoroughly each picture of a video is looked at",
        choices=(Choice("fast", "Fast", "A smaller network, checked by the larger one"),
                 Choice("default", "Default", "The larger network in every frame"),
                 Choice("best", "Best", "The larger network twice in every frame, once mirrored: half as fast")))
    layout: str | None = field_of(
        None, "name", "Keypoint Layout", "Order of the keypoints in a keypoint file that does not name its layout",
        metavar="NAME", choices=(Choice("AUTO", "Recognise", "Recognise the layout from the file"),))
    unit: str = field_of(
        "auto", "choice", "Unit", "Unit of x and y in a keypoint file", choices=(
            Choice("auto", "Recognise", "By the values"), Choice("pixels", "Pixels", "From the top left corner"),
            Choice("shares", "Shares", "Fractions of the picture's size, 0 to 1"),
            Choice("percent", "Percent", "From 0 to 100"), Choice("centred", "Centred", "From -1 to 1 over picture"),
            Choice("screen", "Screen", "From -1 to 1 over the width, y at the same scale, from the middle")))
    third: str = field_of(
        "auto", "choice", "Third Values", "Third value of each keypoint in a file that does not name it", choices=(
            Choice("auto", "Recognise", "By the values"), Choice("score", "Scores", "Confidences of the keypoints"),
            Choice("depth", "Depths", "Depths, which are not used")))
    clip: str | None = field_of(
        None, "text", "Clip", "One of several clips or cameras of a keypoint file, by its name or number from 0",
        metavar="NAME", default_help="the first")
    exact: bool = field_of(
        False, "flag", "Exact Keypoints",
        "The points of a keypoint file are exact (projected markers, or set by hand), not those of a detector")
    size: tuple[int, int] | None = field_of(
        None, "size", "Picture Size", "Size in pixels of the picture to which a keypoint file belongs", unit="px",
        metavar="WxH", start=(1920, 1080),
        switch=Switch("use_size", "Set Picture Size", "Give the picture's size where a keypoint file lacks it"))
    fps: float | None = field_of(
        None, "number", "Frame Rate", "Frames per second of the take", unit="fps", low=0.01, high=1000.0, metavar="F",
        default_help="that of the source", start=30.0,
        switch=Switch("use_fps", "Set Frame Rate", "Use another frame rate than that of the source"))
    shot_fps: float | None = field_of(
        None, "number", "Shot At", "Frames per second at which a slow motion was filmed, for motion at its true speed",
        unit="fps", low=0.01, high=10000.0, metavar="F", default_help="the rate at which the source plays", start=240.0,
        switch=Switch("use_shot_fps", "Slow Motion", "The source plays slower, or faster, than it was filmed"))
    fov: float | None = field_of(
        None, "number", "Field of View", "Angle of view over the longer side of the picture", unit=DEGREES,
        low=math.radians(0.1), high=math.radians(179.9), metavar="DEG", default_help="55", start=math.radians(55.0),
        one_of=_LENS)
    focal: float | None = field_of(
        None, "number", "Focal Length", "Focal length in pixels, as a camera calibration gives it", unit="px",
        low=1.0, metavar="PX", start=1500.0, one_of=_LENS)
    fingers: bool = field_of(
        False, "flag", "Fingers", "Look at the hands of a video too, and capture their fingers")
    height: float | None = field_of(
        None, "number", "Height", "Standing height of the person", unit="m", low=0.3, high=3.0, metavar="M",
        default_help="estimated", start=1.75,
        switch=Switch("use_height", "Known Height", "Give the person's height instead of having it estimated"))
    device: str = field_of(
        "auto", "choice", "Device", "Hardware on which the networks run",
        choices=(Choice("auto", "Automatic", "Use an NVIDIA card if there is a usable one, else the processor"),
                 Choice("cuda", "NVIDIA Card", "Use CUDA; a capture warns if it has to use the processor instead"),
                 Choice("cpu", "Processor", "Use the processor only")))

    def __post_init__(self) -> None:
        check(self)
        if not _is_person(self.person):
            raise MocapError(f"person can't be {self.person!r}; give 'largest', 'all', a number from 0, or x,y@frame")
        if self.fov is not None and self.focal is not None:
            raise MocapError("fov and focal both describe the lens; give only one of them")


READING = ("layout", "size", "unit", "third", "fps", "shot_fps", "clip", "person")
"""Fields of CaptureSettings that say how a keypoint file is read."""
