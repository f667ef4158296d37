"""A picture of validation clips: the 2D that goes in, and the 3D that comes out beside the truth, from two sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.whole_file import written_whole
from anatomy_mocap.lifting.lift import lift

from ..argument_checks import at_least, results_file
from ..mocap.dataset import load_split
from ..simulate.simulate_clip import CAMERAS, SimulatedClip, simulate_clip

CELL, MARGIN = 220, 24
_TRUE, _LEFT, _RIGHT, _MIDDLE = "#b9b9b9", "#d1495b", "#2a6fbb", "#333333"
_LIMBS = (("shoulder", "elbow"), ("elbow", "wrist"), ("wrist", "knuckle"), ("hip", "knee"), ("knee", "ankle"),
          ("ankle", "toe"), ("ankle", "heel"), ("shoulder", "hip"))


@dataclass(frozen=True)
class PictureSettings:
    """data: the motion set. out: the picture, .png. clips: how many, spread over the validation set. seed: of the
    frames and noise."""

    data: str
    out: str
    clips: int = 8
    seed: int = 1


def draw_clips(settings: PictureSettings, say=print) -> None:
    """One column a clip: keypoints, the camera's view and the view from the side, of the frame of median error."""
    from PIL import Image, ImageDraw

    at_least(settings, clips=1, seed=0)
    out = results_file(settings.out)
    _, held_out = load_split(settings.data)
    chosen = np.linspace(0, len(held_out) - 1, settings.clips).round().astype(int)
    picture = Image.new("RGB", (CELL * len(chosen), 3 * CELL + MARGIN), "white")
    draw = ImageDraw.Draw(picture)
    for column, clip in enumerate(chosen):
        simulated = simulate_clip(held_out, int(clip), column % len(CAMERAS), seed=settings.seed)
        say(_draw_column(draw, column * CELL, simulated))
    with written_whole(out, "picture") as partial:
        picture.save(partial, "PNG")


def _draw_column(draw, left: int, clip: SimulatedClip) -> str:
    lifted = drain(lift(clip.keypoints, clip.camera, "cpu"))
    found = MOCAP22.joint_positions(lifted.bone_lengths, lifted.directions, np.zeros(3))
    error = np.linalg.norm(found - clip.joints, axis=-1).mean(axis=1)
    frame = int(np.argsort(error)[len(error) // 2])
    name = f"{clip.name}  {1000 * error[frame]:.0f} mm"
    draw.text((left + 8, 6), name, fill="black")
    _draw_keypoints(draw, left, MARGIN, clip.keypoints.xy[frame], clip.keypoints.score[frame])
    for row, axes in enumerate(((0, 1), (2, 1)), start=1):
        top = MARGIN + row * CELL
        _draw_skeleton(draw, left, top, clip.joints[frame][:, axes], (_TRUE,) * 3, 5)
        _draw_skeleton(draw, left, top, found[frame][:, axes], (_LEFT, _RIGHT, _MIDDLE), 2)
    return f"{name}, frame {frame} of {len(error)}"


def _draw_keypoints(draw, left: int, top: int, xy: np.ndarray, score: np.ndarray) -> None:
    seen = score > 0
    low, high = xy[seen].min(axis=0), xy[seen].max(axis=0)
    scale = (CELL - 30) / max(high - low)
    at = (xy - (low + high) / 2) * scale + (left + CELL / 2, top + CELL / 2)
    names = CANONICAL.keypoint_names
    for side, colour in (("left", _LEFT), ("right", _RIGHT)):
        for a, b in _LIMBS:
            i, j = names.index(f"{side}_{a}"), names.index(f"{side}_{b}")
            if seen[i] and seen[j]:
                draw.line((*at[i], *at[j]), fill=colour, width=1)
    for point, sure in zip(at[seen], score[seen], strict=True):
        radius = 1 + 2 * sure
        draw.ellipse((*(point - radius), *(point + radius)), fill=_MIDDLE)


def _draw_skeleton(draw, left: int, top: int, joints: np.ndarray, colours: tuple[str, str, str], width: int) -> None:
    """joints: (22, 2) metres, y down."""
    at = joints * (CELL / 2.3) + (left + CELL / 2, top + CELL / 2)
    for joint, parent in enumerate(MOCAP22.parents):
        if parent >= 0:
            side = MOCAP22.joint_names[joint].partition("_")[0]
            colour = colours[("left", "right").index(side)] if side in ("left", "right") else colours[2]
            draw.line((*at[parent], *at[joint]), fill=colour, width=width)
