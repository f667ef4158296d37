"""Draws docs/images/conventions.svg, the picture of the conventions: `python docs/draw_conventions.py`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from anatomy_mocap.core.motion import Motion  # noqa: E402
from anatomy_mocap.core.skeleton import MOCAP22  # noqa: E402
from anatomy_mocap.maths.rotations import about, apply  # noqa: E402

LENGTHS = {"hip": 0.13, "knee": 0.43, "ankle": 0.41, "toe": 0.2, "spine": 0.24, "thorax": 0.27, "neck": 0.17,
           "nose": 0.13, "head": 0.2, "shoulder": 0.2, "elbow": 0.3, "wrist": 0.27, "knuckle": 0.13, "pelvis": 0.0}
COLOURS = {"left": "#1f77b4", "right": "#d62728", "": "#333333"}
AXES = (("X", "#c0392b"), ("Y", "#27ae60"), ("Z", "#2e5cb8"))
WIDTH, HEIGHT, SCALE = 1220, 660, 290


class Picture:
    """Collects SVG elements; all coordinates are in pixels."""

    def __init__(self):
        self.parts = []

    def line(self, start, end, colour, width=3.0, head=False, dash=""):
        marker = f' marker-end="url(#{colour[1:]})"' if head else ""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" '
                          f'stroke="{colour}" stroke-width="{width}" stroke-linecap="round"{marker}{dashes}/>')

    def text(self, at, words, size=14, colour="#222222", anchor="start", weight="normal"):
        self.parts.append(f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{size}" fill="{colour}" '
                          f'text-anchor="{anchor}" font-weight="{weight}">{words}</text>')

    def joint(self, at, index, colour):
        self.parts.append(f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="11" fill="white" stroke="{colour}" '
                          'stroke-width="2"/>')
        self.text((at[0], at[1] + 4.5), index, 12, colour, "middle", "bold")

    def triad(self, at, ends, names):
        """Draw arrows of the three axes. An end of length 0 is an axis that points at the reader."""
        for (name, (_, colour)), end in zip(zip(names, AXES, strict=True), ends, strict=True):
            tip = (at[0] + end[0], at[1] + end[1])
            self.line(at, tip, colour, 2.5, head=True)
            self.text((tip[0] + 0.28 * end[0] + 2, tip[1] + 0.28 * end[1] + 5), name, 14, colour, "middle", "bold")

    def save(self, path: Path):
        markers = "".join(
            f'<marker id="{colour[1:]}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="5" markerHeight="5" '
            f'orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="{colour}"/></marker>' for _, colour in AXES)
        path.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
            f'<defs>{markers}</defs><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n'
            + "\n".join(self.parts) + "\n</svg>\n", encoding="utf-8")


def body(**turns) -> Motion:
    """Return the rest pose with some bones turned: name=(axis, degrees)."""
    rotations = np.tile((1.0, 0, 0, 0), (1, len(MOCAP22), 1))
    for name, (axis, degrees) in turns.items():
        rotations[0, MOCAP22.index(name)] = about(np.array(axis, float), np.radians(degrees))
    lengths = np.array([LENGTHS[name.rpartition("_")[2]] for name in MOCAP22.joint_names])
    return Motion(MOCAP22, rotations, np.zeros((1, 3)), lengths, 30.0)


def colour_of(name: str) -> str:
    side = name.partition("_")[0]
    return COLOURS.get(side, COLOURS[""])


def draw_rest(picture: Picture, origin) -> None:
    """Draw the T-pose from the front. The reader looks along +Y, as the camera does."""
    points = body().joint_positions()[0]
    # A slight view from above makes feet and nose visible, which point at the reader.
    flat = np.array([origin[0], origin[1]]) + SCALE * np.stack([points[:, 0], -points[:, 2] - 0.6 * points[:, 1]], -1)
    for joint, parent in enumerate(MOCAP22.parents):
        if parent >= 0:
            picture.line(flat[parent], flat[joint], colour_of(MOCAP22.joint_names[joint]), 4)
    for joint, name in enumerate(MOCAP22.joint_names):
        picture.joint(flat[joint], joint, colour_of(name))
    thigh = (flat[1] + flat[2]) / 2
    picture.line((thigh[0] - 8, thigh[1]), (thigh[0] - 70, thigh[1] - 10), "#888888", 1.2)
    picture.text((thigh[0] - 76, thigh[1] - 22), "bone 2, right_knee:", 14, anchor="end")
    picture.text((thigh[0] - 76, thigh[1] - 4), "the right thigh", 14, anchor="end")
    picture.text((origin[0], 34), "Rest pose, seen from the front", 17, anchor="middle", weight="bold")
    picture.triad((origin[0] - 320, origin[1] + 235), ((62, 0), (17, -22), (0, -62)), "XYZ")
    picture.text((origin[0] - 345, origin[1] + 264), "world", 14)


def draw_names(picture: Picture, left: float) -> None:
    """Draw the list of joints."""
    picture.text((left, 34), "Bone j ends at joint j", 17, weight="bold")
    for joint, (name, parent) in enumerate(zip(MOCAP22.joint_names, MOCAP22.parents, strict=True)):
        words = "root" if parent < 0 else f"from {parent}"
        picture.text((left + 20, 62 + 25 * joint), joint, 14, colour_of(name), "end", "bold")
        picture.text((left + 30, 62 + 25 * joint), name, 14, colour_of(name))
        picture.text((left + 150, 62 + 25 * joint), words, 13, "#777777")


def draw_leg(picture: Picture, origin) -> None:
    """Draw a bent leg from its left side with the axes of each bone's world rotation (identity in the rest pose)."""
    motion = body(right_knee=((1, 0, 0), -60), right_ankle=((1, 0, 0), 15), right_toe=((1, 0, 0), -10))
    points = motion.joint_positions()[0]

    def seen(vector):
        return np.array([vector[1] - 0.35 * vector[0], -vector[2] + 0.3 * vector[0]])

    names = ("right_hip", "right_knee", "right_ankle", "right_toe")
    start = points[MOCAP22.index("right_hip")]
    flat = {name: np.array(origin) + SCALE * seen(points[MOCAP22.index(name)] - start) for name in names}
    for name, parent in zip(names[1:], names[:-1], strict=True):
        joint = MOCAP22.index(name)
        picture.line(flat[parent], flat[name], COLOURS["right"], 4)
        middle = (flat[parent] + flat[name]) / 2
        for axis, (_, colour) in zip(np.eye(3), AXES, strict=True):
            picture.line(middle, middle + 42 * seen(apply(motion.rotations[0, joint], axis)), colour, 2.2, head=True)
    for name in names:
        picture.joint(flat[name], MOCAP22.index(name), COLOURS["right"])
    picture.text((origin[0] - 30, 34), "Each bone's own axes", 17, anchor="middle", weight="bold")
    picture.text((origin[0] - 30, 54), "Motion.rotations[t, j]: world &#8592; rest", 13, "#777777", "middle")


def draw_camera(picture: Picture, origin) -> None:
    """Draw the camera's axes."""
    x, y = origin
    picture.parts.append(f'<rect x="{x - 24}" y="{y - 16}" width="48" height="32" fill="#eeeeee" stroke="#555555"/>')
    picture.triad((x, y), ((62, 0), (0, 62), (-40, -40)), ("x", "y", "z"))
    picture.text((x + 40, y + 40), "camera: x right,", 14)
    picture.text((x + 40, y + 58), "y down, z forward", 14)


def main() -> None:
    """Draw and write the picture."""
    picture = Picture()
    draw_rest(picture, (350, 330))
    draw_names(picture, 680)
    draw_leg(picture, (1110, 150))
    draw_camera(picture, (1010, 500))
    target = ROOT / "docs" / "images" / "conventions.svg"
    target.parent.mkdir(exist_ok=True)
    picture.save(target)
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
