"""Measure how the lifter's directions are off, for the tables of fitting/lifter_error_model.py."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.lifter_error_model import OWN, TOGETHER, doubt, view_axes
from anatomy_mocap.fitting.root_fit import fit_root
from anatomy_mocap.fitting.tuning import Trust
from anatomy_mocap.lifting.lift import lift
from anatomy_mocap.maths.rotations import unit

from ..argument_checks import at_least
from ..mocap.dataset import MocapSet, load_split
from ..simulate.anthropometry import draw_bodies
from ..simulate.simulate_clip import CAMERAS, simulate_clip

SHORTEST, LONGEST = 250, 1500
"""Frames, at the set's rate, of the clips that are looked at."""

EVERY = 4
"""Frames between two that are looked at."""

LARGEST = 0.7
"""Radians: a direction that is off by more is wrong, not inexact, and left out."""

LEAST = 0.09
"""Share of a bone's variance that is its own at least."""

_NAMES = MOCAP22.joint_names[1:]
_MIRROR = np.array(MOCAP22.mirror)[1:] - 1


@dataclass(frozen=True)
class DirectionSettings:
    """data: the motion set. clips: of the training subjects, each on a body of its own by one camera. exact: of exact
    2D."""

    data: str
    clips: int = 60
    exact: bool = False


@dataclass(frozen=True)
class Seen:
    """N frames of so many clips: the lifter's directions (N, J - 1, 3), unit vectors in the view's axes; errors
    (N, J - 1, 3) radians, at right angles to them, in units of what the confidence leads to expect (`doubt`), NaN where
    a direction is left out."""

    directions: np.ndarray
    errors: np.ndarray
    clips: int = 1

    @property
    def kept(self) -> np.ndarray:
        """(N, J - 1) bool: directions that are not left out."""
        return np.isfinite(self.errors[..., 0])


def measure_directions(settings: DirectionSettings, say=print) -> None:
    """Print the tables: degrees measured, in brackets those of lifter_error_model.py."""
    at_least(settings, clips=1)
    train, _ = load_split(settings.data)
    seen = observed(train, settings.clips, not settings.exact)
    together = shared_variances(seen)
    own = own_variances(seen, together)
    say(f"{len(seen.errors)} frames of {seen.clips} clips\n\n| bone | about the line of sight | across it |\n"
        "|---|---:|---:|")
    for part, told in OWN.items():
        bones = [bone for bone, name in enumerate(_NAMES) if name.rpartition("_")[2] == part]
        sight, across = np.degrees(np.sqrt(own[bones].mean(axis=0)))
        say(f"| {part} | {sight:.1f} ({told[0]}) | {across:.1f} ({told[1]}) |")
    say("\n| bones together | sideways | downwards | sight |\n|---|---:|---:|---:|")
    for (joints, told), variance in zip(TOGETHER, together, strict=True):
        found = np.degrees(np.sqrt(variance))
        cells = " | ".join(f"{angle:.1f} ({was})" for angle, was in zip(found, told, strict=True))
        say(f"| {'all' if len(joints) == len(_NAMES) else ', '.join(joints)} | {cells} |")


def observed(mocap: MocapSet, count: int, noisy: bool) -> Seen:
    """What the lifter gives for `count` clips of middling length, beside the truth."""
    middling = np.flatnonzero((mocap.frames > SHORTEST) & (mocap.frames < LONGEST))
    if not len(middling):
        raise MocapError(f"the set has no training clip of {SHORTEST} to {LONGEST} frames; give the whole motion set")
    chosen = np.random.default_rng(7).choice(middling, min(count, len(middling)), replace=False)
    parts = []
    for number, clip in enumerate(chosen):
        bodies = draw_bodies(np.random.default_rng(1000 + number), 1, shipped=1.0, modelled=0.0)
        simulated = simulate_clip(mocap, int(clip), number % len(CAMERAS), noisy, bodies=bodies)
        lifted = drain(lift(simulated.keypoints, simulated.camera, device="cpu"))
        root = drain(fit_root(lifted.bone_lengths, lifted.directions, simulated.keypoints,
                              simulated.camera))
        view = view_axes(root)[:, None]
        found, true = ((view @ directions[:, 1:, :, None])[..., 0]
                       for directions in (lifted.directions, simulated.directions))
        off = true - found
        off -= (off * found).sum(axis=-1, keepdims=True) * found
        off[np.linalg.norm(off, axis=-1) > LARGEST] = np.nan
        off /= doubt(lifted.confidence[:, 1:], Trust.doubt)[..., None]
        parts.append([part[::EVERY] for part in (found, off)])
    return Seen(*(np.concatenate(part) for part in zip(*parts, strict=True)), len(chosen))


def shared_variances(seen: Seen) -> np.ndarray:
    """(len(TOGETHER), 3) radians squared about each axis: what explains best how the errors of two bones go together;
    both sides alike."""
    turned, errors = _turned(seen), np.nan_to_num(seen.errors)  # a pair of which one is left out weighs nothing
    groups = [np.isin(_NAMES, joints) for joints, _ in TOGETHER]
    normal, right = np.zeros((3 * len(groups),) * 2), np.zeros(3 * len(groups))
    for one in range(len(_NAMES)):
        for other in range(one + 1, len(_NAMES)):
            # A shared rotation about an axis moves both by what it moves each.
            both = np.einsum("nia,nja->anij", turned[:, one], turned[:, other]).reshape(3, -1)
            error = np.einsum("ni,nj->nij", errors[:, one], errors[:, other]).ravel()
            theirs = np.concatenate([3 * number + np.arange(3) for number, group in enumerate(groups)
                                     if group[one] and group[other]])
            rows = np.tile(both, (len(theirs) // 3, 1))
            normal[np.ix_(theirs, theirs)] += rows @ rows.T
            right[theirs] += rows @ error
    factor = np.linalg.cholesky(normal + 1e-9 * np.trace(normal) / len(normal) * np.eye(len(normal)))
    found = nnls(factor.T, np.linalg.solve(factor, right))[0].reshape(-1, 3)
    mirrored = [next(i for i, other in enumerate(groups) if (other == group[_MIRROR]).all()) for group in groups]
    return (found + found[mirrored]) / 2


def own_variances(seen: Seen, together: np.ndarray) -> np.ndarray:
    """(J - 1, 2) radians squared about the line of sight and across it: what is left to each bone; both sides alike."""
    turned, errors, frames = _turned(seen), np.nan_to_num(seen.errors), np.maximum(seen.kept.sum(axis=0), 1)
    along = unit(np.array([0.0, 0.0, 1.0]) - seen.directions[..., 2:] * seen.directions)
    result = np.zeros((len(_NAMES), 2))
    for number, axis in enumerate((np.cross(seen.directions, along), along)):
        total = ((errors * axis).sum(axis=-1) ** 2).sum(axis=0) / frames
        moved = (np.einsum("nbia,nbi->nba", turned, axis) ** 2).sum(axis=0) / frames[:, None]
        shared = sum(np.isin(_NAMES, joints) * (moved @ variance)
                     for (joints, _), variance in zip(TOGETHER, together, strict=True))
        result[:, number] = np.maximum(total - shared, LEAST * total)
    return (result + result[_MIRROR]) / 2


def _turned(seen: Seen) -> np.ndarray:
    """(N, J - 1, 3, 3): the columns are what a rotation by one radian about each of the view's axes does to a
    direction; nothing where it is left out."""
    turned = np.cross(np.eye(3), seen.directions[:, :, None]).swapaxes(-1, -2)
    return turned * seen.kept[..., None, None]
