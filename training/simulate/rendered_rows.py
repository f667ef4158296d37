"""Rendered people as the shipped detector saw them, as rows to train on beside the simulated ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.lifting.lifter_input import normalise, with_input_scores
from anatomy_mocap.lifting.lifter_rate import at_lifter_rate

from ..mocap.dataset import VALIDATION_SUBJECTS, directions_of
from ..rendered_people.clip_file import RenderedClip, load_clip
from .simulate_batch import FEWEST, Batch

LONGEST = 100
"""Frames that are taken of a clip."""

_LOOSE = [MOCAP22.index(name) for name in MOCAP22.joint_names
          if name.endswith(("spine", "thorax", "neck", "nose", "head", "shoulder"))]
_LOOSE_WEIGHT = 0.3
"""Of the bones that another modeller's skeleton has elsewhere than the motion set."""


def load_detected(folder: str | Path, padding: int) -> Batch:
    """All rendered clips of a folder as a Batch of one chunk a video, `padding` held frames before and after each.

    MocapError where there are none, or where one shows the motion of a validation subject.
    """
    paths = sorted(Path(folder).glob("*.npz"))
    rows = []
    for path in paths:
        clip = load_clip(path)
        if clip.subject in VALIDATION_SUBJECTS:
            raise MocapError(f"{path}: shows subject {clip.subject}, which is for validation; render training subjects")
        if clip.detected.mean() > 0.5:
            rows.append(_row(clip, padding))
    if not rows:
        raise MocapError(f"{folder}: no rendered clip (.npz) with a person in it; make some with the render command")
    return Batch(*(np.stack(parts) for parts in zip(*rows, strict=True)))


def _row(clip: RenderedClip, padding: int) -> tuple[np.ndarray, ...]:
    """One clip's values in the order of Batch's fields, frames held at the ends."""
    keypoints = at_lifter_rate(with_input_scores(clip.canonical()))
    frames = np.abs(clip.times - keypoints.times[:, None]).argmin(axis=1)
    seen = normalise(keypoints, clip.camera)
    turn = seen.view_from_camera
    directions = directions_of(clip.in_camera()[frames, : len(MOCAP22)]) @ np.swapaxes(turn, -1, -2)
    up = (turn @ clip.up[frames][..., None])[..., 0]
    valid = (seen.score > 0).sum(-1) >= FEWEST
    at = np.arange(-padding, LONGEST + padding)
    held = np.clip(at, 0, len(frames) - 1)
    weight = np.ones(len(MOCAP22), dtype=np.float32)
    weight[_LOOSE] = _LOOSE_WEIGHT
    floats = (value[held].astype(np.float32) for value in (seen.xy, seen.score, directions, up))
    return (*floats, clip.lengths.astype(np.float32), valid[held] & (at == held), weight)
