"""Errors of checkpoints - centred, causal, or of the plain network - on the clips of `evaluate`, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.lifting.lift import chosen_frames
from anatomy_mocap.lifting.lifter_input import NormalisedInput, normalise
from anatomy_mocap.lifting.tuning import TUNING

from .. import metrics
from ..argument_checks import at_least
from ..measure.evaluate import SEVENTEEN
from ..mocap.dataset import load_split
from ..network.lifter import Lifter
from ..options import Say, option
from ..simulate.simulate_clip import CAMERAS, SimulatedClip, simulate_clip
from .variants_of_the_lifter import load_any_model

_MIRROR = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class CompareSettings:
    """Options of the command compare."""

    data: str = option("the motion set (.npz)")
    checkpoints: str = option("files of the commands train or weights, separated by commas; the first is the reference")
    seed: int = option("seed of the bodies and the noise", 1)
    clips: int = option("measure only the first clips; 0: all", 0)
    exact: bool = option("exact 2D keypoints instead of noisy ones", False)


def compare(settings: CompareSettings, say: Say = print) -> dict[str, dict[str, float]]:
    """MPJPE, P-MPJPE and bone length error (mm) of each checkpoint, means over frames, with flip averaging."""
    at_least(settings, clips=0, seed=0)
    paths = settings.checkpoints.split(",")
    models = {path: load_any_model(path) for path in paths}
    _, held_out = load_split(settings.data)
    errors: dict[str, list] = {path: [] for path in paths}
    frames = []
    for index in range(min(settings.clips or len(held_out), len(held_out))):
        for view in range(len(CAMERAS)):
            clip = simulate_clip(held_out, index, view, not settings.exact, settings.seed)
            frames.append(len(clip.keypoints))
            for path, model in models.items():
                errors[path].append(clip_errors(model, clip))
    rows = {path: dict(zip(ClipErrors._fields, np.average(found, axis=0, weights=frames), strict=True))
            for path, found in errors.items()}
    for path, row in rows.items():
        better = 100 * (1 - row["mpjpe"] / rows[paths[0]]["mpjpe"])
        say(f"{path} (window {models[path].config.window}, causal {models[path].config.causal}, "
            f"{kind(models[path])}, {parameters(models[path]):,} parameters): "
            f"MPJPE {row['mpjpe']:.1f} mm ({better:+.1f} % better than the first), P-MPJPE {row['p_mpjpe']:.1f} mm, "
            f"bone lengths {row['length_error']:.1f} mm")
    return rows


def parameters(model: Lifter) -> int:
    """The number of a network's trained values."""
    return sum(value.numel() for value in model.parameters())


def kind(model: Lifter) -> str:
    """The outputs of a network: "directions" (and lengths) or "joints"."""
    return "joints" if model.bone_lengths is None else "directions"


class ClipErrors(NamedTuple):
    """Errors of the paper's 17 joints, root-relative, in camera axes, mm."""

    mpjpe: float
    p_mpjpe: float
    length_error: float


@torch.no_grad()
def clip_errors(model: Lifter, clip: SimulatedClip) -> ClipErrors:
    """The errors of a network on a clip, with flip averaging."""
    seen = normalise(clip.keypoints, clip.camera)
    found = sum(view_joints(model, seen, mirrored) for mirrored in (False, True)) / 2
    found = found @ seen.view_from_camera  # rows: the inverse turn
    few, few_true = found[:, SEVENTEEN], clip.joints[:, SEVENTEEN]
    parents = np.array(MOCAP22.parents[1:])
    lengths = np.linalg.norm(found[:, 1:] - found[:, parents], axis=-1)
    return ClipErrors(1000 * metrics.mpjpe(few, few_true), 1000 * metrics.p_mpjpe(few, few_true),
                      1000 * float(np.abs(lengths - clip.lengths[1:]).mean()))


@torch.no_grad()
def view_joints(model: Lifter, seen: NormalisedInput, mirrored: bool) -> np.ndarray:
    """(T, J, 3) metres relative to the pelvis in view axes, as the network gives them for the clip or its mirror
    image (mirrored back)."""
    xy, score = seen.xy, seen.score
    if mirrored:
        xy, score = xy[:, CANONICAL.flip] * (-1, 1), score[:, CANONICAL.flip]
    flat = torch.from_numpy(xy.reshape(len(xy), -1)).float()
    score = torch.from_numpy(np.ascontiguousarray(score)).float()
    before, after = model.config.padding
    padded = np.clip(np.arange(-before, len(xy) + after), 0, len(xy) - 1)
    output = model.directions(flat[padded][None], score[padded][None])[-1][0]
    if model.bone_lengths is None:
        joints = (output - output[:, :1]).numpy().astype(float)
    else:
        bag = chosen_frames(seen.score, TUNING.length_frames)
        _, lengths = model.bone_lengths(flat[bag][None], score[bag][None])
        directions = np.concatenate([np.zeros((len(xy), 1, 3)), output[:, :-1].numpy()], axis=1)
        joints = MOCAP22.joint_positions(np.append(0.0, lengths[0].numpy()), directions, np.zeros(3))
    return joints[:, MOCAP22.mirror] * _MIRROR if mirrored else joints
