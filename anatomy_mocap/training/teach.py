"""Answers of finished networks as what a network is to learn: less is left to chance in them than in the truth.

Of one picture many poses are possible; the truth is one of them, drawn by chance, and a step on a few hundred windows
learns that chance, too. The mean answer of several networks and views of a clip is near the middle of what is possible,
and better than any one of them (docs/training.md, "Teachers"). So a CPU's small steps gain where the truth alone makes
good weights worse.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch

from ..core.keypoints import CANONICAL
from ..core.rotations import unit
from ..core.skeleton import MOCAP22
from .checkpoint import load_model
from .dataset import MocapSet
from .devices import multiplies_bfloat16
from .model import Lifter
from .rarity import RarePoses
from .synth2d import Batch, SynthSettings, make_batch
from .train_settings import TrainSettings

REACH = 80
"""Frames before and after a frame that a teacher of 81 frames, causal and run in either direction, looks at."""

TAUGHT = 104
"""Frames of a chunk that teachers answer for."""

SPEEDS = (0.8, 1.2)
"""At which centred teachers see the clip, besides as it is."""

AT_ONCE = 4
"""Chunks that go through a teacher together: more do not fit into a CPU's cache."""

_SIGN = np.array([-1.0, 1.0, 1.0], dtype=np.float32)


def taught(rng: np.random.Generator, mocap: MocapSet, settings: TrainSettings, rare: RarePoses) -> Batch:
    """`settings.fresh` simulated videos of one chunk each, whose directions and up are `settings.teach` parts the
    teachers' answer and the rest the truth: not unit vectors. `valid` tells where there is an answer."""
    window = 3**settings.widths
    before, after = (window - 1, 0) if settings.causal else (window // 2, window // 2)
    synth = SynthSettings(1, TAUGHT + 2 * REACH, exact=settings.exact)
    batch = make_batch(rng, mocap, settings.fresh, synth, rare)
    answers = answered(teachers_of(settings.teachers), batch.xy, batch.score)
    middle = slice(REACH, REACH + TAUGHT)
    directions, up, valid = batch.directions.copy(), batch.up.copy(), np.zeros_like(batch.valid)
    directions[:, middle, 1:] += settings.teach * (answers[:, :, :-1] - directions[:, middle, 1:])
    up[:, middle] += settings.teach * (answers[:, :, -1] - up[:, middle])
    valid[:, middle] = batch.valid[:, middle]
    kept = slice(REACH - before, REACH + TAUGHT + after)
    return replace(batch, xy=batch.xy[:, kept], score=batch.score[:, kept], directions=directions[:, kept],
                   up=up[:, kept], valid=valid[:, kept])


@lru_cache(maxsize=1)
def teachers_of(paths: str) -> list[Lifter]:
    """The networks of checkpoint files separated by commas."""
    return [load_model(path) for path in paths.split(",")]


def answered(teachers: list[Lifter], xy: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Unit vectors (B, T - 2 REACH, J, 3) of bones 1..J-1 and up, the mean of all the teachers' answers.

    xy (B, T, K, 2), score (B, T, K): normalised input. A centred teacher answers for the clip as it is, mirrored,
    faster, and slower and mirrored; a causal one for the clip as it is, and for it mirrored and backward in time.
    """
    parts = []
    for start in range(0, len(xy), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        parts.append(sum(answer for teacher in teachers for answer in _answers(teacher, xy[rows], score[rows])))
    return unit(np.concatenate(parts))


def _answers(teacher: Lifter, xy: np.ndarray, score: np.ndarray):
    frames = xy.shape[1]
    if teacher.config.causal:
        yield _answer(teacher, xy[:, : frames - REACH], score[:, : frames - REACH])
        later = slice(None, REACH - 1, -1)  # the rest, backward in time
        yield _mirrored_answer(teacher, xy[:, later], score[:, later])[:, ::-1]
    else:
        own = slice(REACH // 2, frames - REACH // 2)
        yield _answer(teacher, xy[:, own], score[:, own])
        yield _mirrored_answer(teacher, xy[:, own], score[:, own])
        slow, fast = SPEEDS
        yield _at_speed(_mirrored_answer, teacher, xy, score, slow)
        yield _at_speed(_answer, teacher, xy, score, fast)


def _at_speed(answer, teacher: Lifter, xy: np.ndarray, score: np.ndarray, speed: float) -> np.ndarray:
    """The answer for the clip run at another speed, at the clip's own frames."""
    frames = xy.shape[1] - 2 * REACH
    count = int(np.ceil((frames - 1) / speed)) + 1
    at = REACH + speed * np.arange(-REACH // 2, count + REACH // 2)
    found = answer(teacher, *between_frames(xy, score, at))
    place = np.arange(frames) / speed
    first = np.minimum(place.astype(int), count - 2)
    share = (place - first)[:, None, None].astype(np.float32)
    return (1 - share) * found[:, first] + share * found[:, first + 1]


def between_frames(xy: np.ndarray, score: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """xy (B, T, K, 2) and score (B, T, K) at the times `at` in frames: between two frames in both of which a keypoint
    is seen in proportion, else as in the nearer one."""
    at = np.clip(at, 0, xy.shape[1] - 1)
    first = np.minimum(at.astype(int), xy.shape[1] - 2)
    share = (at - first)[:, None].astype(np.float32)
    one, other = score[:, first], score[:, first + 1]
    share = np.where((one > 0) & (other > 0), share, np.round(share))
    points = (1 - share)[..., None] * xy[:, first] + share[..., None] * xy[:, first + 1]
    return points, (1 - share) * one + share * other


def _mirrored_answer(teacher: Lifter, xy: np.ndarray, score: np.ndarray) -> np.ndarray:
    found = _answer(teacher, xy[:, :, CANONICAL.flip] * _SIGN[:2], score[:, :, CANONICAL.flip])
    bones = np.concatenate([np.zeros_like(found[:, :, :1]), found[:, :, :-1]], axis=2)[:, :, MOCAP22.mirror][:, :, 1:]
    return np.concatenate([bones, found[:, :, -1:]], axis=2) * _SIGN


@torch.no_grad()
def _answer(teacher: Lifter, xy: np.ndarray, score: np.ndarray) -> np.ndarray:
    flat, score = (torch.from_numpy(np.ascontiguousarray(value, dtype=np.float32)) for value in (xy, score))
    half = multiplies_bfloat16(flat.device)
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        return teacher.directions(flat.flatten(2), score)[-1].float().numpy()
