"""Prediction of whole videos by a trained network: flip averaging, edge padding, lengths as in training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from .ablation_rows import Variant
from .batches import FRAMES_FOR_LENGTHS
from .losses import composed
from .skeleton17 import PAPER17
from .variants_of_the_lifter import VariantLifter
from .videos import Videos, length_frames, mirrored, relative

CHUNK = 1000
"""Frames that go through the network at once."""


@dataclass(frozen=True)
class Predicted:
    """Prediction of one video. joints: (T, 17, 3) metres relative to the root, by equation 1 if lengths are predicted.
    regressed: the same from the regressed head, or None. lengths: (T, 16) metres, or None."""

    joints: np.ndarray
    regressed: np.ndarray | None
    lengths: np.ndarray | None


@torch.no_grad()
def predict(model: VariantLifter, variant: Variant, xy: np.ndarray, score: np.ndarray, flip: bool = True, seed: int = 0,
            bag: int = FRAMES_FOR_LENGTHS, as_relative: bool = False) -> Predicted:
    """Predict a video from xy (T, 17, 2) and score (T, 17). flip: average with the mirrored video's prediction.

    as_relative: the network was trained on `videos.relative` keypoints.
    """
    model.eval()
    xy = relative(xy) if as_relative else xy
    rows = np.array([False, True]) if flip else np.array([False])
    xy, score = (mirrored(np.repeat(part[None], len(rows), 0), rows) for part in (xy, score[..., None]))
    device = next(model.parameters()).device
    tensors = [torch.from_numpy(np.ascontiguousarray(part, dtype=np.float32)).to(device).flatten(2)
               for part in (xy, score)]
    found = torch.cat([_chunk(model, *tensors, at) for at in range(0, xy.shape[1], CHUNK)], dim=1)
    if not variant.anatomic:
        joints = _averaged(found, flip)
        return Predicted((joints - joints[:, :1]).cpu().numpy(), None, None)
    directions = torch.nn.functional.normalize(_averaged(found, flip, whole=False), dim=-1)
    lengths = _lengths(model, variant, tensors[0], np.random.default_rng(seed), bag)
    lengths = 0.5 * (lengths[0] + lengths[-1][:, PAPER17.mirror[1:] - 1]) if flip else lengths[0]
    lengths = lengths.expand(len(directions), -1)
    regressed = None
    if model.regress is not None:
        regressed = model.regress(lengths, directions[:, None])[:, 0]
        regressed = (regressed - regressed[:, :1]).cpu().numpy()
    return Predicted(composed(directions, lengths).cpu().numpy(), regressed, lengths.cpu().numpy())


def _chunk(model: VariantLifter, xy: torch.Tensor, score: torch.Tensor, at: int) -> torch.Tensor:
    """The top output for CHUNK frames from frame `at` on, the video's ends repeated."""
    before, after = model.config.padding
    frames = np.arange(at - before, min(at + CHUNK, xy.shape[1]) + after).clip(0, xy.shape[1] - 1)
    frames = torch.from_numpy(frames).to(xy.device)
    return model.directions(xy[:, frames], score[:, frames])[-1]


def _averaged(found: torch.Tensor, flip: bool, whole: bool = True) -> torch.Tensor:
    """(rows, T, 17 or 16, 3) -> (T, ...): the mean of the video's and its mirror image's, turned back."""
    if not flip:
        return found[0]
    order = PAPER17.mirror if whole else PAPER17.mirror[1:] - 1
    sign = torch.tensor([-1.0, 1.0, 1.0], device=found.device)
    return 0.5 * (found[0] + found[1][:, torch.from_numpy(order).to(found.device)] * sign)


def _lengths(model: VariantLifter, variant: Variant, xy: torch.Tensor, rng: np.random.Generator,
             bag: int) -> torch.Tensor:
    """(rows, T, 16), or (rows, 1, 16) where all frames share one bag of the whole video."""
    network, frames = model.bone_lengths, xy.shape[1]
    seen = torch.ones_like(xy[..., ::2])
    own = (network.frame_lengths if not variant.frame_loss else network.frame_joints)(xy, seen)
    each = variant.consecutive or model.config.causal
    current = np.arange(frames) if each else np.zeros(1, int)
    chosen = length_frames(rng, current, np.full(len(current), frames), bag, model.config.causal, variant.consecutive)
    result = []
    for row in own:
        if not variant.frame_loss:
            result.append(row[torch.from_numpy(chosen).to(row.device)].mean(dim=1))
            continue
        parts = np.array_split(chosen, max(1, len(chosen) // CHUNK))
        result.append(torch.cat([network.lengths(row[torch.from_numpy(part).to(row.device)]) for part in parts]))
    return torch.stack(result)


@dataclass(frozen=True)
class Seen:
    """One video for the tables: its subject and action, and the prediction and truth of its counted frames."""

    subject: str
    action: str
    predicted: Predicted
    true: np.ndarray


def predict_all(model: VariantLifter, variant: Variant, videos: Videos, flip: bool = True,
                as_relative: bool = False) -> list[Seen]:
    """Predict every video of a set; the arrays hold the counted frames only."""
    result = []
    for index in range(len(videos)):
        at = videos.video(index)
        found = predict(model, variant, videos.xy[at], videos.score[at], flip, index, as_relative=as_relative)
        keep = videos.counted[at]
        parts = (None if part is None else part[keep] for part in (found.joints, found.regressed, found.lengths))
        true = videos.joints[at][keep]
        result.append(Seen(videos.subject[index], videos.action[index], Predicted(*parts), true - true[:, :1]))
    return result
