"""Lift a clip of canonical 2D keypoints to bone lengths and directions.

The network looks at a window of frames around each frame. A clip is lifted in chunks that overlap by this window, so
the result has no seams.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import lru_cache, partial
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
from .keypoint_support import keypoint_support
from .lifter_input import NormalisedInput, normalise, with_input_scores
from .lifter_rate import lifter_rate_steps
from .tuning import TUNING

MODEL = "lifter"
WINDOW, CAUSAL = "window", "causal"
"""Keys of the model file's metadata: the number of frames in the network's window; "1" where a window's result belongs
to its last frame, "0" where it belongs to the middle one."""

CHUNK = 128
"""Frames that one run of the network lifts; limits memory and the time after a cancel and changes nothing in the
result."""

_RUNS = 0.95
"""The share of a lift that the network's runs take."""

_MIRROR = np.array([-1.0, 1.0, 1.0])


class NetworkOutput(NamedTuple):
    """directions: (T, J - 1, 3), of `_one_pass` (T, J, 3). up: (T, 3). Both in view axes. lengths: (J - 1,) metres."""

    directions: np.ndarray
    up: np.ndarray
    lengths: np.ndarray


class TwoPasses(NamedTuple):
    """The result of the clip and of the mirrored clip.

    lifted: the mean of both, with the 2D support as its confidence. support: (T, J) in 0..1. spread: (T, J) metres
    between the joints of both.
    """

    lifted: Lifted
    support: np.ndarray
    spread: np.ndarray


def lift(canonical: Keypoints2D, camera: Camera, device: str = "auto", flip: bool = True
         ) -> Generator[Progress, None, Lifted]:
    """Lift a clip, step by step.

    canonical: T frames in the canonical layout, at any frame rate. camera: of the picture. device: see `open_session`.
    flip: also lift the mirrored clip and average both; without it the confidence is the 2D support.
    Raises MocapError for another layout and for a clip without frames.
    """
    _check(canonical)
    frames = len(canonical)
    session = yield from in_thread(lambda: _session(device), Progress("lift", 0, frames))
    if not flip:
        return (yield from _passes(canonical, camera, session, (False,))).lifted
    lifted, support, spread = yield from lift_twice(canonical, camera, session)
    return replace(lifted, confidence=chance(support, spread, weights_of(session.metadata, session.name)))


def lift_twice(canonical: Keypoints2D, camera: Camera, session: Session) -> Generator[Progress, None, TwoPasses]:
    """As `lift` with flip, by any loaded model, before the confidence is computed."""
    return (yield from _passes(canonical, camera, session, (False, True)))


def _passes(canonical: Keypoints2D, camera: Camera, session: Session, mirrored: tuple[bool, ...]
            ) -> Generator[Progress, None, TwoPasses]:
    _check(canonical)
    frames, canonical = len(canonical), with_input_scores(canonical)
    yield Progress("lift", 0, frames)
    even = yield from part_of(lifter_rate_steps(canonical), Progress("lift", 0, frames), 0.0, 0.0)
    seen = normalise(even, camera)
    yield Progress("lift", 0, frames)
    bag = chosen_frames(seen.score, TUNING.length_frames)
    found = []
    for number, flipped in enumerate(mirrored):
        found.append((yield from part_of(_one_pass(session, seen, bag, flipped), Progress("lift", 0, frames),
                                         _RUNS * number / len(mirrored), _RUNS * (number + 1) / len(mirrored))))
    directions, up, lengths = (sum(parts) for parts in zip(*found, strict=True))
    bone_lengths = symmetric(np.concatenate([[0.0], lengths / len(mirrored)]))
    yield Progress("lift", round(_RUNS * frames), frames)
    spread = spread_of(bone_lengths, found[0][0], found[-1][0])
    yield Progress("lift", round(_RUNS * frames), frames)
    back = np.swapaxes(seen.view_from_camera, -1, -2)
    directions = at_times(_unit(directions) @ np.swapaxes(back, -1, -2), even.times, canonical.times)
    up = at_times((back @ up[..., None])[..., 0], even.times, canonical.times)
    directions[:, 0] = 0.0
    yield Progress("lift", frames, frames)
    spread = np.stack([np.interp(canonical.times, even.times, joint) for joint in spread.T], axis=1)
    support = keypoint_support(canonical.score)
    return TwoPasses(Lifted(bone_lengths, directions, up, support), support, spread)


