"""The chain of steps from a file to a take, and from a take to a motion."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import numpy as np

from .core.bone_lengths import body_height, scaled_to_height
from .core.camera import DEFAULT_FOV, Camera
from .core.errors import MocapError
from .core.keypoints import Keypoints2D, as_exact, as_filmed, even_rate_steps, remove_invalid, to_canonical
from .core.lifted_clip import Lifted
from .core.progress import Progress, part_of
from .core.skeleton import MOCAP22
from .core.take import HIGHEST_RATE, LOWEST_RATE, Take
from .fitting.average_body_view import as_average_body
from .fitting.fit_to_picture import fit_pose, fit_to_picture
from .fitting.gaps_and_jumps import bridge_gaps, remove_jumps
from .settings import READING, CaptureSettings
from .take_facts import LOW_CONFIDENCE

WIDEST = np.radians(130.0)
"""Field of view over the picture's longer side, radians, above which a take has a warning. Guessed."""

DETECTORS = {"fast": "MoveNet MultiPose + BlazePose Full and Heavy", "default": "MoveNet MultiPose + BlazePose Heavy",
             "best": "MoveNet MultiPose + BlazePose Heavy, twice"}
"""The networks that give the keypoints of a video, by quality, as a take names them."""

_OF_FILES = ("layout", "size", "unit", "third", "clip")
"""Settings that hold for keypoint files alone."""
_FILE_SHARES = {"read": 0.05, "lift": 0.32, "fit": 0.17, "lift again": 0.28, "fit again": 0.18}
_VIDEO_SHARES = {"look": 0.1, "detect": 0.75, **{name: 0.15 / 0.95 * share for name, share in _FILE_SHARES.items()
                                    if name != "read"}}
"""Share of each stage in a run, by its time: measured on a clip of 15,000 frames, and on the demo's video."""


def capture(path: str | Path, settings: CaptureSettings | None = None) -> Generator[Progress, None, Take]:
    """Turn a video, an image sequence or a keypoint file into a take, step by step.

    Yields a Progress at least every 0.2 s of work, for a bar and for a cancel: close the generator to stop. Its files
    are closed then, and nothing is left behind. Raises MocapError with the file, the cause and the remedy.
    """
    settings, path = settings or CaptureSettings(), Path(path)
    return (yield from _with_overall(_capture(path, settings)))


def _capture(path: Path, settings: CaptureSettings) -> Generator[Progress, None, Take]:
    info: dict = {"source": path.name, "warnings": [], "seconds": {}}
    started = time.perf_counter()
    keypoints = yield from _read(path, settings, info)
    info["seconds"]["keypoints"] = time.perf_counter() - started
    if not LOWEST_RATE <= keypoints.fps <= HIGHEST_RATE:
        raise MocapError(f"{path}: {keypoints.fps:g} frames per second are no rate for a take ({LOWEST_RATE:g} to "
                         f"{HIGHEST_RATE:g}); give the true rate with --fps")
    keypoints = trim(keypoints, info["warnings"])
    camera = _camera(keypoints, settings, info)
    _warn_if_wide(camera, info["warnings"])
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
            shares = shares or (_VIDEO_SHARES if step.stage == "look" else _FILE_SHARES)
            names = list(shares)
            before = sum(shares[name] for name in names[:names.index(step.stage)])
            yield replace(step, overall=min(1.0, before + shares[step.stage] * step.fraction))
    finally:
        steps.close()


def lift_keypoints(keypoints: Keypoints2D, camera: Camera, settings: CaptureSettings,
                   info: dict) -> Generator[Progress, None, Take]:
    """Turn 2D keypoints (any layout, even frame rate) into a take, step by step; see `capture`.

    info: the take's; its lists "warnings" and its dict "seconds" are filled.

    The clip is lifted twice. After the first lift the body is fitted, and the keypoints are moved to where an average
    body would have shown them. The second lift is then fitted to the keypoints as they are.
    """
    frames, started = len(keypoints), time.perf_counter()
    stage = Progress("lift", 0, frames, "lifting to 3D")
    yield stage
    from .lifting.lift import lift, lift_device

    yield stage
    keypoints = remove_invalid(keypoints)
    canonical, jumps = yield from part_of(remove_jumps(to_canonical(keypoints)), stage, 0.0, 0.02)
    if jumps:
        info["warnings"].append(f"{jumps} keypoints jump away for a frame or two and are not used in those frames")
    lifted = yield from part_of(lift(canonical, camera, device=settings.device), stage, 0.02, 1.0)
    lifted = bridge_gaps(lifted, canonical)
    if settings.height:
        lengths = scaled_to_height(lifted.bone_lengths, settings.height)
        lifted = replace(lifted, bone_lengths=lengths)
    stage = Progress("fit", 0, frames, "fitting the body")
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
    """Fit a lifted clip to its keypoints and make the take, step by step.

    keypoints: the clip as it was read, for the take. canonical: the same frames as they were lifted. info: the take's.
    """
    stage = Progress("fit again", 0, len(keypoints), "fitting pose and path")
    fit = yield from part_of(fit_to_picture(lifted, canonical, camera), stage)
    info["body_height"] = float(body_height(fit.body.lengths))
    info["low_confidence_frames"] = int(np.sum(lifted.confidence[:, 1:].mean(axis=1) < LOW_CONFIDENCE))
    return Take(
        MOCAP22.joint_names, MOCAP22.parents, float(keypoints.fps), keypoints.times,
        fit.body.lengths, fit.directions, fit.root, fit.world_from_camera, keypoints, lifted.confidence, camera, info)


