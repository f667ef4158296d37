"""Draw docs/images/rooms.svg: the rooms of anatomy_mocap along the way of the data. `python docs/draw_rooms.py`

The words in the boxes are the first sentence of each room's docstring, the lines are the imports between modules of
different rooms. A room without a place, or a kind of data that no module defines, stops the script.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "anatomy_mocap"
PICTURE = ROOT / "docs" / "images" / "rooms.svg"

# The rooms along the way, each with the data that it hands on. Words in lower case are no class of the program.
WAY = (("sources", "frames"), ("people", "Keypoints2D"), ("lifting", "Lifted"), ("fitting", "Take"),
       ("touch", "Take"), ("animation", "Motion"), ("retargeting", "BoneKeys"),
       ("blender", "keys on your character"))
# Rooms beside the way, with the room next to which each is drawn.
BESIDE = {"printing": "sources", "networks": "people", "measuring": "lifting", "hands": "fitting", "rigs": "animation",
          "bone_maps": "retargeting", "sparse_keys": "blender"}
BASE = ("core", "maths")
CHAINS = ("pipeline",)
INPUT = "a video, pictures, or a keypoint file"

WIDTH, LEFT, BOX, HIGH, GAP = 980, 74, 540, 84, 36
SIDE, SIDE_BOX = 690, 262
TOP = 54
INK, SOFT, LINE = "#1f2937", "#55606e", "#9aa4b2"
FILL = {"way": ("#e8f1fd", "#3b78c3"), "beside": ("#eef7ea", "#5a9a3c"), "base": ("#f6f0e4", "#b08a3e")}


def rooms() -> list[str]:
    """The folders of the package that hold modules."""
    return sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def sentence(room: str) -> str:
    """The first sentence of a room's docstring without "Room x:"; empty where it only repeats the name."""
    text = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))) or ""
    first = re.split(r"(?<=[.!?])\s", " ".join(text.split("\n\n")[0].split()), maxsplit=1)[0]
    first = re.sub(rf"^Room {room}: *", "", first).replace("`", "")
    return "" if first.strip(".").lower() == room else first[:1].upper() + first[1:]


def imported_rooms(path: Path) -> set[str]:
    """The names at the package's top that one module imports from, lazy and type-checking imports included."""
    here, found = path.relative_to(PACKAGE).parts[:-1], set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*here[:len(here) - node.level + 1], *(node.module or "").split(".")]
            heads = [base[0]] if base[0] else [alias.name for alias in node.names]
            found.update(heads)
    return found


def imports_of(name: str) -> set[str]:
    """The rooms that a room, or a module at the package's top, imports from."""
    folder = PACKAGE / name
    paths = sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{name}.py"]
    return set().union(*map(imported_rooms, paths)) & set(rooms()) - {name}


def check() -> None:
    """Stop where the tree has what the picture lacks, or the picture what the program lacks."""
    drawn = {room for room, _ in WAY} | set(BESIDE) | set(BASE)
    if drawn != set(rooms()):
        sys.exit(f"draw_rooms.py: rooms without a place, or places without a room: {sorted(drawn ^ set(rooms()))}")
    source = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    for _, data in WAY:
        if data[0].isupper() and not re.search(rf"^class {data}\b", source, re.MULTILINE):
            sys.exit(f"draw_rooms.py: no class {data} in anatomy_mocap; change WAY")


def box(x: float, y: float, width: float, height: float, kind: str) -> str:
    """A rounded rectangle."""
    fill, edge = FILL[kind]
    return (f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="9" fill="{fill}" stroke="{edge}" '
            'stroke-width="1.6"/>')


def words(x: float, y: float, text: str, size: float = 14.5, colour: str = INK, more: str = "") -> str:
    """One line of text."""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" {more}>{escape(text)}</text>'


def path(points: str, colour: str, width: float, more: str = "") -> str:
    """An open line."""
    return f'<path d="{points}" fill="none" stroke="{colour}" stroke-width="{width}" {more}/>'


def room_box(room: str, x: float, y: float, width: float, kind: str, letters: int) -> list[str]:
    """A room: name, the lower rooms that it imports, and its sentence in at most three lines."""
    parts = [box(x, y, width, HIGH, kind), words(x + 14, y + 25, room, 18, INK, 'font-weight="bold"')]
    low = [name for name in BASE if name in imports_of(room)]
    if low and kind != "base":
        parts.append(words(x + width - 12, y + 23, "uses " + ", ".join(low), 12.5, SOFT, 'text-anchor="end"'))
    lines = textwrap.wrap(sentence(room), letters, max_lines=3, placeholder=" ...")
    size, step = (12.5, 15.5) if width < BOX else (13.5, 17)
    return parts + [words(x + 14, y + 45 + step * number, line, size, SOFT) for number, line in enumerate(lines)]


