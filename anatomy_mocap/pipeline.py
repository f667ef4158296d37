"""The only place that chains the steps: a file in, a take out."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import numpy as np

from .core.bone_lengths import body_height, scaled_to_height
from .core.camera import DEFAULT_FOV, Camera
from .core.errors import MocapError
from .core.keypoints import Keypoints2D, as_exact, even_rate_steps, sound, to_canonical
from .core.lifted_clip import Lifted
from .core.progress import Progress, part_of
from .core.skeleton import MOCAP22
from .core.take import Take
from .fitting.average_body_view import as_average_body
from .fitting.fit_to_picture import fit_pose, fit_to_picture
from .fitting.gaps_and_jumps import bridge_gaps, remove_jumps
from .settings import CaptureSettings
from .take_facts import LOW_CONFIDENCE

WIDEST = np.radians(130.0)
"""Field of view over the longer side above which a take warns."""

_FILE_SHARES = {"read": 0.05, "lift": 0.32, "fit": 0.17, "lift again": 0.28, "fit again": 0.18}
_VIDEO_SHARES = {"detect": 0.85, **{name: 0.15 / 0.95 * share for name, share in _FILE_SHARES.items()
                                    if name != "read"}}
"""Share of each stage in a run, by the time that it takes."""


def capture(path: str | Path, settings: CaptureSettings | None = None) -> Generator[Progress, None, Take]:
    """Turn a video, an image sequence or a keypoint file into a take, step by step.

    Yields a Progress often enough for a bar and a cancel (close the generator to stop; nothing is left behind).
    Raises MocapError for what can't be used, naming the file, the cause and the remedy.
    """
    settings, path = settings or CaptureSettings(), Path(path)
    return (yield from _with_overall(_capture(path, settings)))


def _capture(path: Path, settings: CaptureSettings) -> Generator[Progress, None, Take]:
    info: dict = {"source": path.name, "warnings": [], "seconds": {}}
    started = time.perf_counter()
    keypoints = yield from _read(path, settings, info)
    info["seconds"]["keypoints"] = time.perf_counter() - started
    keypoints = trim(keypoints, info["warnings"])
    camera = _told_if_wide(_camera(keypoints, settings, info), info["warnings"])
    return (yield from lift_keypoints(keypoints, camera, settings, info))


def _with_overall(steps: Generator[Progress, None, Take]) -> Generator[Progress, None, Take]:
    """The same steps, each with its fraction of the whole run."""
    shares: dict[str, float] = {}
    try:
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return end.value
            shares = shares or (_VIDEO_SHARES if step.stage == "detect" else _FILE_SHARES)
            names = list(shares)
            before = sum(shares[name] for name in names[:names.index(step.stage)])
            yield replace(step, overall=min(1.0, before + shares[step.stage] * step.fraction))
    finally:
        steps.close()


def lift_keypoints(keypoints: Keypoints2D, camera: Camera, settings: CaptureSettings,
                   info: dict) -> Generator[Progress, None, Take]:
    """From 2D keypoints (any layout, even rate, made `sound`) to a take; see `capture`."""
    frames, started = len(keypoints), time.perf_counter()
    stage = Progress("lift", 0, frames, "lifting to 3D")
    yield stage
    from .lifting.lift import lift, lift_device

    yield stage
    keypoints = sound(keypoints)
    canonical, jumps = yield from part_of(remove_jumps(to_canonical(keypoints)), stage, 0.0, 0.02)
    if jumps:
        info["warnings"].append(f"{jumps} keypoints jump away for a frame or two and are not used there")
    lifted = yield from part_of(lift(canonical, camera, device=settings.device), stage, 0.02, 1.0)
    lifted = bridge_gaps(lifted, canonical)
    if settings.height:
        lengths = scaled_to_height(lifted.bone_lengths, settings.height, MOCAP22)
        lifted = replace(lifted, bone_lengths=lengths)
    stage = Progress("fit", 0, frames, "finding out how the person is built")
    pose = yield from part_of(fit_pose(lifted, canonical, camera), stage, 0.0, 0.97)
    average = yield from part_of(as_average_body(canonical, camera, pose.body, pose.directions, pose.root), stage,
                               0.97, 1.0)
    stage = Progress("lift again", 0, frames, "lifting to 3D again")
    again = yield from part_of(lift(average, camera, device=settings.device), stage)
    again = replace(bridge_gaps(again, average), bone_lengths=lifted.bone_lengths)
    info.setdefault("device", lift_device(settings.device))
    info["seconds"]["lift"] = time.perf_counter() - started
    started = time.perf_counter()
    take = yield from place(again, keypoints, canonical, camera, info)
    info["seconds"]["place"] = time.perf_counter() - started
    return take


def place(lifted: Lifted, keypoints: Keypoints2D, canonical: Keypoints2D, camera: Camera, info: dict
          ) -> Generator[Progress, None, Take]:
    """Give a lifted clip its path in space and its upright world: Lifted -> Take."""
    stage = Progress("fit again", 0, len(keypoints), "placing the person in space")
    fit = yield from part_of(fit_to_picture(lifted, canonical, camera), stage)
    info["body_height"] = float(body_height(fit.body.lengths, MOCAP22))
    info["low_confidence_frames"] = int(np.sum(lifted.confidence[:, 1:].mean(axis=1) < LOW_CONFIDENCE))
    return Take(
        MOCAP22.joint_names, MOCAP22.parents, float(keypoints.fps), keypoints.times,
        fit.body.lengths, fit.directions, fit.root, fit.world_from_camera, keypoints, lifted.confidence, camera, info)


def trim(keypoints: Keypoints2D, warnings: list[str]) -> Keypoints2D:
    """Cut the frames before the person comes and after they leave; say what was cut and which gaps remain."""
    seen = np.flatnonzero((keypoints.score > 0).any(axis=1))
    if not len(seen):
        raise MocapError("no keypoint in any frame; check that the person is visible")
    first, last = int(seen[0]), int(seen[-1])
    if first or last < len(keypoints) - 1:
        warnings.append(f"nobody is seen in the first {first} and the last {len(keypoints) - 1 - last} frames; "
                        "the take leaves them out")
    missing = last - first + 1 - len(seen)
    if missing:
        warnings.append(f"{missing} frames in between show nobody; they are bridged and marked with confidence 0")
    return keypoints[first:last + 1]


def _read(path: Path, settings: CaptureSettings, info: dict) -> Generator[Progress, None, Keypoints2D]:
    """The person's keypoints at an even rate, from whatever the file is."""
    from .sources.keypoint_file import is_keypoint_file, opening

    if path.exists() and is_keypoint_file(path):
        stage = Progress("read", 0, 100, f"reading {path.name}", unit="%")
        yield stage
        opened = yield from part_of(opening(path, settings.layout, settings.person, settings.fps, settings.size),
                                    stage, 0.0, 0.9)
        info["warnings"] += opened.notes
        info["detector"] = f"keypoint file ({opened.format}, {opened.keypoints.layout})"
        if settings.exact:
            info["detector"] += ", exact"
        keypoints = yield from part_of(even_rate_steps(opened.keypoints, settings.fps), stage, 0.9, 1.0)
        yield replace(stage, done=stage.total)
        return as_exact(keypoints) if settings.exact else keypoints
    if settings.exact:
        info["warnings"].append("exact keypoints are those of a keypoint file; this video's are the detector's")
    return (yield from _track(path, settings, info))


