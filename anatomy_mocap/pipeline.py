"""The chain of steps from a file to a take, and from a take to a motion."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

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
from .one_world import in_one_world
from .people.choice import letter
from .settings import EVERYBODY, READING, CaptureSettings
from .take_facts import LOW_CONFIDENCE

WIDEST = np.radians(130.0)
"""Field of view over the picture's longer side, radians, above which a take has a warning. Guessed."""

DETECTORS = {"fast": "MoveNet MultiPose + BlazePose Full and Heavy", "default": "MoveNet MultiPose + BlazePose Heavy",
             "best": "MoveNet MultiPose + BlazePose Heavy, twice"}
"""The networks that give the keypoints of a video, by quality, as a take names them."""

_OF_FILES = ("layout", "size", "unit", "third", "clip")
"""Settings that hold for keypoint files alone."""
FEWEST_FRAMES = 3
"""Frames in which somebody of a keypoint file has to be seen for a take, where everybody gets one. Guessed."""
_READING = ("read", "look", "detect")
"""The stages of all people together."""
_FILE_SHARES = {"read": 0.05, "lift": 0.32, "fit": 0.17, "lift again": 0.28, "fit again": 0.18}
_HANDS_SHARE = 0.2
"""Share of the hands in a run that looks at them. Guessed."""
DOUBTFUL_UP = 0.5
"""Confidence of the up direction below which a take has a warning: an expected error of 6 degrees. Chosen."""
_VIDEO_SHARES = {"look": 0.1, "detect": 0.75, **{name: 0.15 / 0.95 * share for name, share in _FILE_SHARES.items()
                                    if name != "read"}}
"""Share of each stage in a run, by its time: measured on a clip of 15,000 frames, and on the demo's video."""


class OneTake(NamedTuple):
    """A take and its person's letter, from left to right; "" where only one person was asked for."""

    label: str
    take: Take


class _Seen(NamedTuple):
    """One person's keypoints at an even frame rate, and what has to be said about them."""

    label: str
    keypoints: Keypoints2D
    warnings: tuple[str, ...] = ()


def capture(path: str | Path, settings: CaptureSettings | None = None) -> Generator[Progress, None, Take]:
    """Turn a video, an image sequence or a keypoint file into a take, step by step.

    Yields a Progress at least every 0.2 s of work, for a bar and for a cancel: close the generator to stop. Its files
    are closed then, and nothing is left behind. Raises MocapError with the file, the cause and the remedy.
    """
    settings = settings or CaptureSettings()
    if settings.person == EVERYBODY:
        raise MocapError(f'{path}: person "{EVERYBODY}" gives a take of each person; use capture_everybody, or choose '
                         "one person")
    return (yield from capture_everybody(path, settings))[0].take


def capture_everybody(path: str | Path, settings: CaptureSettings) -> Generator[Progress, None, list[OneTake]]:
    """Turn the chosen person, or everybody (`settings.person` "all"), into a take each, step by step; see `capture`.

    The takes of several people share one world: the camera, the up direction and the floor.
    """
    run, path = _Run(settings.fingers), Path(path)
    return (yield from run.with_overall(_capture(path, settings, run)))


def _capture(path: Path, settings: CaptureSettings, run: _Run) -> Generator[Progress, None, list[OneTake]]:
    info: dict = {"source": path.name, "warnings": [], "seconds": {}}
    started = time.perf_counter()
    seen = yield from _read(path, settings, info)
    info["seconds"]["keypoints"] = time.perf_counter() - started
    takes = []
    run.people = len(seen)
    for run.person, one in enumerate(seen):
        own = {**info, "warnings": [*info["warnings"], *one.warnings], "seconds": dict(info["seconds"])}
        if one.label:
            own["person"] = one.label
        takes.append((yield from _take_of(path, one.keypoints, settings, own)))
    takes = in_one_world(takes, known_height=settings.height is not None)
    if settings.fingers:
        takes = yield from _with_fingers(path, takes, settings, info)
    return [OneTake(one.label, take) for one, take in zip(seen, takes, strict=True)]


