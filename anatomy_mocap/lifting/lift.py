"""From canonical 2D keypoints to bone lengths and directions, over whole clips, without seams."""

from __future__ import annotations

import functools
from collections.abc import Generator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..core.bone_lengths import symmetric
from ..core.camera import Camera
from ..core.errors import MocapError
from ..core.keypoint_layouts import CANONICAL
from ..core.keypoints import Keypoints2D
from ..core.lifted_clip import Lifted
from ..core.progress import Progress, in_thread, part_of
from ..core.skeleton import MOCAP22
from ..maths.time_interpolation import at_times
from ..networks.onnx_session import Session, open_session
from .joint_confidence import chance, spread_of, weights_of
from .keypoint_support import joint_confidence
from .lifter_input import NormalisedInput, normalise, with_input_scores
from .lifter_rate import at_lifter_rate

MODEL = "lifter"
WINDOW, CAUSAL = "window", "causal"
"""Names in the model file's metadata: how many frames the network looks at for each frame that it gives; whether that
is their last one ("1") or the one in the middle ("0")."""

CHUNK = 160
"""Frames given by one run of the network; bounds memory and the time between two steps, not the result."""

_RUNS = 0.95
"""The share of a lift that the network's runs take."""

BAG = 50
"""Frames that the bone lengths are taken from, spread over the clip."""

_MIRROR = np.array([-1.0, 1.0, 1.0])


class NetworkOutput(NamedTuple):
    """directions: (T, J - 1 or J, 3). up: (T, 3), both in view axes. lengths: (J - 1,) metres."""

    directions: np.ndarray
    up: np.ndarray
    lengths: np.ndarray


class TwoPasses(NamedTuple):
    """lifted: the mean of both passes, its confidence the 2D support alone. support: (T, J) in 0..1. spread: (T, J)
    metres between the joints of the two passes."""

    lifted: Lifted
    support: np.ndarray
    spread: np.ndarray


def lift(canonical: Keypoints2D, camera: Camera, device: str = "auto", flip: bool = True
         ) -> Generator[Progress, None, Lifted]:
    """Lift a clip, step by step.

    canonical: T frames in the canonical layout, at any rate. device: as `open_session` takes it.
    flip: also run the mirrored clip and average the two; without it the confidence rests on the 2D alone.
    """
    _check(canonical)
    frames = len(canonical)
    session = yield from in_thread(lambda: _session(device), Progress("lift", 0, frames))
    if not flip:
        return (yield from _passes(canonical, camera, session, (False,))).lifted
    lifted, support, spread = yield from lift_twice(canonical, camera, session)
    return replace(lifted, confidence=chance(support, spread, weights_of(session.metadata, session.name)))


def lift_twice(canonical: Keypoints2D, camera: Camera, session: Session) -> Generator[Progress, None, TwoPasses]:
    """As `lift` with flip, by any loaded model; the confidence is not fitted yet."""
    return (yield from _passes(canonical, camera, session, (False, True)))


def _passes(canonical: Keypoints2D, camera: Camera, session: Session, mirrored: tuple[bool, ...]
            ) -> Generator[Progress, None, TwoPasses]:
    _check(canonical)
    frames, canonical = len(canonical), with_input_scores(canonical)
    even = at_lifter_rate(canonical)
    yield Progress("lift", 0, frames)
    seen = normalise(even, camera)
    yield Progress("lift", 0, frames)
    bag = chosen_frames(seen.score, BAG)
    found = []
    for number, flipped in enumerate(mirrored):
        found.append((yield from part_of(_one_pass(session, seen, bag, flipped), Progress("lift", 0, frames),
                                         _RUNS * number / len(mirrored), _RUNS * (number + 1) / len(mirrored))))
    directions, up, lengths = (sum(parts) for parts in zip(*found, strict=True))
    bone_lengths = symmetric(np.concatenate([[0.0], lengths / len(mirrored)]), MOCAP22)
    yield Progress("lift", round(_RUNS * frames), frames)
    spread = spread_of(bone_lengths, found[0][0], found[-1][0])
    yield Progress("lift", round(_RUNS * frames), frames)
    back = np.swapaxes(seen.view_from_camera, -1, -2)
    directions = at_times(_unit(directions) @ np.swapaxes(back, -1, -2), even.times, canonical.times)
    up = at_times((back @ up[..., None])[..., 0], even.times, canonical.times)
    directions[:, 0] = 0.0
    yield Progress("lift", frames, frames)
    spread = np.stack([np.interp(canonical.times, even.times, joint) for joint in spread.T], axis=1)
    support = joint_confidence(canonical.score)
    return TwoPasses(Lifted(bone_lengths, directions, up, support), support, spread)


