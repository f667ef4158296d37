"""The user's word on what touches the floor, kept in a take: "left_foot 12-40 on".

Frames are scene frames at the take's own rate, as `info` lists them and as keys are set: frame 1 is the source's start.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..core.errors import MocapError
from ..core.soles import LIMBS, PARTS
from ..core.take import Take
from ..scene_frames import FIRST_FRAME, frame_ranges

ON = {"on": True, "off": False}


class ContactEdit(NamedTuple):
    """A part of PARTS or LIMBS touches the floor (on), or does not, from the first to the last scene frame."""

    part: str
    first: int
    last: int
    on: bool


def parse_edit(text: str) -> ContactEdit:
    """An edit from words such as "left_foot 12-40 on" or "seat 7 off". Raises MocapError for anything else."""
    found = re.fullmatch(r"\s*([\w-]+)[\s:]+(\d{1,9})(?:\s*-\s*(\d{1,9}))?[\s:]+(\S+)\s*", text)
    if not found:
        raise MocapError(f'contact {text!r} is not understood; give a part, frames, and on or off, such as '
                         '"left_foot 12-40 on"')
    part, first, last, word = found.groups()
    part, word = part.lower().replace("-", "_"), word.lower()
    if word not in ON:
        raise MocapError(f'contact {text!r}: {word!r} is neither on nor off; write "on" where the part touches the '
                         'floor, and "off" where it does not')
    first, last = int(first), int(last or first)
    _columns(part)
    if last < first:
        raise MocapError(f"contact {text!r}: its last frame {last} is before its first {first}; swap them")
    return ContactEdit(part, first, last, ON[word])


def edit_contacts(take: Take, part: str, first: int, last: int, on: bool) -> Take:
    """The take with the user's word that a part touches the floor, or does not; it beats what was found.

    part: one of PARTS or LIMBS. first, last: scene frames. Frames beyond the take's are left out.
    Raises MocapError for another part, and where no frame of the take is meant.
    """
    columns, rows = _columns(part), _rows(take, first, last)
    edits = _edits(take)
    edits[rows, columns] = 1 if on else -1
    return replace(take, contact_edits=edits)


def clear_contacts(take: Take, part: str | None = None, first: int | None = None, last: int | None = None) -> Take:
    """The take without the user's word on a part, or on all parts, from the first to the last scene frame or in all.

    Raises MocapError as `edit_contacts`.
    """
    columns = range(len(PARTS)) if part is None else _columns(part)
    low, high = int(scene_frame(take, 0)), int(scene_frame(take, len(take) - 1))
    rows = _rows(take, low if first is None else first, high if last is None else last)
    edits = _edits(take)
    edits[rows, list(columns)] = 0
    return replace(take, contact_edits=edits if edits.any() else None)


def contact_edits(take: Take) -> list[ContactEdit]:
    """All that the user has said, in the order of PARTS and of the frames; a foot whose two parts agree is one."""
    edits, found = _edits(take), []
    for name in (*_WHOLE_FEET, *PARTS):
        columns = list(_columns(name))
        values = edits[:, columns[0]] if len(columns) == 1 else np.where(
            edits[:, columns[0]] == edits[:, columns[1]], edits[:, columns[0]], 0)
        for sign in (1, -1):
            for start, stop in _runs(values == sign):
                found.append(ContactEdit(name, int(scene_frame(take, start)), int(scene_frame(take, stop)), sign > 0))
        if len(columns) > 1:
            edits[np.ix_(values != 0, columns)] = 0
    return sorted(found, key=lambda edit: (_order(edit.part), edit.first))


_WHOLE_FEET = tuple(name for name, parts in LIMBS.items() if len(parts) > 1)


def _order(part: str) -> int:
    return PARTS.index(LIMBS[part][0] if part in LIMBS else part)


def edit_text(edit: ContactEdit) -> str:
    """An edit as `parse_edit` reads it."""
    frames = f"{edit.first}" if edit.first == edit.last else f"{edit.first}-{edit.last}"
    return f"{edit.part} {frames} {'on' if edit.on else 'off'}"


def described(take: Take, spans: Mapping[str, list[tuple[int, int]]]) -> dict[str, str]:
    """Part -> its contacts as scene frames, such as "1-20, 34-51". spans: see `touch.take_contacts.intervals`."""
    first = float(take.times[0])
    return {part: frame_ranges([(float(take.times[a]), float(take.times[b])) for a, b in stretches], first, take.fps)
            for part, stretches in spans.items()}


def scene_frame(take: Take, row: int) -> float:
    """The scene frame, a whole one, of a take's frame number `row` from 0."""
    return round(FIRST_FRAME + float(take.times[row]) * take.fps)


def _columns(part: str) -> list[int]:
    if part not in PARTS and part not in LIMBS:
        raise MocapError(f"{part!r} is no part that touches the floor; give one of "
                         f"{', '.join(dict.fromkeys([*_WHOLE_FEET, *PARTS]))}")
    return [PARTS.index(name) for name in LIMBS.get(part, (part,))]


def _rows(take: Take, first: int, last: int) -> slice:
    """The take's frames from one scene frame to another."""
    offset = scene_frame(take, 0)
    low, high = max(int(first - offset), 0), min(int(last - offset), len(take) - 1)
    if low > high:
        raise MocapError(f"frames {first}-{last} are not in the take, which has frames {offset:g} to "
                         f"{scene_frame(take, len(take) - 1):g}; give frames of these")
    return slice(low, high + 1)


def _edits(take: Take) -> np.ndarray:
    return np.zeros((len(take), len(PARTS)), np.int8) if take.contact_edits is None else take.contact_edits.copy()


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return [(int(start), int(stop) - 1) for start, stop in edges.reshape(-1, 2)]
