"""Draw docs/images/contacts.png: a foot's height and speed over time, with true, rule's and network's contacts.

    python docs/draw_contacts.py --data SET [--cache out/motion]

The takes are those of `benchmarks.motion`. The grey lines are the recording, the blue ones the take before grounding.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from anatomy_mocap.animation.animate import animate_and_tell  # noqa: E402
from anatomy_mocap.core.soles import foot_points  # noqa: E402
from anatomy_mocap.maths.smooth_series import smooth_series  # noqa: E402
from anatomy_mocap.settings import SMOOTHING  # noqa: E402
from benchmarks.motion_clips import simulated  # noqa: E402
from training.mocap.dataset import load_mocap, split  # noqa: E402

CLIPS = (("walk", "69_69.1", 0.0, 5.0), ("run", "09_01.1", 0.0, 5.0), ("lie", "lie0.1", 0.0, 12.0))
"""Kind, name, first and last second of each row."""
WIDE, HIGH, LEFT, GAP, BAR = 1000, 120, 110, 34, 14
HEIGHT_TOP, SPEED_TOP = 0.4, 4.0
"""Metres and metres a second at the top of a plot."""
TRUE, FOUND, RULE = (110, 110, 110), (31, 98, 180), (205, 110, 30)


def lowest(joints: np.ndarray, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """(T,) height and speed of the left foot's lower end."""
    points = smooth_series(foot_points(joints)[:, 0], 0.06, fps)
    speed = np.linalg.norm(np.gradient(points, 1 / fps, axis=0), axis=-1)
    lower = points[..., 2].argmin(axis=1)
    rows = np.arange(len(points))
    return points[rows, lower, 2], speed[rows, lower]


def row(truth, take, span: tuple[float, float]) -> dict:
    """What one row of the picture shows, within `span` seconds."""
    part = slice(int(span[0] * take.fps), min(int(span[1] * take.fps), len(take)))
    network = animate_and_tell(take, SMOOTHING)
    rule = animate_and_tell(replace(take, contacts=None), SMOOTHING)
    true_lines, lines = lowest(truth.joints, take.fps), lowest(network.motion.joint_positions(), take.fps)
    return {"kind": truth.kind, "seconds": (part.stop - part.start) / take.fps,
            "height": (true_lines[0][part], lines[0][part]), "speed": (true_lines[1][part], lines[1][part]),
            "bars": [("true", TRUE, truth.feet[part, 0].any(axis=-1)), ("rule", RULE, rule.contacts.feet[part, 0]),
                     ("network", FOUND, network.contacts.feet[part, 0])]}


def font(size: int) -> ImageFont.ImageFont:
    return ImageFont.load_default(size)


def plot(draw: ImageDraw.ImageDraw, top: int, name: str, unit: str, highest: float, lines) -> None:
    """One plot with its axis."""
    draw.rectangle((LEFT, top, LEFT + WIDE, top + HIGH), outline=(200, 200, 200))
    for value in (0.0, highest / 2, highest):
        y = top + HIGH * (1 - value / highest)
        draw.line((LEFT, y, LEFT + WIDE, y), fill=(235, 235, 235))
        draw.text((LEFT - 8, y), f"{value:g}", fill=TRUE, font=font(13), anchor="rm")
    draw.text((8, top + 12), name, fill=(30, 30, 30), font=font(15), anchor="lm")
    draw.text((8, top + 30), unit, fill=TRUE, font=font(13), anchor="lm")
    for values, colour, width in zip(lines, (TRUE, FOUND), (2, 3), strict=True):
        x = LEFT + WIDE * np.arange(len(values)) / max(len(values) - 1, 1)
        y = top + HIGH * (1 - np.clip(values / highest, 0, 1))
        draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=colour, width=width)


def picture(rows: list[dict]) -> Image.Image:
    """All rows below each other."""
    each = 2 * HIGH + 3 * (BAR + 6) + 2 * GAP + 10
    image = Image.new("RGB", (LEFT + WIDE + 20, 30 + each * len(rows)), "white")
    draw = ImageDraw.Draw(image)
    draw.text((LEFT, 16), "left foot: grey recorded, blue lifted; bars: in contact", fill=(30, 30, 30), font=font(15),
              anchor="lm")
    for number, one in enumerate(rows):
        top = 30 + number * each
        draw.text((LEFT, top + 12), f"{one['kind']}, {one['seconds']:.1f} s", fill=(30, 30, 30), font=font(17),
                  anchor="lm")
        plot(draw, top + 26, "height", "m", HEIGHT_TOP, one["height"])
        plot(draw, top + 36 + HIGH, "speed", "m/s", SPEED_TOP, one["speed"])
        bars = top + 42 + 2 * HIGH
        for place, (name, colour, contact) in enumerate(one["bars"]):
            y = bars + place * (BAR + 6)
            draw.text((LEFT - 8, y + BAR / 2), name, fill=(30, 30, 30), font=font(14), anchor="rm")
            for frame in np.flatnonzero(contact):
                x = LEFT + WIDE * np.array([frame - 0.5, frame + 0.5]) / max(len(contact) - 1, 1)
                draw.rectangle((max(x[0], LEFT), y, min(x[1], LEFT + WIDE), y + BAR), fill=colour)
    return image


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="motion set (.npz)")
    parser.add_argument("--cache", type=Path, default=Path("out/motion"), help="folder of the lifted takes")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images" / "contacts.png", help="the picture")
    given = parser.parse_args()
    _, held_out = split(load_mocap(given.data))
    found = {}
    for truth, take in simulated(held_out, given.cache, False, tuple(kind for kind, *_ in CLIPS), None):
        for _, name, first, last in CLIPS:
            if truth.name == name:
                found[name] = row(truth, take, (first, last))
    picture([found[name] for _, name, _, _ in CLIPS]).save(given.out, optimize=True)


if __name__ == "__main__":
    main()