def _check(canonical: Keypoints2D) -> None:
    if canonical.layout != CANONICAL.name:
        raise MocapError(f"the lifter reads the layout {CANONICAL.name}, not {canonical.layout}; convert the clip "
                         "with to_canonical")
    if len(canonical) == 0:
        raise MocapError("there are no frames to lift; choose a clip with a person in it")


def lift_device(device: str = "auto") -> str:
    """The device that `lift` runs on: "cpu" or "cuda:0"."""
    return _session(device).device


@lru_cache(maxsize=2)
def _session(device: str) -> Session:
    return open_session(MODEL, device)


def _one_pass(session: Session, seen: NormalisedInput, bag: np.ndarray, mirrored: bool
              ) -> Generator[Progress, None, NetworkOutput]:
    """Lift the clip or the mirrored clip, whose result is mirrored back; directions (T, J, 3) with row 0 zero."""
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
    """Run the network over a whole clip, step by step, in chunks that overlap by its window.

    Each run is a call on a thread of its own, so that the steps do not depend on the speed of the machine.

    xy (T, K, 2), score (T, K): normalised input. bag: indices of the frames for the lengths. chunk: frames.
    """
    frames, (before, after) = len(xy), padding(session)
    padded = np.clip(np.arange(-before, frames + after), 0, frames - 1)  # the end frames are repeated
    xy, score = (np.ascontiguousarray(a, dtype=np.float32) for a in (xy.reshape(frames, -1), score))
    of_bag = {"bag_xy": xy[bag][None], "bag_score": score[bag][None]}
    directions, ups, lengths = [], [], None
    for start in range(0, frames, chunk):
        part = padded[start : start + chunk + before + after]
        feeds = {"xy": xy[part][None], "score": score[part][None], **of_bag}
        vectors, up, lengths = yield from in_thread(partial(session.run, feeds), Progress("lift", start, frames))
        directions.append(vectors[0])
        ups.append(up[0])
        yield Progress("lift", min(start + chunk, frames), frames)
    return NetworkOutput(np.concatenate(directions).astype(float), np.concatenate(ups).astype(float),
                         lengths[0].astype(float))


def padding(session: Session) -> tuple[int, int]:
    """Frames that the network needs before the first and after the last one that it lifts, from the model file.

    Raises MocapError where the file does not contain them.
    """
    try:
        window, causal = int(session.metadata[WINDOW]), bool(int(session.metadata[CAUSAL]))
    except (KeyError, ValueError) as error:
        raise MocapError(f"{session.name}.onnx: the file does not contain the network's window; install the add-on "
                         "again, or export the model again") from error
    return (window - 1, 0) if causal else (window // 2, window // 2)


def chosen_frames(score: np.ndarray, count: int) -> np.ndarray:
    """Indices of up to `count` frames, evenly spread over the clip: the best seen frame of each section.

    score: (T, K). A section in which the person is seen badly, compared with the rest of the clip, has none.
    """
    quality = score.mean(axis=1)
    if len(quality) <= count:
        best = np.arange(len(quality))
    else:
        edges = np.linspace(0, len(quality), count + 1).astype(int)
        best = np.array([a + int(quality[a:b].argmax()) for a, b in zip(edges[:-1], edges[1:], strict=True)])
    return best[quality[best] >= TUNING.length_quality * np.quantile(quality[best], TUNING.well_seen)]


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
