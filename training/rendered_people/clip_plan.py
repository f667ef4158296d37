"""Plan of the clip of a given number: the same for the same set, seed and number."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np

from anatomy_mocap.core.errors import MocapError

from ..mocap.dataset import LIFTER_FPS, VALIDATION_SUBJECTS
from .clothes import Outfit, draw_outfit, loosened
from .filming import View, draw_view
from .motions import Motions, source_step
from .person import Shape, draw_shape
from .scene import Look, draw_look

SETS = ("train", "validation", "poses", "loose", "hands", "palms")

OF_TRAINING = ("train", "hands")
"""Sets with motion of the training subjects."""

WITH_HANDS = ("hands", "palms")
"""Sets in which palms and fingers move on their own."""

CAMERAS = (
    View(0, 5, 0, 55, 640, 360), View(60, 20, 0, 45, 480, 480), View(120, -10, 0, 60, 384, 640),
    View(180, 12, 8, 50, 560, 420), View(240, 35, 0, 65, 480, 480), View(300, 0, 0, 40, 640, 360),
)
"""The validation set's cameras."""

# More of the subjects whose skeletons are sound; 11 long, so that every subject meets every camera.
_VALIDATION_ORDER = (86, 69, 9, 131, 86, 69, 85, 131, 9, 86, 69)

KINDS = ("sit", "kneel", "lie")
"""Acts of the set `poses`: on a seat or the floor, on one knee or both, lying down, getting up and crawling."""

_ACT_SHARE = 0.2
"""Share of the training clips that show KINDS."""

_LOOSE_SHARE = 0.6
"""Share of the training clips with loose clothes."""


@dataclass(frozen=True)
class ClipPlan:
    """The plan of a clip.

    kind: "mocap" or one of KINDS. clip, first, step: place in the motion set (an act takes its arms and start from
    there). frames: at most. mirrored: left and right exchanged. seed: of an act and of the hands. hands: whether palms
    and fingers move.
    """

    kind: str
    clip: int
    first: float
    step: float
    frames: int
    fps: float
    mirrored: bool
    seed: int
    shape: Shape
    outfit: Outfit
    view: View
    look: Look
    hands: bool = False

    def described(self) -> dict:
        """Plain values to store with the clip."""
        return {"kind": self.kind, "mirrored": self.mirrored, "shape": asdict(self.shape), "view": asdict(self.view),
                "room": self.look.room, "shaded": self.look.shaded, "sleeve": self.outfit.sleeve,
                "leg": self.outfit.leg, "long_hair": self.outfit.long_hair,
                "shirt_off": self.outfit.shirt_off, "trousers_off": self.outfit.trousers_off, "hem": self.outfit.hem,
                "hands": self.hands}


def plan_clip(name: str, number: int, seed: int, motions: Motions, frames: int) -> ClipPlan:
    """The plan of clip `number` of the set `name`.

    motions: of the training subjects for the sets OF_TRAINING, otherwise of the validation subjects. The set `loose`
    repeats `validation` with everybody in loose clothes. `hands` and `palms` are drawn like `train` and `validation`;
    in them palms and fingers move.
    """
    if name not in SETS:
        raise MocapError(f"unknown set {name!r}; use one of {', '.join(SETS)}")
    if name == "loose":
        plan = plan_clip("validation", number, seed, motions, frames)
        return replace(plan, outfit=_loosened(plan.outfit))
    rng = np.random.default_rng((SETS.index(name), seed, number))
    kind, subject, view, fps, speed, mirrored = "mocap", None, draw_view(rng), LIFTER_FPS, 1.0, False
    if name in OF_TRAINING:
        kind = str(rng.choice(KINDS)) if rng.random() < _ACT_SHARE else "mocap"
        mirrored, speed = bool(rng.random() < 0.5), float(np.exp(rng.uniform(np.log(0.8), np.log(1.25))))
        fps = 2 * LIFTER_FPS if rng.random() < 0.1 else LIFTER_FPS
    elif name in ("validation", "palms"):
        subject = _VALIDATION_ORDER[number % len(_VALIDATION_ORDER)]
        view = CAMERAS[number % len(CAMERAS)]
    else:
        kind, view = KINDS[number % len(KINDS)], CAMERAS[(number // len(KINDS) + number) % len(CAMERAS)]
    if kind != "mocap":
        view = replace(view, pitch=abs(view.pitch))  # nobody films the floor from below
    step = source_step(motions.mocap, fps, speed)
    clip, first = motions.draw(rng, subject, frames, step)
    shape = draw_shape(rng)
    plan = ClipPlan(kind, clip, first, step, motions.length(clip, first, frames, step) if kind == "mocap" else frames,
                    fps, mirrored, int(rng.integers(1 << 30)), shape, draw_outfit(rng, shape.male), view,
                    draw_look(rng), name in WITH_HANDS)
    if name in OF_TRAINING and rng.random() < _LOOSE_SHARE:
        plan = replace(plan, outfit=_loosened(plan.outfit))
    return plan


def _loosened(outfit: Outfit) -> Outfit:
    return loosened(np.random.default_rng(outfit.seed), outfit)


def check_subjects(name: str, motions: Motions) -> None:
    """Raises MocapError if a set has subjects of the other kind: training or validation."""
    held = set(motions.mocap.subject.tolist()) & set(VALIDATION_SUBJECTS)
    if (name in OF_TRAINING) == bool(held):
        raise MocapError(f"set {name}: motion of subjects {sorted(held)} does not belong into it")