def trim(keypoints: Keypoints2D, warnings: list[str]) -> Keypoints2D:
    """Cut the frames before the first and after the last one with a keypoint; add a warning for cuts and for gaps.

    Raises MocapError where no frame has a keypoint.
    """
    seen = np.flatnonzero((keypoints.score > 0).any(axis=1))
    if not len(seen):
        raise MocapError("no keypoint in any frame; choose a clip that shows the person")
    first, last = int(seen[0]), int(seen[-1])
    if first or last < len(keypoints) - 1:
        warnings.append(f"nobody is seen in the first {first} and the last {len(keypoints) - 1 - last} frames; "
                        "the take does not contain them")
    missing = last - first + 1 - len(seen)
    if missing:
        warnings.append(f"{missing} frames in between show nobody; they are interpolated and have confidence 0")
    return keypoints[first:last + 1]


def _read(path: Path, settings: CaptureSettings, info: dict) -> Generator[Progress, None, Keypoints2D]:
    """The person's keypoints at an even frame rate, from a file of any kind."""
    from .sources.keypoint_file import is_keypoint_file, opening

    if path.exists() and is_keypoint_file(path):
        stage = Progress("read", 0, 100, f"reading {path.name}", unit="%")
        yield stage
        opened = yield from part_of(opening(path, **{name: getattr(settings, name) for name in READING}),
                                    stage, 0.0, 0.9)
        info["warnings"] += opened.notes
        info["detector"] = f"keypoint file ({opened.format}, {opened.keypoints.layout})"
        if settings.exact:
            info["detector"] += ", exact"
        # With a slow motion, the given rate is the one at which it plays; the take keeps each frame.
        rate = None if settings.shot_fps else settings.fps
        keypoints = yield from part_of(even_rate_steps(opened.keypoints, rate), stage, 0.9, 1.0)
        yield replace(stage, done=stage.total)
        return as_exact(keypoints) if settings.exact else keypoints
    if settings.exact:
        info["warnings"].append("exact keypoints need a keypoint file; those of this video are the detector's")
    if given := [name for name in _OF_FILES if getattr(settings, name) not in (None, "auto")]:
        info["warnings"].append(f"{', '.join(given)}: given for keypoint files, and not used for a video")
    return (yield from _track(path, settings, info))


def _track(path: Path, settings: CaptureSettings, info: dict) -> Generator[Progress, None, Keypoints2D]:
    from .people.watch import watch
    from .sources.keypoint_times import shot_note
    from .sources.video import open_video

    with open_video(path, fps=settings.fps) as source:
        clip = yield from watch(source, settings.device, settings.person, settings.quality)
        info["warnings"] += [*source.warnings, *clip.people[0].warnings]
    info["device"], keypoints = clip.device, clip.people[0].keypoints
    info["detector"] = DETECTORS[settings.quality]
    watched = Progress("detect", len(keypoints), len(keypoints), f"watching {path.name}")
    rate = settings.fps
    if settings.shot_fps:
        info["warnings"].append(shot_note(settings.shot_fps, keypoints.fps))
        keypoints = as_filmed(keypoints, settings.shot_fps)
        rate = settings.fps if source.own_times else None
    return (yield from part_of(even_rate_steps(keypoints, rate), watched, 1.0, 1.0))


def _camera(keypoints: Keypoints2D, settings: CaptureSettings, info: dict) -> Camera:
    if settings.focal:
        return Camera.from_focal(keypoints.width, keypoints.height, settings.focal)
    if settings.fov is None:
        info["warnings"].append(f"field of view not given: {np.degrees(DEFAULT_FOV):.0f} degrees over the longer "
                                "side are assumed")
    return Camera.from_fov(keypoints.width, keypoints.height, settings.fov or DEFAULT_FOV)


def _warn_if_wide(camera: Camera, warnings: list[str]) -> None:
    """Add a warning for a field of view that few lenses without distortion have."""
    if camera.fov > WIDEST:
        warnings.append(f"the field of view of {np.degrees(camera.fov):.0f} degrees over the longer side assumes a "
                        "lens without distortion, and few such lenses are so wide; check it, and undistort a fisheye "
                        "video first")
