"""Compute the truth of existing clips again, after the definition of a joint has changed; no new drawing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22

from ..argument_checks import at_least
from ..mocap.dataset import load_mocap, split
from ..options import Say, option, positional
from .clip_file import RenderedClip, clip_files, load_clip, save_clip
from .clip_plan import OF_TRAINING, SETS, ClipPlan, plan_clip
from .filming import project
from .motions import Motions
from .person import PALM, POINTS, build_person
from .produce import bone_lengths, posed_person

_FIXED = [POINTS.index(f"{side}_{part}") for side in ("left", "right")
          for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")]


@dataclass(frozen=True)
class RenewSettings:
    """Options of the command render-truth; those from `data` on must be what the clips were rendered with."""

    folder: str = positional("the folder of rendered clips")
    data: str = option("the motion set (.npz)")
    bodies: str = option("folder of MakeHuman's base.obj")
    rig: str = option("MakeHuman's rig.mixamo.json")
    set: str = option("the set of the clips", "train", choices=SETS)
    frames: int = option("frames of a clip at most", 80)
    seed: int = option("seed of the set", 1)


def renew(settings: RenewSettings, say: Say = print) -> None:
    """Compute points and lengths of every clip of the folder by the present definitions.

    All clips are checked before the first is written. Raises MocapError, with no clip changed, if one does not belong
    to the set.
    """
    at_least(settings, frames=1, seed=0)
    files = clip_files(settings.folder)
    for path in files:
        if not path.stem.isdecimal():
            raise MocapError(f"{path}: its name is not the number of a clip; move it out of the folder")
    train, held_out = split(load_mocap(settings.data))
    motions = Motions(train if settings.set in OF_TRAINING else held_out)
    found = []
    for path in files:
        plan = plan_clip(settings.set, int(path.stem), settings.seed, motions, settings.frames)
        found.append(_points(plan, motions, settings, load_clip(path), path))
    for path, points in zip(files, found, strict=True):
        clip = load_clip(path)
        added = POINTS[clip.points.shape[1]:]  # of an older clip: seen where the hand's knuckles are
        lacking = [POINTS.index(f"{name.partition('_')[0]}_knuckle") for name in added]
        changed = replace(clip, points=points.astype(np.float32), lengths=bone_lengths(points[:, : len(MOCAP22)]),
                          point_names=np.array(POINTS),
                          hidden=np.concatenate([clip.hidden, clip.hidden[:, lacking]], axis=1))
        pixels = project(changed.in_camera(), clip.intrinsics)
        save_clip(path, replace(changed, points_px=pixels.astype(np.float32)))
    say(f"{len(files)} clips renewed")


def _points(plan: ClipPlan, motions: Motions, settings: RenewSettings, clip: RenderedClip, path: Path) -> np.ndarray:
    """(T, P, 3) where the clip's body has its points; a MocapError where it is not that plan's body."""
    person = build_person(plan.shape, Path(settings.bodies), Path(settings.rig))
    points = posed_person(plan, motions, person).points(person)
    if len(points) != len(clip) or clip.points.shape[1] not in (len(POINTS), len(POINTS) - len(PALM)):
        raise MocapError(f"{path}: {clip.points.shape[0]} frames of {clip.points.shape[1]} points, not "
                         f"{points.shape[0]} of {points.shape[1]}; give the set, seed and frames it was made with")
    # The floor was found from the skin: taken over from the clip.
    points[..., 2] += (clip.points[:, _FIXED, 2] - points[:, _FIXED, 2]).mean(axis=1)[:, None]
    off = np.abs(points[:, _FIXED] - clip.points[:, _FIXED]).max()
    if off > 1e-3:
        raise MocapError(f"{path}: its limbs lie {off:.3f} m away; give the set, seed and frames it was made with")
    return points