def _track(path: Path, settings: CaptureSettings, info: dict) -> Generator[Progress, None, Keypoints2D]:
    from .people.follow import track_video
    from .sources.video import open_video

    with open_video(path, fps=settings.fps) as source:
        keypoints = yield from track_video(source, device=settings.device, person=settings.person, info=info)
        info["warnings"] += source.warnings
    info["detector"] = "MoveNet MultiPose + BlazePose Heavy"
    watched = Progress("detect", len(keypoints), len(keypoints), f"watching {path.name}")
    return (yield from part_of(even_rate_steps(keypoints, settings.fps), watched, 1.0, 1.0))


def _camera(keypoints: Keypoints2D, settings: CaptureSettings, info: dict) -> Camera:
    if settings.focal:
        return Camera.from_focal(keypoints.width, keypoints.height, settings.focal)
    if settings.fov is None:
        info["warnings"].append(f"field of view not given: {np.degrees(DEFAULT_FOV):.0f} degrees over the longer "
                                "side are assumed")
    return Camera.from_fov(keypoints.width, keypoints.height, settings.fov or DEFAULT_FOV)


def _told_if_wide(camera: Camera, warnings: list[str]) -> Camera:
    """The camera; a warning where it sees more than a lens without distortion does."""
    if camera.fov > WIDEST:
        warnings.append(f"a field of view of {np.degrees(camera.fov):.0f} degrees over the longer side is taken as "
                        "that of a lens without distortion, and few see so much; check it, and straighten a fisheye's "
                        "picture first")
    return camera
