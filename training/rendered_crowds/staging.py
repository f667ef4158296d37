"""The people of a crowd clip in one world: bodies, clothes, and where each point is in each frame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from ..rendered_people.clothes import Surface, dress
from ..rendered_people.filming import facing
from ..rendered_people.motions import Motions
from ..rendered_people.person import Person, build_person
from ..rendered_people.posing import Posed, floor_shift, pose
from .cast import FACING
from .crowd_plan import Actor, Part
from .movements import recorded, slid, turned

_ON_THE_FLOOR = ("lie", "handstand", "roll")
"""Movements whose lowest point touches the floor in every frame."""


@dataclass(frozen=True)
class Staged:
    """One person over the clip's T frames. vertices: (T, M, 3) float32 of the surface, points: (T, P, 3), both world,
    metres; 0 in frames outside of `present` (T,)."""

    person: Person
    surface: Surface
    vertices: np.ndarray
    points: np.ndarray
    present: np.ndarray


def stage(actor: Actor, motions: Motions, frames: int, fps: float, bodies: Path, rig: Path) -> Staged:
    """Build, dress and move one person."""
    person = build_person(actor.shape, bodies, rig)
    surface = dress(person, actor.outfit, bodies)
    vertices = np.zeros((frames, len(surface.used), 3), dtype=np.float32)
    points = np.zeros((frames, len(person.points), 3))
    present = np.zeros(frames, dtype=bool)
    for part in actor.parts:
        end = min(part.start + part.frames, frames)
        if end <= part.start:
            continue
        posed, skin = _placed(part, person, surface, motions, end - part.start, fps)
        vertices[part.start : end], points[part.start : end] = skin, posed.points(person)
        present[part.start : end] = True
    return Staged(person, surface, vertices, points, present)


def _placed(part: Part, person: Person, surface: Surface, motions: Motions, frames: int,
            fps: float) -> tuple[Posed, np.ndarray]:
    """The part's bones, and the drawn vertices (T, M, 3) float32, at the part's place on the floor."""
    movement = part.movement
    posed = pose(person, recorded(movement, motions, frames, fps))
    points = posed.points(person)
    pelvis = points[:, 0]
    if movement.kind == "walk":
        turns, path = np.tile(_about_z(part.heading), (frames, 1, 1)), pelvis
    elif movement.kind in ("handstand", "roll"):
        ahead, after = _about_z(FACING - facing(points)), _about_z(part.heading - FACING)
        turns = after @ turned(movement, frames) @ ahead
        path = np.tile(pelvis[:1], (frames, 1))
        path[:, :2] += slid(movement, frames)
        path = (path - path[0]) @ after.T + path[0]
    else:
        turn = _about_z(part.heading - (_way(pelvis) if _travels(pelvis) else facing(points)))
        turns, path = np.tile(turn, (frames, 1, 1)), pelvis
    if movement.kind not in ("handstand", "roll"):
        path = path @ turns[0].T
    at = min(part.at, frames - 1)
    path = path - path[at] * (1, 1, 0) + np.array([*part.place, 0.0])
    heads = np.einsum("tij,tbj->tbi", turns, posed.heads - pelvis[:, None]) + path[:, None]
    moved = Posed(turns[:, None] @ posed.rotations, heads)
    vertices = moved.vertices(person, surface.rest, surface.used)
    shift = floor_shift(vertices, every_frame=movement.kind in _ON_THE_FLOOR)
    vertices[..., 2] += shift[:, None]
    return moved.raised(shift), vertices


def _about_z(angle: float) -> np.ndarray:
    return Rotation.from_rotvec([0.0, 0.0, angle]).as_matrix()


def _travels(pelvis: np.ndarray) -> bool:
    """Whether somebody ends two metres or more from the start: then the way has the heading, not the face."""
    return bool(np.linalg.norm((pelvis[-1] - pelvis[0])[:2]) > 2.0)


def _way(pelvis: np.ndarray) -> float:
    x, y = (pelvis[-1] - pelvis[0])[:2]
    return float(np.arctan2(y, x))
