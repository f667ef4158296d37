"""The only place that chains the steps: a file in, a take out."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from .core.bone_lengths import body_height, scaled_to_height
from .core.camera import DEFAULT_FOV, Camera
from .core.errors import MocapError
from .core.keypoints import Keypoints2D, believed, sound, to_canonical, to_even_rate
from .core.lifted_clip import Lifted
from .core.motion import Motion
from .core.take import Take
from .fitting.average_body_view import as_usual_person
from .fitting.body_fit import fit_body
from .fitting.depth_smoothing import steadied
from .fitting.gaps_and_jumps import bridged, well_seen, without_jumps
from .fitting.lean_correction import lean_made_good
from .fitting.pose_fit import refine
from .fitting.root_fit import fit_root, level
from .fitting.seen_body import SeenBody

Result = TypeVar("Result")

LOW_CONFIDENCE = 0.5
"""Below this mean confidence a frame is worth a look: half of its joints or more are likely off by over 10 cm."""
WIDEST = np.radians(130.0)
"""Field of view over the longer side above which a take warns."""


@dataclass(frozen=True)
class Progress:
    """How far a run is. stage: what is being done; done, total: in the stage's own units (total 0: not known)."""

    stage: str
    done: int
    total: int
    message: str = ""

    @property
    def fraction(self) -> float:
        """0..1 of the stage; 0 where the total is not known."""
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(frozen=True)
class CaptureSettings:
    """What the user may say about a capture.

    person: "largest", or the number of the person (0 is the largest in the first frame with people, or the longest
        track of a keypoint file).
    layout: the keypoint layout of a keypoint file; None recognises it.
    fps: frame rate of the take; None keeps the source's own. For an image sequence: the rate it was shot at.
    fov: field of view over the picture's longer side, radians; focal: the same as a focal length in pixels.
    height: the person's standing height, metres; None lets the network judge.
    exact: the points of a keypoint file are exact - projected markers, or set by hand - and no detector's; a video's
        take warns and goes on.
    size: (width, height) pixels of the picture a keypoint file was made from, where the file does not tell.
    device: "auto", "cuda" or "cpu".
    """

    person: str | int = "largest"
    layout: str | None = None
    fps: float | None = None
    fov: float | None = None
    focal: float | None = None
    height: float | None = None
    size: tuple[int, int] | None = None
    exact: bool = False
    device: str = "auto"

    def __post_init__(self) -> None:
        usable = {"fps": (lambda value: 0 < value <= 1000, "positive and at most 1000"),
                  "fov": (lambda value: 0 < value < np.pi, "between 0 and 180 degrees"),
                  "focal": (lambda value: 0 < value < np.inf, "positive"),
                  "height": (lambda value: 0.3 <= value <= 3.0, "from 0.3 to 3 metres")}
        for name, (fits, words) in usable.items():
            value = getattr(self, name)
            if value is not None and not fits(value):
                raise MocapError(f"{name}: {value:g} is not usable; give a value {words}")
        if self.fov is not None and self.focal is not None:
            raise MocapError("fov and focal say the same thing twice; give only one of them")


def drain(steps: Generator[Progress, None, Result], report: Callable[[Progress], None] | None = None) -> Result:
    """Run a stepwise job to its end and return its result; `report` hears each step."""
    while True:
        try:
            progress = next(steps)
        except StopIteration as end:
            return end.value
        if report:
            report(progress)


def capture(path, settings: CaptureSettings = CaptureSettings()) -> Generator[Progress, None, Take]:
    """Turn a video, an image sequence or a keypoint file into a take, step by step.

    Yields a Progress often enough for a bar and a cancel (close the generator to stop; nothing is left behind).
    Raises MocapError for what can't be used, naming the file, the cause and the remedy.
    """
    path = Path(path)
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


def fit_to_picture(lifted: Lifted, canonical: Keypoints2D, camera: Camera) -> tuple[SeenBody, np.ndarray, np.ndarray]:
    """The body, the directions (T, J, 3) and the root's path (T, 3), camera axes, that fit the picture best; who stands
    upright leans as the clip's up tells."""
    body = fit_body(lifted, canonical, camera)
    root = fit_root(lifted.skeleton, body.lengths, lifted.directions, canonical, camera, places=body.places)
    positions = lifted.skeleton.joint_positions(body.lengths, lifted.directions, root)
    told = well_seen(canonical)
    up = level(positions[told], lifted.up[told], lifted.skeleton, canonical.fps)[2, :3]
    directions = lean_made_good(steadied(lifted.directions, root, canonical.fps), lifted, root, up)
    lifted = replace(lifted, bone_lengths=body.lengths, directions=directions)
    return body, *refine(lifted, body, root, canonical, camera)


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


def motion_of(take: Take, smooth_seconds: float = 0.0, ground_strength: float = 0.0) -> Motion:
    """A take as rotations, smoothed and grounded: cheap, re-done whenever a setting changes."""
    from .animation.foot_contacts import find_contacts, ground
    from .animation.smoothing import smooth
    from .animation.solve_rotations import solve

    motion = smooth(solve(take), smooth_seconds)
    return ground(motion, find_contacts(motion), ground_strength) if ground_strength > 0 else motion


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