def _with_fingers(path: Path, takes: list[Take], settings: CaptureSettings, info: dict
                  ) -> Generator[Progress, None, list[Take]]:
    """The takes of a video with the points of their fingers; those of a keypoint file as they are, with a warning."""
    from .sources.keypoint_file import is_keypoint_file

    if path.exists() and is_keypoint_file(path):
        for take in takes:
            take.info["warnings"].append("fingers are captured from videos only; the hands are relaxed")
        return takes
    from .hands.look import look_at_hands
    from .sources.video import open_video

    started = time.perf_counter()
    with open_video(path, fps=settings.fps) as source:
        slower = settings.shot_fps / source.fps if settings.shot_fps else 1.0
        stage = Progress("hands", 0, source.expected_frames or 0, f"looking at hands in {path.name}")
        takes = yield from look_at_hands(source.pictures(), takes, settings.device, stage, slower)
    for take in takes:
        take.info["seconds"]["hands"] = time.perf_counter() - started
    return takes


def _take_of(path: Path, keypoints: Keypoints2D, settings: CaptureSettings, info: dict
             ) -> Generator[Progress, None, Take]:
    if not LOWEST_RATE <= keypoints.fps <= HIGHEST_RATE:
        raise MocapError(f"{path}: {keypoints.fps:g} frames per second are no rate for a take ({LOWEST_RATE:g} to "
                         f"{HIGHEST_RATE:g}); give the true rate with --fps")
    keypoints = trim(keypoints, info["warnings"])
    camera = _camera(keypoints, settings, info)
    _warn_if_wide(camera, info["warnings"])
    return (yield from lift_keypoints(keypoints, camera, settings, info))


class _Run:
    """How far a whole run is. people: how many are lifted; person: the number of the one who is."""

    def __init__(self, hands: bool = False):
        self.people, self.person = 1, 0
        self._body = 1.0 - _HANDS_SHARE if hands else 1.0

    def with_overall(self, steps: Generator[Progress, None, Any]) -> Generator[Progress, None, Any]:
        """The same steps, each with its fraction of the whole run."""
        shares: dict[str, float] = {}
        try:
            while True:
                try:
                    step = next(steps)
                except StopIteration as end:
                    return end.value
                shares = shares or (_VIDEO_SHARES if step.stage == "look" else _FILE_SHARES)
                if step.stage == "hands":
                    yield replace(step, overall=min(1.0, self._body + _HANDS_SHARE * step.fraction))
                    continue
                names = list(shares)
                before = sum(shares[name] for name in names[:names.index(step.stage)])
                overall = before + shares[step.stage] * step.fraction
                first = sum(share for name, share in shares.items() if name in _READING)
                if step.stage not in _READING:
                    overall = first + (self.person * (1 - first) + overall - first) / self.people
                yield replace(step, overall=min(1.0, overall) * self._body)
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
    lengths = lifted.bone_lengths
    del lifted, pose  # an hour of them takes hundreds of megabytes
    stage = Progress("lift again", 0, frames, "lifting to 3D again")
    again = yield from part_of(lift(average, camera, device=settings.device), stage)
    again = replace(bridge_gaps(again, average), bone_lengths=lengths)
    del average
    info.setdefault("device", lift_device(settings.device))
    info["seconds"]["lift"] = time.perf_counter() - started
    started = time.perf_counter()
    take = _with_touches((yield from place(again, keypoints, canonical, camera, info)))
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
    info["up_confidence"] = round(fit.world.confidence, 3)
    if fit.world.confidence < DOUBTFUL_UP:
        info.setdefault("warnings", []).append(
            "the camera's tilt is uncertain, because the person hardly stands upright: the floor may be tilted by "
            "several degrees; turn the character by hand, or capture a longer piece that shows the person standing")
    return Take(
        MOCAP22.joint_names, MOCAP22.parents, float(keypoints.fps), keypoints.times, fit.body.lengths, fit.directions,
        fit.root, fit.world.from_camera, keypoints, lifted.confidence, camera, info)


def _with_touches(take: Take) -> Take:
    """The take with the contacts that the network sees; without, and with a warning, where the model is missing."""
    from .touch.find_touches import with_touches

    try:
        return with_touches(take)
    except MocapError as error:
        take.info.setdefault("warnings", []).append(f"contacts with the floor are found by rule alone ({error})")
        return take


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


