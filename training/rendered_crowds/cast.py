"""Draws people and their ways for a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..rendered_people.clothes import Outfit, draw_outfit, loosened
from ..rendered_people.motions import Motions
from ..rendered_people.person import Shape, draw_shape
from .crowd_plan import Actor, Part
from .movements import STANDING, Movement, staying, walking

_CLOTHES = slice(6, 10)
"""Rows of an outfit's colours: shirt, stripe, trousers, shoe."""

_DIFFERENT = 0.45
"""Smallest difference of shirts plus trousers, in sRGB, of people in different clothes."""

FACING = -np.pi / 2
"""Heading of a person who looks at the camera."""


class Cast:
    """The people of one clip. motions, fps, frames: of the clip. Everything drawn comes from `rng`."""

    def __init__(self, rng: np.random.Generator, motions: Motions, fps: float, frames: int):
        self.rng, self.motions, self.fps, self.frames = rng, motions, fps, frames
        self._others: list[Outfit] = []

    @property
    def seconds(self) -> float:
        """Length of the clip."""
        return self.frames / self.fps

    def actor(self, parts: list[Part], like: Actor | None = None, alike: str = "") -> Actor:
        """A person with these parts. alike: "similar" clothes as those of `like` (colours a little off), or the
        "same"; otherwise clothes that differ clearly from everybody's before."""
        shape = draw_shape(self.rng) if like is None else _related(self.rng, like.shape)
        outfit = self._outfit(shape, [] if like else self._others)
        if like is not None:
            outfit = _copied(self.rng, outfit, like.outfit, 0.07 if alike == "similar" else 0.0)
        self._others.append(outfit)
        return Actor(shape, outfit, tuple(parts))

    def walk(self, place: tuple[float, float], when: int, heading: float, speed: float, start: int = 0,
             end: int | None = None) -> Part:
        """A walk from the frame `start` to before `end`, that is at `place` at the clip's frame `when`."""
        movement = walking(self.rng, self.motions, self.fps, speed)
        return self.part(movement, place, when, heading, start, end)

    def stay(self, place: tuple[float, float], heading: float = FACING, start: int = 0, end: int | None = None,
             extent: float = 0.9, subjects: tuple[int, ...] = STANDING) -> Part:
        """Somebody who moves on the spot, at `place` in the middle."""
        frames = (self.frames if end is None else end) - start
        movement = staying(self.rng, self.motions, self.fps, frames, extent, subjects)
        return self.part(movement, place, start + frames // 2, heading, start, end)

    def part(self, movement: Movement, place: tuple[float, float], when: int, heading: float, start: int = 0,
             end: int | None = None) -> Part:
        """A part that is at `place` at the clip's frame `when`."""
        frames = max(1, (self.frames if end is None else end) - start)
        return Part(start, frames, movement, place, int(np.clip(when - start, 0, frames - 1)), heading)

    def about(self, value: float, spread: float) -> float:
        """A random value near `value`, at most twice the spread off."""
        return float(value + spread * np.clip(self.rng.normal(), -2, 2))

    def _outfit(self, shape: Shape, others: list[Outfit]) -> Outfit:
        for _ in range(50):
            outfit = draw_outfit(self.rng, shape.male)
            if all(_apart(outfit, other) > _DIFFERENT for other in others):
                break
        return loosened(self.rng, outfit) if self.rng.random() < 0.5 else outfit


def _apart(first: Outfit, second: Outfit) -> float:
    """Distance of shirts plus that of trousers."""
    difference = np.linalg.norm(first.colours - second.colours, axis=1)
    return float(difference[6] + difference[8])


def _copied(rng: np.random.Generator, own: Outfit, other: Outfit, spread: float) -> Outfit:
    """Somebody else's clothes on one's own skin and hair, their colours off by `spread`."""
    colours = own.colours.copy()
    colours[_CLOTHES] = np.clip(other.colours[_CLOTHES] + rng.normal(0, 1, (4, 3)) * spread, 0.02, 0.98)
    return replace(other, colours=colours, long_hair=own.long_hair, seed=own.seed)


def _related(rng: np.random.Generator, shape: Shape) -> Shape:
    """A body of the same sex and a similar size."""
    other = draw_shape(rng)
    return replace(other, male=shape.male, height=float(np.clip(shape.height + rng.normal(0, 0.04), 1.42, 2.05)))
