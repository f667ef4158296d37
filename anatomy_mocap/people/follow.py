"""Follow one person through a clip, and only this one."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..core.errors import MocapError
from ..core.keypoints import Keypoints2D, usual_rate
from ..core.progress import Progress, in_thread
from .detect_people import Detection, PersonDetector
from .pose2d import COCO_FROM_33, KEYPOINTS, Pose2D, PoseEstimator, seed_region
from .same_person import Looks, agreement, grown, overlap, pose_box
from .tuning import TUNING


class PersonTracker:
    """One person's keypoints, frame after frame.

    device: see `open_session`. person: "largest", or a number n; people are numbered from the largest (0) to the
    smallest in the first frame that shows more than n of them. From then on the tracker returns this person or nobody:
    a lost person is not replaced by another one who looks different or stands elsewhere.
    """

    def __init__(self, device: str = "auto", person: str | int = "largest"):
        self._number = _person_number(person)
        self._detector = PersonDetector()
        self._estimator = PoseEstimator(device)
        self._looks = Looks()
        self._pose: Pose2D | None = None  # of the last frame; None while nobody is followed
        self._last: Pose2D | None = None  # of the last frame in which the person was seen
        self._lost = 0  # frames since then
        self._until_look = 0  # frames until the detector looks at everybody again
        self._misses = 0
        self._since_others = self._since_close = TUNING.remember_others
        self._thumbnail: np.ndarray | None = None
        self._same_place = True  # whether the last position is still valid: not after a cut

    @property
    def device(self) -> str:
        """The device in use for the keypoints: "cuda:0" or "cpu"."""
        return self._estimator.device

    @property
    def pose(self) -> Pose2D | None:
        """The network's whole result of the last frame; None while nobody is followed."""
        return self._pose

    def update(self, rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Track the next frame, (H, W, 3) uint8.

        Returns (33, 2) pixels and (33,) scores, or None where the person is not seen.
        """
        self._since_others += 1
        self._since_close += 1
        if self._is_cut(rgb):
            self._pose, self._same_place = None, False
        pose = self._follow(rgb) if self._pose else None
        pose = pose or self._find(rgb)
        self._pose = pose
        self._lost += 1
        if pose is None:
            return None
        self._last, self._lost, self._same_place = pose, 0, True
        return pose.xy, pose.score

    def _is_cut(self, rgb) -> bool:
        """Whether another shot begins. A change of light keeps the picture's pattern and is no cut."""
        rows, columns = (np.linspace(0, n - 1, 32).astype(int) for n in rgb.shape[:2])
        thumbnail = rgb[np.ix_(rows, columns)].mean(axis=-1).ravel()
        before, self._thumbnail = self._thumbnail, thumbnail - thumbnail.mean()
        if before is None:
            return False
        norm = np.linalg.norm(before) * np.linalg.norm(self._thumbnail)
        return norm > 0 and float(before @ self._thumbnail) < TUNING.cut * norm

    def _follow(self, rgb) -> Pose2D | None:
        pose = self._estimator.estimate(rgb, self._pose.next_region)
        if not _is_person(pose, rgb):
            return None
        self._until_look -= 1
        return self._check(rgb, pose) if self._until_look <= 0 or pose.score.mean() < TUNING.doubtful_score else pose

    def _check(self, rgb, pose: Pose2D) -> Pose2D | None:
        """Compare the pose with everybody in the picture: keep it, replace it, or drop it."""
        coco, score = pose.xy[COCO_FROM_33], pose.score[COCO_FROM_33]
        box = pose_box(coco, score)
        people = self._detector.detect(rgb)
        agreed = [agreement(coco, score, person) for person in people]
        own = int(np.argmax(agreed)) if agreed and max(agreed) > TUNING.agreement else None
        others = [p for i, p in enumerate(people) if i != own and (own is None or _is_other(p, people[own]))]
        touching = any(overlap(box, person.box) > TUNING.touching for person in others)
        close = touching or any(overlap(grown(box, TUNING.close), person.box) > 0 for person in others)
        self._since_others = 0 if others else self._since_others
        self._since_close = 0 if close else self._since_close
        self._until_look = self._patience()
        like = self._looks.likeness(rgb, coco)
        if self._since_others < TUNING.remember_others and like < self._looks.threshold - TUNING.strangeness:
            return None  # somebody else came between
        if own is None:
            return self._replace(rgb, pose, box, people)
        self._misses = 0
        if not touching:
            self._looks.learn(rgb, coco)
        return pose

    def _patience(self) -> int:
        """Frames until the next detection of everybody."""
        if self._since_close < TUNING.remember_close:
            return TUNING.frames_close
        return TUNING.frames_in_company if self._since_others < TUNING.remember_others else TUNING.frames_alone

    def _replace(self, rgb, pose: Pose2D, box, people: list[Detection]) -> Pose2D | None:
        """The pose after the detector did not find it: a detection at the same place where it fits better."""
        self._until_look = 1
        for person in people:
            fresh = self._start(rgb, person) if overlap(box, person.box) > TUNING.same_place else None
            if fresh and fresh.score.mean() > pose.score.mean() and self._is_them(rgb, fresh, person):
                self._misses = 0
                return fresh
        self._misses += 1
        return pose if self._misses < TUNING.misses else None

    def _find(self, rgb) -> Pose2D | None:
        """Find the person among everybody in the picture."""
        people = self._detector.detect(rgb)
        if self._last is None:
            # Weak detections count only where the keypoint network sees a person as well.
            if len(people) <= self._number:
                return None
            found = [pose for person in people if (pose := self._start(rgb, person))]
            return found[self._number] if len(found) > self._number else None
        self._since_others = 0 if len(people) > 1 else self._since_others
        for person in sorted(people, key=lambda p: -self._fit(rgb, p)):
            pose = self._start(rgb, person) if self._fit(rgb, person) > 0 else None
            if pose and self._is_them(rgb, pose, person):
                return pose
        return None

    def _fit(self, rgb, person: Detection) -> float:
        """How well a detection fits the lost person, 0 for not at all: by looks, then by place and size."""
        like = self._looks.likeness(rgb, person.xy)
        last = pose_box(self._last.xy, self._last.score)
        size, new_size = ((b[2:] - b[:2]).max() for b in (last, person.box))
        away = np.linalg.norm((last[:2] + last[2:]) - (person.box[:2] + person.box[2:])) / 2 / max(size, 1)
        (at_once, a_frame, most), (smaller, larger) = TUNING.lost_reach, TUNING.lost_sizes
        near = (self._same_place and away < min(at_once + a_frame * self._lost, most)
                and smaller < new_size / max(size, 1) < larger)
        needed = self._looks.threshold - (TUNING.near_strangeness * TUNING.strangeness if near else 0)
        return 1 + like - TUNING.away_cost * min(away, 1.0) if like >= needed else 0.0

    def _is_them(self, rgb, pose: Pose2D, person: Detection) -> bool:
        """Whether a new pose shows the detected person, not a neighbour, and looks like the followed person."""
        coco, score = pose.xy[COCO_FROM_33], pose.score[COCO_FROM_33]
        return (agreement(coco, score, person) > TUNING.agreement
                and self._looks.likeness(rgb, coco) >= self._looks.threshold - TUNING.strangeness)

    def _start(self, rgb, person: Detection) -> Pose2D | None:
        """Keypoints of a detected person. The first pass only finds the region for the second."""
        rough = self._estimator.estimate(rgb, seed_region(person))
        pose = self._estimator.estimate(rgb, rough.next_region)
        self._until_look, self._misses = 1, 0
        return pose if _is_person(pose, rgb) else None


def track_video(source: Iterable, device: str = "auto", person: str | int = "largest",
                info: dict | None = None) -> Generator[Progress, None, Keypoints2D]:
    """Follow one person through a clip, step by step.

    source: a VideoSource. device: see `open_session`. person: see PersonTracker. info: gets the key "device".
    Returns MEDIAPIPE33 keypoints at the source's own times; frames without the person have score 0.
    Raises MocapError where no frame shows the person.
    """
    stage = Progress("detect", 0, source.expected_frames or 0, f"watching {Path(source.path).name}")
    tracker = yield from in_thread(lambda: PersonTracker(device, person), stage)
    times, xy, score = [], [], []
    for time, rgb in source:
        seen = tracker.update(rgb) or (np.zeros((KEYPOINTS, 2)), np.zeros(KEYPOINTS))
        times.append(time)
        xy.append(seen[0])
        score.append(seen[1])
        yield replace(stage, done=len(times))
    if not np.any(score):
        number = _person_number(person)
        what = f"no frame shows more than {number} people" if number else "no person was found in any frame"
        remedy = "choose a lower person number" if number else "choose a clip that shows a person's whole body"
        raise MocapError(f"{source.path}: {what}; {remedy}")
    if info is not None:
        info["device"] = tracker.device
    times = np.array(times)
    return Keypoints2D(np.array(xy), np.array(score), "MEDIAPIPE33", _rate(times, source.fps), times,
                       source.width, source.height)


def _rate(times: np.ndarray, stated: float) -> float:
    """The stated frame rate where the times fit it, else that of their usual interval."""
    if len(times) < 2 or np.all(np.abs(times - times[0] - np.arange(len(times)) / stated) <= 0.25 / stated):
        return stated
    return usual_rate(times)


def _person_number(person) -> int:
    if person == "largest":
        return 0
    if not str(person).isdecimal():
        raise MocapError(f'person {person!r} is unknown; use "largest" or a number from 0')
    return int(person)


def _is_person(pose: Pose2D, rgb) -> bool:
    """Whether the network sees a person with plausible keypoints, at least partly inside the picture."""
    height, width = rgb.shape[:2]
    inside = ((pose.xy >= 0) & (pose.xy <= (width, height))).all(axis=1)
    return (pose.presence >= TUNING.presence and pose.next_region.size > TUNING.smallest_region
            and inside.sum() >= TUNING.fewest_inside and float(pose.score.mean()) >= TUNING.lowest_score)


def _is_other(person: Detection, own: Detection) -> bool:
    """Whether a detection is another person and not a second detection of the same one."""
    return overlap(person.box, own.box) < TUNING.same_detection