def _read(path: Path, settings: CaptureSettings, info: dict) -> Generator[Progress, None, list[_Seen]]:
    """The keypoints of the chosen people at an even frame rate, from a file of any kind."""
    from .sources.keypoint_file import is_keypoint_file

    if path.exists() and is_keypoint_file(path):
        return (yield from _read_keypoints(path, settings, info))
    if settings.exact:
        info["warnings"].append("exact keypoints need a keypoint file; those of this video are the detector's")
    if given := [name for name in _OF_FILES if getattr(settings, name) not in (None, "auto")]:
        info["warnings"].append(f"{', '.join(given)}: given for keypoint files, and not used for a video")
    return (yield from _track(path, settings, info))


def _read_keypoints(path: Path, settings: CaptureSettings, info: dict) -> Generator[Progress, None, list[_Seen]]:
    from .sources.keypoint_file import opening

    stage = Progress("read", 0, 100, f"reading {path.name}", unit="%")
    yield stage
    opened = yield from part_of(opening(path, **{name: getattr(settings, name) for name in READING}), stage, 0.0, 0.9)
    info["warnings"] += opened.notes
    info["detector"] = f"keypoint file ({opened.format}, {opened.keypoints.layout})"
    if settings.exact:
        info["detector"] += ", exact"
    # With a slow motion, the given rate is the one at which it plays; the take keeps each frame.
    rate, found = None if settings.shot_fps else settings.fps, []
    for number, one in enumerate(opened.chosen):
        share = 0.1 / len(opened.chosen)
        even = yield from part_of(even_rate_steps(one, rate), stage, 0.9 + number * share, 0.9 + (number + 1) * share)
        found.append(as_exact(even) if settings.exact else even)
    yield replace(stage, done=stage.total)
    return _lettered(found, info["warnings"]) if settings.person == EVERYBODY else [_Seen("", found[0])]


def _lettered(people: list[Keypoints2D], warnings: list[str]) -> list[_Seen]:
    """The people of a keypoint file with letters from left to right, by where each is first seen; who is hardly ever
    seen is left out, with a warning."""
    frames = [int((one.score > 0).any(axis=1).sum()) for one in people]
    lasting = [one for one, seen in zip(people, frames, strict=True) if seen >= FEWEST_FRAMES] or people
    if len(lasting) < len(people):
        warnings.append(f"{len(people) - len(lasting)} of {len(people)} people are seen in fewer than {FEWEST_FRAMES} "
                        "frames and get no take")

    def place(keypoints: Keypoints2D) -> float:
        frame = int(np.argmax((keypoints.score > 0).any(axis=1)))
        return float(keypoints.xy[frame][keypoints.score[frame] > 0][:, 0].mean())
    return [_Seen(letter(number), one) for number, one in enumerate(sorted(lasting, key=place))]


def _track(path: Path, settings: CaptureSettings, info: dict) -> Generator[Progress, None, list[_Seen]]:
    from .people.watch import watch
    from .sources.keypoint_times import shot_note
    from .sources.video import open_video

    with open_video(path, fps=settings.fps) as source:
        clip = yield from watch(source, settings.device, settings.person, settings.quality)
        info["warnings"] += [*source.warnings, *clip.warnings]
    info["device"], info["detector"] = clip.device, DETECTORS[settings.quality]
    rate = settings.fps
    if settings.shot_fps:
        info["warnings"].append(shot_note(settings.shot_fps, clip.people[0].keypoints.fps))
        rate = settings.fps if source.own_times else None
    found = []
    for one in clip.people:
        keypoints = as_filmed(one.keypoints, settings.shot_fps) if settings.shot_fps else one.keypoints
        watched = Progress("detect", len(keypoints), len(keypoints), f"watching {path.name}")
        keypoints = yield from part_of(even_rate_steps(keypoints, rate), watched, 1.0, 1.0)
        found.append(_Seen(one.label if settings.person == EVERYBODY else "", keypoints, one.warnings))
    return found


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
