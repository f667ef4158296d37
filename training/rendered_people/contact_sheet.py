"""A picture of rendered clips with the true and the detected joints drawn over their frames."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22

from ..argument_checks import at_least, results_file
from ..mocap.dataset import load_mocap, split
from ..options import option
from .clip_file import RenderedClip
from .clip_plan import OF_TRAINING, SETS, plan_clip
from .motions import Motions
from .produce import make_clip
from .scene import check_blender

TRUE, SEEN, HIDDEN = (40, 230, 90), (255, 60, 60), (250, 200, 40)


@dataclass(frozen=True)
class SheetSettings:
    """Options of the command render-sheet, which needs Pillow."""

    data: str = option("the motion set (.npz)")
    bodies: str = option("folder of MakeHuman's base.obj")
    rig: str = option("MakeHuman's rig.mixamo.json")
    out: str = option("the picture (.png)")
    clips: str = option("the clips as set:number, separated by commas",
                        "validation:0,validation:1,loose:1,validation:2,loose:2,validation:4,"
                        "validation:27,poses:0,poses:2,poses:3,poses:4,poses:11")
    each: int = option("frames shown of each clip", 3)
    frames: int = option("frames of a clip at most", 30)
    seed: int = option("seed of the sets", 1)


def draw_sheet(settings: SheetSettings) -> None:
    """Render the clips again and draw some frames of each, side by side; green: true, yellow: hidden, red: detected.

    Raises MocapError for unusable settings, and without Pillow or Blender, before any work.
    """
    at_least(settings, each=1, frames=1, seed=0)
    chosen = _chosen(settings.clips)
    if results_file(settings.out).suffix.lower() != ".png":
        raise MocapError(f"--out {settings.out}: give a name that ends in .png")
    check_blender()
    try:
        from PIL import Image
    except ImportError as error:
        raise MocapError("Pillow is not installed; pip install pillow") from error

    train, held_out = split(load_mocap(settings.data))
    rows = []
    for name, number in chosen:
        motions = Motions(train if name in OF_TRAINING else held_out)
        plan = plan_clip(name, number, settings.seed, motions, settings.frames)
        pictures: list[np.ndarray] = []
        clip = make_clip(plan, motions, Path(settings.bodies), Path(settings.rig), saw=pictures.append)
        frames = np.linspace(0, len(clip) - 1, settings.each + 2).astype(int)[1:-1]
        rows.append(np.concatenate([_cell(pictures[frame], clip, frame) for frame in frames], axis=1))
    half = (len(rows) + 1) // 2
    rows += [np.zeros_like(rows[0])] * (2 * half - len(rows))
    sheet = np.concatenate([np.concatenate(rows[:half]), np.concatenate(rows[half:])], axis=1)
    Image.fromarray(sheet).quantize(128).save(settings.out)


def _chosen(text: str) -> list[tuple[str, int]]:
    """Set and number of each of "set:number,set:number"; the first of a set without a number."""
    parts = [part.strip().partition(":") for part in text.split(",")]
    for name, _, number in parts:
        if name not in SETS or not (number or "0").isdecimal():
            raise MocapError(f"--clips {text}: {name}:{number} is not a clip; give set:number, separated by commas; "
                             f"the sets are {', '.join(SETS)}")
    return [(name, int(number or 0)) for name, _, number in parts]


def _cell(picture: np.ndarray, clip: RenderedClip, frame: int, side: int = 300) -> np.ndarray:
    """(side, side, 3) around the person, with bones."""
    from PIL import Image, ImageDraw

    joints, seen = clip.points_px[frame, : len(MOCAP22)], clip.canonical().xy[frame]
    low, high = joints.min(axis=0), joints.max(axis=0)
    reach = 0.62 * float((high - low).max()) + 10
    corner, scale = (low + high) / 2 - reach, side / (2 * reach)
    image = Image.fromarray(picture).crop((*corner, *(corner + 2 * reach))).resize((side, side))
    pen = ImageDraw.Draw(image)
    joints, seen = (joints - corner) * scale, (seen - corner) * scale
    for joint, parent in enumerate(MOCAP22.parents):
        if parent >= 0:
            pen.line([tuple(joints[joint]), tuple(joints[parent])], fill=TRUE, width=1)
        _dot(pen, joints[joint], 2, HIDDEN if clip.hidden[frame, joint] else TRUE)
    if clip.detected[frame]:
        names = CANONICAL.keypoint_names
        for index, name in enumerate(names):
            _dot(pen, seen[index], 2, SEEN if not name.startswith("left") else (80, 120, 255))
    return np.asarray(image)


def _dot(pen, at: np.ndarray, radius: int, colour) -> None:
    pen.ellipse((*(at - radius), *(at + radius)), outline=colour, width=2)
