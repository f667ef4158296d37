"""The kinds of crowd clips: who does what, where and when, and how it is filmed.

World: the camera of most kinds stands at -Y and looks along +Y at the origin; +X is to the right of the picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..rendered_people.motions import Motions
from ..rendered_people.scene import draw_look
from .cast import FACING, Cast
from .crowd_plan import Actor, CrowdPlan, Part, Shot
from .movements import DANCING, Movement, named, source_step, staying

WIDE, TALL = (1280, 720), (720, 1280)
FOV = 55.0
_HALF = float(np.tan(np.radians(FOV / 2)))
"""Half the longer side of the picture at one metre."""

Scene = tuple[list[Actor], list[Shot]]


def _camera(cast: Cast, distance: float, **more) -> Shot:
    """A camera in front, at `distance` metres, at about the height of a head."""
    eye = (cast.about(0, 0.1 * distance), -distance, cast.about(1.45, 0.25))
    return Shot(0, eye, (0.0, 0.0, 0.95), cast.about(0, 1.0), **more)


def _distance_for(cast: Cast, speed: float) -> float:
    """The distance from which a walk across the picture lasts the clip."""
    return max(4.2, (speed * cast.seconds / 2 + 0.4) / _HALF)


def _crossing(cast: Cast, alike: str) -> Scene:
    """Two people cross, one in front of the other, in the middle of the clip."""
    speed, middle = cast.about(1.15, 0.08), cast.frames // 2
    near = cast.walk((0.0, -0.45), middle, np.pi + cast.about(0, 0.12), speed)
    far = cast.walk((0.0, 0.45), middle, cast.about(0, 0.12), speed)
    first = cast.actor([far])
    second = cast.actor([near], first if alike else None, alike)
    return [first, second], [_camera(cast, _distance_for(cast, speed))]


def _hiding(cast: Cast) -> Scene:
    """Both walk the same way; the nearer one overtakes slowly and hides the other meanwhile."""
    middle, way = cast.frames // 2, cast.about(0, 0.05)
    hidden = cast.actor([cast.walk((0.0, 0.5), middle, way, 1.05)])
    hider = cast.actor([cast.walk((0.0, -0.35), middle, way, 1.35)])
    return [hidden, hider], [_camera(cast, _distance_for(cast, 1.25))]


def _leaving(cast: Cast) -> Scene:
    """One walks out of the picture and comes back after a while; another one dances at the other side."""
    distance = 4.6
    out, back, edge = int(0.42 * cast.frames), int(0.58 * cast.frames), distance * _HALF + 0.7
    goes = cast.walk((edge, 0.0), out, cast.about(0, 0.1), 1.2, 0, out)
    comes = cast.walk((edge, -0.1), back, np.pi + cast.about(0, 0.1), 1.2, back)
    people = [cast.actor([goes, comes]), cast.actor([cast.stay((-1.5, 0.6))])]
    return people, [replace(_camera(cast, distance), eye=(0.0, -distance, 1.4))]


def _stranger(cast: Cast) -> Scene:
    """One walks out of the picture; a stranger in similar clothes comes in after a while from the same side."""
    distance = 4.6
    out, enters, edge = int(0.45 * cast.frames), int(0.62 * cast.frames), distance * _HALF + 0.7
    first = cast.actor([cast.walk((edge, 0.0), out, cast.about(0, 0.1), 1.2, 0, out)])
    other = cast.actor([cast.walk((edge, 0.1), enters, np.pi + cast.about(0, 0.1), 1.2, enters)], first, "similar")
    return [first, other], [replace(_camera(cast, distance), eye=(0.0, -distance, 1.4))]


def _alone_walking(cast: Cast) -> Scene:
    return [cast.actor([cast.walk((0.0, 0.0), cast.frames // 2, cast.about(0, 0.3), 1.1)])], \
        [_camera(cast, _distance_for(cast, 1.1))]


def _alone_dancing(cast: Cast) -> Scene:
    return [cast.actor([cast.stay((0.0, 0.0), cast.about(FACING, 0.4), extent=1.5, subjects=DANCING)])], \
        [_camera(cast, 4.6)]


def _pair_dancing(cast: Cast) -> Scene:
    """Two dance close to each other in similar clothes, one half behind the other."""
    first = cast.actor([cast.stay((-0.3, 0.45), extent=0.7)])
    return [first, cast.actor([cast.stay((0.3, -0.35), extent=0.7)], first, "similar")], [_camera(cast, 4.6)]


def _three(cast: Cast) -> Scene:
    """Two cross behind somebody who moves on the spot."""
    speed, middle = 1.15, cast.frames // 2
    people = [cast.actor([cast.walk((0.2, 0.9), middle, cast.about(0, 0.1), speed)]),
              cast.actor([cast.walk((-0.3, 0.1), middle, np.pi + cast.about(0, 0.1), speed)]),
              cast.actor([cast.stay((0.9, -0.8))])]
    return people, [_camera(cast, _distance_for(cast, speed) + 0.6)]


def _cartwheel(cast: Cast) -> Scene:
    names = ("49_06", "49_07", "90_02", "49_08")
    movement = named(cast.motions, names, cast.rng, cast.fps, cast.frames, 0.7)
    return _acrobat(cast, movement, cast.about(0, 0.2), 5.2)


def _handstand(cast: Cast) -> Scene:
    return _acrobat(cast, _turned(cast, "handstand"), cast.about(FACING, 0.3), 5.0)


def _break_dance(cast: Cast) -> Scene:
    movement = named(cast.motions, ("85_14.3",), cast.rng, cast.fps, cast.frames)
    return _acrobat(cast, movement, cast.about(FACING, 0.3), 4.6)


def _acrobat(cast: Cast, movement: Movement, heading: float, distance: float) -> Scene:
    part = cast.part(movement, (0.0, 0.0), cast.frames // 2, heading)
    return [cast.actor([part])], [_camera(cast, distance)]


def _turned(cast: Cast, kind: str) -> Movement:
    base = staying(cast.rng, cast.motions, cast.fps, cast.frames, 0.5, (30, 31, 29, 49))
    return replace(base, kind=kind)


def _lying(cast: Cast) -> Scene:
    """One lies down, lies or gets up, as made up."""
    base = staying(cast.rng, cast.motions, cast.fps, cast.frames, 1.0)
    step = source_step(cast.motions.mocap, cast.fps)
    return _acrobat(cast, replace(base, kind="lie", step=step), cast.about(0.2, 0.5), 4.2)


def _rolling(cast: Cast) -> Scene:
    """One rolls over the floor; another one stands behind."""
    rolling = cast.part(_turned(cast, "roll"), (0.0, -0.2), cast.frames // 2, cast.about(1.2, 0.25))
    return [cast.actor([rolling]), cast.actor([cast.stay((1.3, 1.1))])], [_camera(cast, 4.6)]


def _portrait(cast: Cast) -> Scene:
    """In portrait format: one walks towards the camera, another one crosses in front of them."""
    middle = cast.frames // 2
    comes = cast.walk((0.1, 0.9), middle, cast.about(FACING, 0.08), 0.95)
    crosses = cast.walk((0.0, -0.7), middle, np.pi + cast.about(0, 0.1), 1.1)
    return [cast.actor([comes]), cast.actor([crosses])], [_camera(cast, 4.6)]


def _panning(cast: Cast) -> Scene:
    """The camera turns and moves along with somebody; another one comes towards them."""
    speed, middle = 1.25, cast.frames // 2
    people = [cast.actor([cast.walk((0.0, 0.3), middle, cast.about(0, 0.1), speed)]),
              cast.actor([cast.walk((0.6, -0.5), middle, np.pi + cast.about(0, 0.1), 1.1)])]
    along = 0.5 * speed * cast.seconds
    return people, [replace(_camera(cast, 4.4, follows=0, drift=(along, 0.0, 0.1)), eye=(-along / 2, -4.4, 1.5))]


def _shaking(cast: Cast) -> Scene:
    """A hand-held camera that shakes, before two who cross in similar clothes."""
    people, (shot,) = _crossing(cast, "similar")
    return people, [replace(shot, shake=1.3)]


def _cut(cast: Cast) -> Scene:
    """Two people in one shot from the front, then from the side and nearer."""
    at = cast.frames // 2
    people = [cast.actor([cast.stay((-0.7, 0.2), cast.about(FACING, 0.2))]),
              cast.actor([cast.stay((0.7, -0.1), cast.about(FACING, 0.2))])]
    side = float(cast.rng.choice([-1.0, 1.0]))
    return people, [_camera(cast, 4.8), Shot(at, (side * 2.9, -2.6, 1.7), (0.0, 0.1, 0.95), cast.about(0, 2.0))]


def _far(cast: Cast) -> Scene:
    """Two small people, about 90 pixels tall, cross; one comes back."""
    middle = cast.frames // 2
    people = [cast.actor([cast.walk((0.5, 0.5), middle, cast.about(0, 0.3), 1.2)]),
              cast.actor([cast.walk((0.0, -0.5), middle, np.pi + cast.about(0, 0.3), 1.2)])]
    distance = 1.72 / 90 * WIDE[0] / 2 / _HALF
    return people, [Shot(0, (0.0, -distance, 3.0), (0.0, 0.0, 1.0))]


KINDS: dict[str, Callable[[Cast], Scene]] = {
    "cross_different": lambda cast: _crossing(cast, ""), "cross_similar": lambda cast: _crossing(cast, "similar"),
    "cross_same": lambda cast: _crossing(cast, "same"), "hide": _hiding, "leave_return": _leaving,
    "stranger": _stranger, "pair": _pair_dancing, "three": _three, "alone_walk": _alone_walking,
    "alone_dance": _alone_dancing, "cartwheel": _cartwheel, "handstand": _handstand, "break_dance": _break_dance,
    "lie": _lying, "roll": _rolling, "portrait": _portrait, "pan": _panning, "shake": _shaking, "cut": _cut,
    "far": _far,
}
"""By name, in the order of a set's clips."""

_LONGER = {"leave_return": 1.4, "stranger": 1.3, "cut": 1.2}
_OPEN = ("cut", "far")
"""Kinds that are filmed where no wall stands."""


def plan_crowd(number: int, seed: int, motions: Motions, frames: int) -> CrowdPlan:
    """The plan of clip `number`: one kind after the other, then all of them once more with other people."""
    kind = list(KINDS)[number % len(KINDS)]
    rng = np.random.default_rng((seed, number))
    fps = float(rng.choice([25.0, 30.0]))
    cast = Cast(rng, motions, fps, max(1, round(frames * _LONGER.get(kind, 1.0))))
    actors, shots = KINDS[kind](cast)
    width, height = TALL if kind == "portrait" else WIDE
    look = replace(draw_look(rng), shaded=False)
    if kind in _OPEN:
        look = replace(look, room=str(rng.choice(["lawn", "plain"])))
    if kind == "far":  # the lawn ends too near
        look = replace(look, room="plain", smooth=True)
    return CrowdPlan(kind, cast.frames, fps, width, height, FOV, tuple(actors), tuple(shots), look,
                     int(rng.integers(1 << 30)))


__all__ = ["KINDS", "Part", "plan_crowd"]