def _check(canonical: Keypoints2D) -> None:
    if canonical.layout != CANONICAL.name:
        raise MocapError(f"the lifter reads layout {CANONICAL.name}, not {canonical.layout}; use to_canonical")
    if len(canonical) == 0:
        raise MocapError("there are no frames to lift; choose a clip with a person in it")


def lift_device(device: str = "auto") -> str:
    """The device that `lift` really runs on: "cpu" or "cuda:0"."""
    return _session(device).device


@functools.lru_cache(maxsize=2)
def _session(device: str):
    return open_session(MODEL, device)


def _one_pass(session: Session, seen: NormalisedInput, bag: np.ndarray, mirrored: bool
              ) -> Generator[Progress, None, NetworkOutput]:
    """Directions (T, J, 3) with row 0 zero, up (T, 3), both in view axes, and lengths (J - 1,); mirrored back."""
    xy, score = seen.xy, seen.score
    if mirrored:
        xy, score = xy[:, CANONICAL.flip] * (-1, 1), score[:, CANONICAL.flip]
    directions, up, lengths = yield from run_network(session, xy, score, bag)
    full = np.concatenate([np.zeros((len(directions), 1, 3)), directions], axis=1)
    if mirrored:
        lengths = np.concatenate([[0.0], lengths])[MOCAP22.mirror][1:]
        full, up = full[:, MOCAP22.mirror] * _MIRROR, up * _MIRROR
    return NetworkOutput(full, up, lengths)


def run_network(session: Session, xy: np.ndarray, score: np.ndarray, bag: np.ndarray, chunk: int = CHUNK
                ) -> Generator[Progress, None, NetworkOutput]:
    """Run over a whole clip in chunks that overlap by the network's window.

    xy (T, K, 2), score (T, K): normalised input. bag: indices of the frames for the lengths.
    """
    frames, (before, after) = len(xy), padding(session)
    padded = np.clip(np.arange(-before, frames + after), 0, frames - 1)  # clip ends: the end frame repeated
    xy, score = (np.ascontiguousarray(a, dtype=np.float32) for a in (xy.reshape(frames, -1), score))
    of_bag = {"bag_xy": xy[bag][None], "bag_score": score[bag][None]}
    directions, ups, lengths = [], [], None
    for start in range(0, frames, chunk):
        part = padded[start : start + chunk + before + after]
        vectors, up, lengths = session.run({"xy": xy[part][None], "score": score[part][None], **of_bag})
        directions.append(vectors[0])
        ups.append(up[0])
        yield Progress("lift", min(start + chunk, frames), frames)
    return NetworkOutput(np.concatenate(directions).astype(float), np.concatenate(ups).astype(float),
                         lengths[0].astype(float))


def padding(session) -> tuple[int, int]:
    """Frames that the network wants before the first and after the last one that it gives, as its file tells."""
    told = session.metadata
    try:
        window, causal = int(told[WINDOW]), bool(int(told[CAUSAL]))
    except (KeyError, ValueError) as error:
        raise MocapError(f"{session.name}.onnx: doesn't tell its window; install the add-on again, or export "
                         "the model anew") from error
    return (window - 1, 0) if causal else (window // 2, window // 2)


def chosen_frames(score: np.ndarray, count: int) -> np.ndarray:
    """Indices of up to `count` frames spread over the clip, the best seen one of each stretch.

    score: (T, K). Stretches in which the person is badly seen against the rest of the clip give none.
    """
    quality = score.mean(axis=1)
    if len(quality) <= count:
        best = np.arange(len(quality))
    else:
        edges = np.linspace(0, len(quality), count + 1).astype(int)
        best = np.array([a + int(quality[a:b].argmax()) for a, b in zip(edges[:-1], edges[1:], strict=True)])
    return best[quality[best] >= 0.5 * np.quantile(quality[best], 0.9)]


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
