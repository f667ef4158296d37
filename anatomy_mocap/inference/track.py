"""Following one person through a clip, and only that one."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable

import numpy as np

from ..core.errors import MocapError
from ..core.keypoints import Keypoints2D
from .detect import Detection, PersonDetector
from .identity import Looks, agreement, overlap, pose_box
from .pose2d import COCO_FROM_33, KEYPOINTS, Pose2D, PoseEstimator, seed_region

_CHECK_EVERY = 10  # frames between two looks at everybody in the picture
_CROWDED = 0.02  # boxes that overlap more than this may swap people: look at every frame
_REMEMBER_OTHERS = 60  # frames during which somebody else who was seen may still be about
_PRESENT = 0.5  # the network's own chance that there is a person
_SURE = 0.35  # mean keypoint score below which a figure is not believed
_MISSES = 3  # looks in a row in which the detector finds nobody where we follow somebody


class PersonTracker:
    """Gives one person's keypoints frame after frame.

    person: "largest", or n: people are counted from the largest (0) to the smallest in the first frame that shows more
    than n of them. From then on it is that person or nobody: when they are lost, whoever looks different or stands
    elsewhere is not taken for them.
    """

    def __init__(self, device: str = "auto", person: str | int = "largest"):
        self._number = _person_number(person)
        self._detector = PersonDetector()
        self._estimator = PoseEstimator(device)
        self._looks = Looks()
        self._pose: Pose2D | None = None  # of the last frame; None while nobody is followed
        self._last: Pose2D | None = None  # of the last frame in which the person was seen
        self._lost = 0  # frames since then
        self._next_look = 0
        self._misses = 0
        self._since_others = _REMEMBER_OTHERS

    @property
    def device(self) -> str:
        """The device in use for the keypoints: "cuda:0" or "cpu"."""
        return self._estimator.device

    def update(self, rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """The next frame, (H, W, 3) uint8 -> (33, 2) pixels and (33,) scores, or None where the person is not seen."""
        self._since_others += 1
        pose = self._follow(rgb) if self._pose else None
        pose = pose or self._find(rgb)
        self._pose = pose
        self._lost += 1
        if pose is None:
            return None
        self._last, self._lost = pose, 0
        return pose.xy, pose.score

    def _follow(self, rgb) -> Pose2D | None:
        pose = self._estimator.estimate(rgb, self._pose.next_region)
        if not _is_person(pose, rgb):
            return None
        self._next_look -= 1
        return self._check(rgb, pose) if self._next_look <= 0 else pose

    def _check(self, rgb, pose: Pose2D) -> Pose2D | None:
        """Compare with everybody in the picture: keep the pose, mend it, move to the right person, or give up."""
        coco, score = pose.xy[COCO_FROM_33], pose.score[COCO_FROM_33]
        box = pose_box(coco, score)
        people = self._detector.detect(rgb)
        agreed = [agreement(coco, score, person) for person in people]
        own = int(np.argmax(agreed)) if agreed and max(agreed) > 0.3 else None
        if own is None:
            return self._mend(rgb, pose, box, people)
        others = [person for i, person in enumerate(people) if i != own and _is_other(person, people[own])]
        crowded = any(overlap(box, person.box) > _CROWDED for person in others)
        self._misses, self._next_look = 0, 1 if crowded else _CHECK_EVERY
        self._since_others = 0 if others else self._since_others
        like = self._looks.likeness(rgb, coco)
        if self._since_others < _REMEMBER_OTHERS and like < self._looks.threshold - 0.1:
            return None  # somebody else has come between: look for the person anew
        if not crowded:
            self._looks.learn(rgb, coco)
        return pose

    def _mend(self, rgb, pose: Pose2D, box, people: list[Detection]) -> Pose2D | None:
        """The detector does not see our pose: take its own view of the same place if that fits better."""
        self._next_look = 1
        for person in people:
            if overlap(box, person.box) > 0.3 and self._looks.likeness(rgb, person.xy) >= self._looks.threshold:
                fresh = self._start(rgb, person)
                if fresh and fresh.score.mean() > pose.score.mean():
                    self._misses = 0
                    return fresh
        self._misses += 1
        return pose if self._misses < _MISSES else None

    def _find(self, rgb) -> Pose2D | None:
        """Look for the person among everybody in the picture."""
        people = self._detector.detect(rgb)
        if self._last is None:
            # Weak detections count only when the keypoint network sees a person there as well.
            found = [pose for person in people if (pose := self._start(rgb, person))]
            return found[self._number] if len(found) > self._number else None
        ranked = sorted(((self._fit(rgb, person), i) for i, person in enumerate(people)), reverse=True)
        for fit, i in ranked:
            pose = self._start(rgb, people[i]) if fit > 0 else None
            if pose:
                return pose
        return None

    def _fit(self, rgb, person: Detection) -> float:
        """How well somebody fits the person we lost, 0 for not at all: looks, then place and size."""
        like = self._looks.likeness(rgb, person.xy)
        last = pose_box(self._last.xy, self._last.score)
        size, new_size = ((b[2:] - b[:2]).max() for b in (last, person.box))
        away = np.linalg.norm((last[:2] + last[2:]) - (person.box[:2] + person.box[2:])) / 2 / max(size, 1)
        near = away < min(0.2 + 0.03 * self._lost, 1.0) and 0.6 < new_size / max(size, 1) < 1.67
        needed = self._looks.threshold - (0.15 if near else 0)
        return like - 0.2 * min(away, 1.0) + 1 if like >= needed else 0.0

    def _start(self, rgb, person: Detection) -> Pose2D | None:
        """Keypoints of a detected person: the first pass only finds the right square for the second."""
        rough = self._estimator.estimate(rgb, seed_region(person))
        pose = self._estimator.estimate(rgb, rough.next_region)
        self._next_look, self._misses = 1, 0
        return pose if _is_person(pose, rgb) else None


def track_video(source: Iterable, device: str = "auto", person: str | int = "largest",
                progress: Callable[[int], None] | None = None,
                info: dict | None = None) -> Generator[int, None, Keypoints2D]:
    """Follow one person through a clip; yields the number of frames done, returns the keypoints.

    source: a VideoSource. progress: called with the frames done as well. info: gets "device".
    Returns MEDIAPIPE33 keypoints at the source's own times; frames without the person have score 0.
    Raises MocapError where no frame shows the person.
    """
    tracker = PersonTracker(device, person)
    times, xy, score = [], [], []
    for time, rgb in source:
        seen = tracker.update(rgb) or (np.zeros((KEYPOINTS, 2)), np.zeros(KEYPOINTS))
        times.append(time)
        xy.append(seen[0])
        score.append(seen[1])
        if progress:
            progress(len(times))
        yield len(times)
    if not np.any(score):
        number = _person_number(person)
        what = f"never more than {number} people in the picture" if number else "no person found in any frame"
        remedy = "choose a lower person number" if number else "choose a clip that shows a person's whole body"
        raise MocapError(f"{source.path}: {what}; {remedy}")
    if info is not None:
        info["device"] = tracker.device
    times = np.array(times)
    return Keypoints2D(np.array(xy), np.array(score), "MEDIAPIPE33", _rate(times, source.fps), times,
                       source.width, source.height)


def _rate(times: np.ndarray, stated: float) -> float:
    """The stated frame rate where the times keep to it, else their mean rate."""
    if len(times) < 2 or np.all(np.abs(times - times[0] - np.arange(len(times)) / stated) <= 0.25 / stated):
        return stated
    return (len(times) - 1) / float(times[-1] - times[0])


def _person_number(person) -> int:
    if person == "largest":
        return 0
    try:
        number = int(person)
    except (TypeError, ValueError):
        number = -1
    if number < 0:
        raise MocapError(f'person {person!r} is not known; use "largest" or a number from 0')
    return number


def _is_person(pose: Pose2D, rgb) -> bool:
    """Whether the network sees somebody, with believable keypoints, partly inside the picture."""
    height, width = rgb.shape[:2]
    inside = ((pose.xy >= 0) & (pose.xy <= (width, height))).all(axis=1)
    return (pose.presence >= _PRESENT and pose.next_region.size > 16
            and inside.sum() >= 5 and float(pose.score.mean()) >= _SURE)


def _is_other(person: Detection, own: Detection) -> bool:
    """Whether a second detection is another person and not the same one found twice."""
    return overlap(person.box, own.box) < 0.7