def rows() -> dict[str, float]:
    """Room -> the top of its box; rooms beside the way stand next to theirs."""
    top = {room: TOP + number * (HIGH + GAP) for number, (room, _) in enumerate(WAY)}
    return top | {room: top[other] for room, other in BESIDE.items()}


def uses(top: dict[str, float]) -> list[str]:
    """Lines from the rooms along the way to the rooms beside it that they import, and between these."""
    parts = []
    for side in BESIDE:
        for room, _ in WAY:
            if side in imports_of(room):
                shift = 14 * (top[room] - top[side]) / (HIGH + GAP) / 3
                start, end = top[room] + HIGH / 2, top[side] + HIGH / 2 + shift
                x = LEFT + BOX
                parts.append(path(f"M{x},{start:.0f} C{x + 42},{start:.0f} {SIDE - 42},{end:.0f} {SIDE - 4},{end:.0f}",
                                  LINE, 1.5, 'stroke-dasharray="5 4" marker-end="url(#use)"'))
        for other in BESIDE:
            if other in imports_of(side):
                x, start, end = SIDE + SIDE_BOX / 2, top[side], top[other] + HIGH
                parts.append(path(f"M{x},{start} L{x},{end + 5}", LINE, 1.5,
                                  'stroke-dasharray="5 4" marker-end="url(#use)"'))
    return parts


def flow(top: dict[str, float]) -> list[str]:
    """The thick arrows of the data with its names."""
    x, parts = LEFT + 60, []
    arrow = 'marker-end="url(#data)"'
    parts += [words(LEFT, 26, INPUT, 15, INK, 'font-style="italic"'),
              words(SIDE, 26, "solid arrows: data; dashed: imports", 12.5, SOFT),
              path(f"M{x},34 L{x},{TOP - 8}", FILL["way"][1], 3, arrow)]
    for room, data in WAY:
        below = top[room] + HIGH
        parts += [path(f"M{x},{below + 2} L{x},{below + GAP - 8}", FILL["way"][1], 3, arrow),
                  words(x + 16, below + GAP / 2 + 5, data, 15, INK, 'font-weight="bold"')]
    # A keypoint file enters after `people`.
    start, end, far = top["sources"] + HIGH, top["lifting"], LEFT + BOX - 60
    parts += [path(f"M{far},{start + 2} L{far},{start + GAP / 2} L{far + 76},{start + GAP / 2} "
                   f"L{far + 76},{end - GAP / 2} L{far},{end - GAP / 2} L{far},{end - 8}", FILL["way"][1], 2.2, arrow),
              words(far - 12, start + GAP / 2 + 5, "Keypoints2D of a file", 13, INK, 'text-anchor="end"')]
    return parts


def chains(top: dict[str, float]) -> list[str]:
    """A bar on the left beside the rooms that `pipeline` chains."""
    parts = []
    for module in CHAINS:
        spanned = [top[room] for room, _ in WAY if room in imports_of(module)]
        first, last, x = min(spanned), max(spanned) + HIGH, LEFT - 18
        middle = (first + last) / 2
        parts += [path(f"M{x + 8},{first} L{x},{first} L{x},{last} L{x + 8},{last}", LINE, 2),
                  f'<text transform="translate({x - 10},{middle:.0f}) rotate(-90)" text-anchor="middle" '
                  f'font-size="14" fill="{SOFT}">{module} chains these</text>']
    return parts


def picture() -> str:
    """The whole picture as SVG."""
    top = rows()
    base_top = top[WAY[-1][0]] + HIGH + GAP + 26
    height = base_top + HIGH + 22
    parts = [*uses(top), *flow(top), *chains(top)]
    for room, _ in WAY:
        parts += room_box(room, LEFT, top[room], BOX, "way", 72)
    for room in BESIDE:
        parts += room_box(room, SIDE, top[room], SIDE_BOX, "beside", 35)
    half = (SIDE + SIDE_BOX - LEFT - 20) / 2
    for number, room in enumerate(BASE):
        parts += room_box(room, LEFT + number * (half + 20), base_top, half, "base", 64)
    heads = "".join(
        f'<marker id="{name}" viewBox="0 0 8 8" refX="5" refY="4" markerWidth="{size}" markerHeight="{size}" '
        f'orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="{colour}"/></marker>'
        for name, size, colour in (("data", 4.5, FILL["way"][1]), ("use", 6, LINE)))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
            f'font-family="Helvetica, Arial, sans-serif"><defs>{heads}</defs>'
            f'<rect width="{WIDTH}" height="{height:.0f}" rx="14" fill="#ffffff" stroke="#d0d7de"/>\n'
            + "\n".join(parts) + "\n</svg>\n")


if __name__ == "__main__":
    check()
    PICTURE.write_text(picture(), encoding="utf-8")
    print(f"wrote {PICTURE.relative_to(ROOT)}")
