"""A picture of crowd clips: frames of each with the people's boxes, letters, and how much of them shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22

from ..argument_checks import at_least, results_file
from ..options import option, positional
from .crowd_file import Crowd, crowd_files, load_crowd, video_of
from .video_file import pictures_of

COLOURS = ((255, 70, 60), (60, 130, 255), (40, 210, 90), (250, 200, 40))


@dataclass(frozen=True)
class CrowdSheetSettings:
    """Options of the command crowd-sheet, which needs Pillow."""

    folder: str = positional("folder of crowd clips")
    out: str = option("the picture (.png)")
    each: int = option("frames shown of each clip", 4)
    height: int = option("height of a frame in the picture, pixels", 180)


def draw_crowd_sheet(settings: CrowdSheetSettings) -> None:
    """Draw frames of all clips of a folder. Raises MocapError for unusable settings, and without Pillow."""
    at_least(settings, each=1, height=40)
    if results_file(settings.out).suffix.lower() != ".png":
        raise MocapError(f"--out {settings.out}: give a name that ends in .png")
    try:
        from PIL import Image
    except ImportError as error:
        raise MocapError("Pillow is not installed; pip install pillow") from error
    rows = []
    for path in crowd_files(settings.folder):
        crowd = load_crowd(path)
        frames = np.unique(np.linspace(0, len(crowd) - 1, settings.each + 2).astype(int)[1:-1])
        cells = [_cell(picture, crowd, int(frame), settings.height, path.stem if frame == frames[0] else "")
                 for frame, picture in zip(frames, pictures_of(video_of(path), frames.tolist()), strict=True)]
        rows.append(np.concatenate(cells, axis=1))
    width = max(row.shape[1] for row in rows)
    rows = [np.pad(row, ((0, 2), (0, width - row.shape[1]), (0, 0))) for row in rows]
    half = (len(rows) + 1) // 2
    rows += [np.zeros_like(rows[0])] * (2 * half - len(rows))
    sheet = np.concatenate([np.concatenate(rows[:half]), np.concatenate(rows[half:])], axis=1)
    Image.fromarray(sheet).save(settings.out)


def _cell(picture: np.ndarray, crowd: Crowd, frame: int, height: int, title: str) -> np.ndarray:
    """One frame with boxes, letters, shares of visibility and true joints."""
    from PIL import Image, ImageDraw

    scale = height / picture.shape[0]
    image = Image.fromarray(picture).resize((round(picture.shape[1] * scale), height))
    pen = ImageDraw.Draw(image)
    for person in range(crowd.people):
        if not crowd.present[person, frame]:
            continue
        colour = COLOURS[person % len(COLOURS)]
        box, joints = crowd.boxes[person, frame] * scale, crowd.points_px[person, frame] * scale
        pen.rectangle(tuple(box.tolist()), outline=colour)
        pen.text((box[0] + 2, max(box[1] - 11, 0)), f"{chr(65 + person)} {crowd.visible[person, frame]:.0%}",
                 fill=colour)
        for joint, parent in enumerate(MOCAP22.parents):
            if parent >= 0 and not crowd.hidden[person, frame, joint]:
                pen.line([tuple(joints[joint]), tuple(joints[parent])], fill=colour)
    pen.text((3, height - 12), f"{title} {frame}", fill=(255, 255, 255), stroke_width=1, stroke_fill=(0, 0, 0))
    return np.asarray(image)
