"""The plan of the crowd clip of a given number: the same for the same seed, number and frames."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from ..rendered_people.clothes import Outfit
from ..rendered_people.person import Shape
from ..rendered_people.scene import Look
from .movements import Movement


@dataclass(frozen=True)
class Part:
    """One stretch of a person's time in the scene.

    start: the clip's frame at which it begins. frames: its length. place: (x, y) metres of the pelvis at the frame `at`
    of the part. heading: radians from +X, of the walk's way or of where the person looks.
    """

    start: int
    frames: int
    movement: Movement
    place: tuple[float, float]
    at: int
    heading: float


@dataclass(frozen=True)
class Actor:
    """A person; between the parts they are not in the scene."""

    shape: Shape
    outfit: Outfit
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Shot:
    """One camera, from the frame `start` on. eye, target: (3,) metres, world. roll: degrees. follows: number of the
    actor towards whom it turns, or None. drift: (3,) metres that the eye moves along over the shot. shake: degrees, the
    standard deviation of a hand's unrest."""

    start: int
    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    roll: float = 0.0
    follows: int | None = None
    drift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shake: float = 0.0


@dataclass(frozen=True)
class CrowdPlan:
    """The plan of a clip. fov: degrees over the longer side, of all shots. seed: of the shaking."""

    kind: str
    frames: int
    fps: float
    width: int
    height: int
    fov: float
    actors: tuple[Actor, ...]
    shots: tuple[Shot, ...]
    look: Look
    seed: int

    def described(self) -> dict:
        """Plain values to store with the clip."""
        return {"kind": self.kind, "fov": self.fov, "room": self.look.room, "shots": [asdict(shot) for shot in
                                                                                    self.shots],
                "actors": [{"shape": asdict(actor.shape), "parts": [asdict(part) for part in actor.parts],
                            "shirt": actor.outfit.colours[6].tolist(), "trousers": actor.outfit.colours[8].tolist()}
                           for actor in self.actors]}
