"""Watch a clip: see who is there, choose, and get the keypoints of the chosen people in every frame."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from ..core.errors import MocapError
from ..core.keypoints import Keypoints2D, usual_rate
from ..core.progress import Progress, in_thread
from ..networks.onnx_session import usable_cores
from .choice import by_place, choose, letter, parse_choice
from .detect_people import PersonDetector
from .left_right import put_right
from .looks_at_one import Networks
from .pose2d import KEYPOINTS, PoseEstimator
from .poses import Poses, measure, without_twins
from .regions import Whereabouts
from .sightings import SMALL, Glance, Looker, Overview, look_over
from .tracks import Track, find_tracks
from .tuning import TUNING

QUALITIES = ("fast", "default", "best")


class Pictures(Protocol):
    """The clip: a `sources.video.VideoSource`, or anything with its attributes."""

    path: str | Path
    fps: float
    width: int
    height: int
    expected_frames: int | None

    def pictures(self, longest: int | None = None) -> Iterator[tuple[float, np.ndarray]]:
        """(time, rgb) of each frame, scaled down to `longest` pixels of the longer side. Can be called again."""

    def glances(self, longest: int | None = None) -> Iterator[tuple[float, Glance]]:
        """The same frames as (time, glance): pictures that are converted only when somebody looks at them."""


@dataclass(frozen=True)
class Watched:
    """One person of a clip.

    label: a letter, by place from left to right. keypoints: MEDIAPIPE33 at the source's own times; frames without the
    person have score 0. warnings: stretches in doubt. world: (T, 33, 3) the keypoint network's own 3D, metres from
    the hips, camera axes; zero without the person.
    """

    label: str
    keypoints: Keypoints2D
    warnings: tuple[str, ...]
    world: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Clip:
    """The chosen people of a clip. device: of the keypoint network. warnings: about people who are left out."""

    people: tuple[Watched, ...]
    device: str
    warnings: tuple[str, ...] = ()


def watch(source: Pictures, device: str = "auto", person: str | int = "largest", quality: str = "default",
          threads: int | None = None) -> Generator[Progress, None, Clip]:
    """Watch a clip, step by step: the stage "look" finds the people, the stage "detect" their keypoints.

    device: see `open_session`. person: see `parse_choice`. quality: "fast", "default" or "best".
    threads: pictures looked at side by side; as many as there are cores by default. It does not change the result.
    Raises MocapError where the person is not there.
    """
    choice = parse_choice(person)
    if quality not in QUALITIES:
        raise MocapError(f"quality {quality!r} is unknown; use one of {', '.join(QUALITIES)}")
    stage = _look_stage(source)
    networks = yield from in_thread(lambda: _networks(device, quality), stage)
    overview, tracks, where = yield from _look(source, networks.best, stage)
    chosen = choose(choice, tracks, where)
    if not chosen:
        raise MocapError(f"{source.path}: {_nobody(choice, tracks)}")
    stage = Progress("detect", 0, len(overview), f"watching {Path(source.path).name}")
    longest, scale = _picture_size(source, [tracks[n] for n in chosen])
    poses = yield from measure(source.pictures(longest), scale, overview, where, {n: tracks[n] for n in chosen},
                               networks, threads or usable_cores(), stage)
    poses = without_twins(poses, [tracks[n] for n in chosen])
    if not any(poses):
        raise MocapError(f"{source.path}: no person was found in any frame; choose a clip that shows a person's whole "
                         "body")
    letters, people, left_out = _letters(tracks), [], []
    for n, found in zip(chosen, poses, strict=True):
        if found:
            people.append(_watched(letters[n], found, tracks[n], overview, source))
        else:
            first, last = (overview.times[frame] for frame in (tracks[n].first, tracks[n].last))
            left_out.append(f"somebody between {first:.2f} and {last:.2f} s (person {letters[n]}) shows too little of "
                            "the body and gets no take")
    return Clip(tuple(people), networks.best.device, tuple(left_out))


@dataclass(frozen=True)
class Present:
    """Somebody in a clip. label: the letter. number: counted from the largest, 0; what `person` takes.

    first, last: seconds of the first and last sighting. height: mean size in the picture, pixels. where: the places,
    frame -> (4,) box in pixels, at the frames of the clip in which the person is known to be.
    """

    label: str
    number: int
    first: float
    last: float
    height: float
    where: dict[int, np.ndarray] = field(repr=False)


def who_is_there(source: Pictures) -> Generator[Progress, None, tuple[list[Present], int]]:
    """Everybody in a clip, from left to right, and the number of frames; step by step, without measuring poses."""
    stage = _look_stage(source)
    estimator = yield from in_thread(lambda: PoseEstimator("cpu", threads=1), stage)
    overview, tracks, where = yield from _look(source, estimator, stage)
    letters = _letters(tracks)
    people = []
    for n in sorted(letters, key=by_place(tracks).index):
        track = tracks[n]
        boxes = {frame: found.box for frame in range(track.first, track.last + 1) if (found := where.of(n, frame))}
        size = float(np.mean([s.detection.size for s in track.sightings]))
        people.append(Present(letters[n], n, overview.times[track.first], overview.times[track.last], size, boxes))
    return people, len(overview)


def _look_stage(source: Pictures) -> Progress:
    return Progress("look", 0, source.expected_frames or 0, f"looking for people in {Path(source.path).name}")


def _look(source: Pictures, estimator: PoseEstimator, stage: Progress
          ) -> Generator[Progress, None, tuple[Overview, list[Track], Whereabouts]]:
    """What is seen of the clip, the people in it by size, and where they are."""
    scale = min(1.0, SMALL / max(source.width, source.height))
    looker = Looker(PersonDetector(threads=1), estimator, max(1, round(TUNING.tiles_every * source.fps)))
    overview = yield from look_over(source.glances(SMALL), scale, source.fps, stage, looker)
    tracks = find_tracks(overview)
    return overview, tracks, Whereabouts(tracks, 2 * overview.step, overview.shots)


def _letters(tracks: list[Track]) -> dict[int, str]:
    """Index of a track -> its letter, from left to right."""
    return {n: letter(place) for place, n in enumerate(by_place(tracks))}


def _networks(device: str, quality: str) -> Networks:
    """The keypoint networks of a quality. One session runs on several threads, each look on one of them."""
    best = PoseEstimator(device, threads=1)
    usual = PoseEstimator(device, "blazepose_full", threads=1) if quality == "fast" else best
    return Networks(best, usual, quality == "best")


def _picture_size(source, tracks: list[Track]) -> tuple[int | None, float]:
    """Longer side of the pictures for the keypoints, None for their own, and its scale: regions need no more pixels
    than the network has."""
    smallest = min(s.detection.size for track in tracks for s in track.sightings)
    full = max(source.width, source.height)
    longest = max(TUNING.picture_side, int(full * TUNING.person_pixels / smallest))
    return (None, 1.0) if longest >= full else (longest, longest / full)


def _nobody(choice, tracks: list[Track]) -> str:
    if not tracks:
        return "no person was found in any frame; choose a clip that shows a person's whole body"
    seen = f"{len(tracks)} {'person is' if len(tracks) == 1 else 'people are'} seen"
    if choice.place:
        x, y, frame = choice.place
        return f"nobody is at {x:g},{y:g} in frame {frame} ({seen}); choose another place or frame"
    return f"there is no person {choice.number} ({seen}, counted from 0); choose a lower person number"


def _watched(label: str, poses: Poses, track: Track, overview: Overview, source) -> Watched:
    times = np.array(overview.times)
    xy, score = np.zeros((len(times), KEYPOINTS, 2)), np.zeros((len(times), KEYPOINTS))
    world = np.zeros((len(times), KEYPOINTS, 3), dtype=np.float32)
    for frame, pose in poses.items():
        xy[frame], score[frame], world[frame] = pose.xy, pose.score, pose.world
    warnings = [f"person {label} may have been confused with another one at {times[f]:.2f} s (frame {f})"
                for f in sorted(set(track.doubts))]
    warnings += _sides_put_right(label, xy, score, world, overview)
    keypoints = Keypoints2D(xy, score, "MEDIAPIPE33", _rate(times, source.fps), times, source.width, source.height)
    return Watched(label, keypoints, tuple(warnings), world)


def _sides_put_right(label: str, xy: np.ndarray, score: np.ndarray, world: np.ndarray, overview: Overview) -> list[str]:
    """Exchange left and right in place where the clip tells that they were exchanged; returns a warning if any were."""
    frames: set[int] = set()
    for first, end in overview.spans():
        xy[first:end], score[first:end], (world[first:end],), swaps = put_right(
            xy[first:end], score[first:end], (world[first:end],))
        frames |= {first + frame for swap in swaps for frame in range(swap.first, swap.last + 1)}
    if not frames:
        return []
    first, last = (overview.times[f] for f in (min(frames), max(frames)))
    return [f"person {label}: left and right of limbs were exchanged in {len(frames)} frames between {first:.2f} and "
            f"{last:.2f} s and are put right; look there if a limb jumps"]


def _rate(times: np.ndarray, stated: float) -> float:
    """The stated frame rate where the times fit it, else that of their usual interval."""
    if len(times) < 2 or np.all(np.abs(times - times[0] - np.arange(len(times)) / stated) <= 0.25 / stated):
        return stated
    return usual_rate(times)
