"""From canonical 2D keypoints to bone lengths and directions, over whole clips, without seams."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np

from ..core.bone_lengths import symmetric
from ..core.camera import Camera
from ..core.errors import MocapError
from ..core.keypoint_layouts import CANONICAL
from ..core.keypoints import Keypoints2D
from ..core.lifted_clip import Lifted
from ..core.skeleton import MOCAP22
from ..maths.time_interpolation import at_times
from ..networks.onnx_session import open_session
from .joint_confidence import chance, spread_of, weights_of
from .keypoint_support import joint_confidence
from .lifter_input import NormalisedInput, normalise
from .lifter_rate import LIFTER_FPS, at_lifter_rate

MODEL = "lifter"
WINDOW, CAUSAL = "window", "causal"
"""Names in the model file's metadata: how many frames the network looks at for each frame that it gives; whether that
is their last one ("1") or the one in the middle ("0")."""

CHUNK = 512
"""Frames given by one run of the network; bounds memory, changes nothing in the result."""

BAG = 50
"""Frames that the bone lengths are taken from, spread over the clip."""

_MIRROR = np.array([-1.0, 1.0, 1.0])


def lift(canonical: Keypoints2D, camera: Camera, device: str = "auto", progress=None, flip: bool = True) -> Lifted:
    """Lift a clip.

    canonical: T frames in the canonical layout, at any rate. device: as `open_session` takes it.
    progress: called as progress(done, total) with frames. flip: also run the mirrored clip and average the two; without
    it the confidence rests on the 2D alone.
    """
    if not flip:
        lifted, support, _ = _lift(canonical, camera, device, progress, (False,))
        return replace(lifted, confidence=support)
    lifted, support, spread = lift_twice(canonical, camera, device, progress)
    session = _session(device)
    return replace(lifted, confidence=chance(support, spread, weights_of(session.metadata, session.name)))


def lift_twice(canonical: Keypoints2D, camera: Camera, device: str = "auto", progress=None, session=None):
    """As `lift` with flip: the Lifted (its confidence still the 2D's), the 2D support (T, J) and the spread (T, J) in
    metres between the clip's and the mirrored clip's joints. session: another model than the shipped one, loaded."""
    return _lift(canonical, camera, device, progress, (False, True), session)


def _lift(canonical: Keypoints2D, camera: Camera, device: str, progress, passes: tuple[bool, ...], session=None):
    if canonical.layout != CANONICAL.name:
        raise MocapError(f"the lifter reads layout {CANONICAL.name}, not {canonical.layout}; use to_canonical")
    if len(canonical) == 0:
        raise MocapError("there are no frames to lift; choose a clip with a person in it")
    session = session or _session(device)
    even = at_lifter_rate(canonical)
    seen = normalise(even, camera)
    bag = chosen_frames(seen.score, BAG)
    total = len(passes) * len(even)
    found = []
    for index, mirrored in enumerate(passes):
        report = progress and functools.partial(_report, progress, index * len(even), total, len(canonical))
        found.append(_one_pass(session, seen, bag, mirrored, report))
    directions, up, lengths = (sum(parts) for parts in zip(*found, strict=True))
    bone_lengths = symmetric(np.concatenate([[0.0], lengths / len(passes)]), MOCAP22)
    spread = spread_of(bone_lengths, found[0][0], found[-1][0])
    back = np.swapaxes(seen.view_from_camera, -1, -2)
    directions = at_times(_unit(directions) @ np.swapaxes(back, -1, -2), even.times, canonical.times)
    up = at_times((back @ up[..., None])[..., 0], even.times, canonical.times)
    directions[:, 0] = 0.0
    spread = np.stack([np.interp(canonical.times, even.times, joint) for joint in spread.T], axis=1)
    support = joint_confidence(canonical.score)
    return Lifted(MOCAP22, bone_lengths, directions, up, support), support, spread


def lift_device(device: str = "auto") -> str:
    """The device that `lift` really runs on: "cpu" or "cuda:0"."""
    return _session(device).device


@functools.lru_cache(maxsize=2)
def _session(device: str):
    return open_session(MODEL, device)


def _report(progress, before: int, total: int, frames: int, done: int) -> None:
    progress((before + done) * frames // total, frames)


def _one_pass(session, seen: NormalisedInput, bag: np.ndarray, mirrored: bool, report):
    """Directions (T, J, 3) with row 0 zero, up (T, 3), both in view axes, and lengths (J - 1,); mirrored back."""
    xy, score = seen.xy, seen.score
    if mirrored:
        xy, score = xy[:, CANONICAL.flip] * (-1, 1), score[:, CANONICAL.flip]
    directions, up, lengths = run_network(session, xy, score, bag, report)
    full = np.concatenate([np.zeros((len(directions), 1, 3)), directions], axis=1)
    if mirrored:
        lengths = np.concatenate([[0.0], lengths])[MOCAP22.mirror][1:]
        full, up = full[:, MOCAP22.mirror] * _MIRROR, up * _MIRROR
    return full, up, lengths


def run_network(session, xy: np.ndarray, score: np.ndarray, bag: np.ndarray, report=None, chunk: int = CHUNK):
    """Run over a whole clip in chunks that overlap by the network's window.

    xy (T, K, 2), score (T, K): normalised input. bag: indices of the frames for the lengths.
    Returns directions (T, J - 1, 3), up (T, 3) and lengths (J - 1,), as the network gives them.
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
        if report is not None:
            report(min(start + chunk, frames))
    return np.concatenate(directions).astype(float), np.concatenate(ups).astype(float), lengths[0].astype(float)


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


__all__ = ["BAG", "CHUNK", "LIFTER_FPS", "MODEL", "chosen_frames", "lift", "padding", "run_network"]
