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
from .core.keypoints import Keypoints2D, believed, sound, to_canonical, to_even_rate
from .core.lifted_clip import Lifted
from .core.progress import Progress
from .core.take import Take
from .fitting.average_body_view import as_usual_person
from .fitting.fit_to_picture import fit_to_picture
from .fitting.floor_plane import level
from .fitting.gaps_and_jumps import bridged, well_seen, without_jumps
from .fitting.root_fit import fit_root
from .settings import CaptureSettings
from .take_facts import LOW_CONFIDENCE

WIDEST = np.radians(130.0)
"""Field of view over the longer side above which a take warns."""








def capture(path: str | Path, settings: CaptureSettings | None = None) -> Generator[Progress, None, Take]:
    """Turn a video, an image sequence or a keypoint file into a take, step by step.

    Yields a Progress often enough for a bar and a cancel (close the generator to stop; nothing is left behind).
    Raises MocapError for what can't be used, naming the file, the cause and the remedy.
    """
    settings, path = settings or CaptureSettings(), Path(path)
    info: dict = {"source": path.name, "warnings": [], "seconds": {}}
    started = time.perf_counter()
    keypoints = yield from _read(path, settings, info)
    info["seconds"]["keypoints"] = time.perf_counter() - started
    keypoints = trim(keypoints, info["warnings"])
    camera = _told_if_wide(_camera(keypoints, settings, info), info["warnings"])
    return (yield from lift_keypoints(keypoints, camera, settings, info))


def lift_keypoints(keypoints: Keypoints2D, camera: Camera, settings: CaptureSettings,
                   info: dict) -> Generator[Progress, None, Take]:
    """From 2D keypoints (any layout, even rate, made `sound`) to a take; see `capture`."""
    from .lifting.lift import lift_device

    frames = len(keypoints)
    keypoints = sound(keypoints)
    canonical, jumps = without_jumps(to_canonical(keypoints))
    if jumps:
        info["warnings"].append(f"{jumps} keypoints jump away for a frame or two and are not used there")
    started = time.perf_counter()
    yield Progress("lift", 0, frames, "lifting to 3D")
    lifted = yield from _lift_knowing_the_body(canonical, camera, settings)
    info.setdefault("device", lift_device(settings.device))
    info["seconds"]["lift"] = time.perf_counter() - started
    yield Progress("place", 0, frames, "placing the person in space")
    started = time.perf_counter()
    take = place(lifted, keypoints, canonical, camera, info)
    info["seconds"]["place"] = time.perf_counter() - started
    yield Progress("place", frames, frames)
    return take


def _lift_knowing_the_body(canonical: Keypoints2D, camera: Camera,
                           settings: CaptureSettings) -> Generator[Progress, None, Lifted]:
    """Lift, find out how the person is built, and lift again what an average body would have shown."""
    from .lifting.lift import lift

    lifted = bridged(lift(canonical, camera, device=settings.device), canonical)
    if settings.height:
        lengths = scaled_to_height(lifted.bone_lengths, settings.height, lifted.skeleton)
        lifted = replace(lifted, bone_lengths=lengths)
    yield Progress("lift", len(canonical) // 3, len(canonical), "finding out how the person is built")
    body, directions, root = fit_to_picture(lifted, canonical, camera)
    yield Progress("lift", len(canonical) // 2, len(canonical), "lifting to 3D again")
    usual = as_usual_person(canonical, camera, body, directions, root)
    again = bridged(lift(usual, camera, device=settings.device), usual)
    return replace(again, bone_lengths=lifted.bone_lengths)




def place(lifted: Lifted, keypoints: Keypoints2D, canonical: Keypoints2D, camera: Camera, info: dict) -> Take:
    """Give a lifted clip its path in space and its upright world: Lifted -> Take."""
    body, directions, root = fit_to_picture(lifted, canonical, camera)
    root = fit_root(lifted.skeleton, body.lengths, directions, canonical, camera, places=body.places)
    positions = lifted.skeleton.joint_positions(body.lengths, directions, root)
    told = well_seen(canonical)
    world_from_camera = level(positions[told], lifted.up[told], lifted.skeleton, canonical.fps)
    info["body_height"] = float(body_height(body.lengths, lifted.skeleton))
    info["low_confidence_frames"] = int(np.sum(lifted.confidence[:, 1:].mean(axis=1) < LOW_CONFIDENCE))
    return Take(
        lifted.skeleton.joint_names, lifted.skeleton.parents, float(keypoints.fps), keypoints.times,
        body.lengths, directions, root, world_from_camera, keypoints, lifted.confidence, camera, info)


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
    part = slice(first, last + 1)
    return replace(keypoints, xy=keypoints.xy[part], score=keypoints.score[part], times=keypoints.times[part])


def _read(path: Path, settings: CaptureSettings, info: dict) -> Generator[Progress, None, Keypoints2D]:
    """The person's keypoints at an even rate, from whatever the file is."""
    from .sources.keypoint_file import is_keypoint_file, open_keypoints

    if path.exists() and is_keypoint_file(path):
        yield Progress("read", 0, 0, f"reading {path.name}")
        opened = open_keypoints(path, layout=settings.layout, person=settings.person, fps=settings.fps,
                                size=settings.size)
        info["warnings"] += opened.notes
        info["detector"] = f"keypoint file ({opened.format}, {opened.keypoints.layout})"
        if settings.exact:
            info["detector"] += ", exact"
        return believed(to_even_rate(opened.keypoints, settings.fps), settings.exact)
    if settings.exact:
        info["warnings"].append("exact keypoints are those of a keypoint file; this video's are the detector's")
    return (yield from _track(path, settings, info))


def _track(path: Path, settings: CaptureSettings, info: dict) -> Generator[Progress, None, Keypoints2D]:
    from .people.follow import track_video
    from .sources.video import open_video

    with open_video(path, fps=settings.fps) as source:
        total = source.expected_frames or 0
        steps = track_video(source, device=settings.device, person=settings.person, info=info)
        while True:
            try:
                done = next(steps)
            except StopIteration as end:
                keypoints = end.value
                break
            yield Progress("detect", done, total, f"watching {path.name}")
        info["warnings"] += source.warnings
    info["detector"] = "MoveNet MultiPose + BlazePose Heavy"
    return believed(to_even_rate(keypoints, settings.fps))


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
