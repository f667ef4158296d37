"""The keypoints of all chosen people in every frame: one pass over the video, the people and frames side by side.

At a sighting the region comes from the detector. Between two sightings regions are interpolated between the poses
there. Over a gap the person is followed from both sides. All of it depends on the sightings alone, so the result is
the same for any number of threads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

import numpy as np

from ..core.progress import WAIT, Progress
from .crop import Region
from .looks_at_one import Frame, Networks, agree, at_sighting, in_region
from .pose2d import COCO_FROM_33, Pose2D
from .regions import Whereabouts, are_near, between, telling
from .same_person import agreement
from .sightings import Overview
from .tracks import Track
from .tuning import TUNING

WAITING = 2**28
"""Bytes of pictures that wait for their turn, about; at least two stretches' worth. Chosen."""

Poses = dict[int, Pose2D]
"""Frame -> pose of one person; frames without the person are absent."""


@dataclass(frozen=True)
class _Followed:
    """A person who is followed from frame to frame: the pose of the last one, the region of the next, and the number
    of frames since the person was seen."""

    pose: Pose2D | None
    region: Region
    lost: int = 0


@dataclass
class _Stretch:
    """The frames of one person since the last sighting.

    before: the job of the pose at that sighting; None where there was none in this shot. agrees: the job of `agree`
    that holds there; None where the best network sees everything. waiting: frames to be looked
    at when the next sighting is known. followed: the job of the last frame, where the person is followed over a gap.
    """

    before: Future | None = None
    agrees: Future | None = None
    waiting: deque[tuple[int, Frame]] = field(default_factory=deque)
    followed: Future | None = None


def measure(pictures: Iterable[tuple[float, np.ndarray]], scale: float, overview: Overview, where: Whereabouts,
            chosen: dict[int, Track], networks: Networks, threads: int, stage: Progress
            ) -> Generator[Progress, None, list[Poses]]:
    """The poses of the chosen people, in their order, step by step.

    pictures: (time, rgb) of the clip's frames, scaled by `scale`. where: everybody. chosen: number there -> track.
    stage: a step, for its total and message. threads: looks that are taken at a time.
    """
    people = [_OnePerson(track, n, overview, where, networks, scale) for n, track in chosen.items()]
    pool = ThreadPoolExecutor(threads, thread_name_prefix="anatomy_mocap pose")
    running: deque[tuple[int, Future]] = deque()
    frame = 0
    try:
        for frame, (_, rgb) in enumerate(pictures):
            if frame >= len(overview):
                break
            for person in people:
                running.extend((frame, job) for job in person.next(frame, rgb, pool.submit))
            most = max(2 * overview.step * len(people), WAITING // rgb.nbytes)
            while running and (running[0][1].done() or frame - running[0][0] > most):
                yield from _waited(running[0][1], replace(stage, done=running[0][0]))
                running.popleft()
            yield replace(stage, done=running[0][0] if running else frame + 1)
        for person in people:
            running.extend((frame, job) for job in person.ended(None, pool.submit))
        while running:
            yield from _waited(running[0][1], replace(stage, done=running[0][0]))
            running.popleft()
        yield replace(stage, done=frame + 1)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return [{frame: pose.scaled(1 / scale) for frame, pose in person.poses().items()} for person in people]


def _waited(job: Future, step: Progress) -> Generator[Progress, None, None]:
    """Wait for a job; raise its error."""
    while not wait([job], timeout=WAIT).done:
        yield step
    job.result()


class _OnePerson:
    """Gives out the jobs of one person, frame by frame. A job waits only for jobs that were given out before it."""

    def __init__(self, track: Track, number: int, overview: Overview, where: Whereabouts, networks: Networks,
                 scale: float):
        self._sighted = telling(track, overview.step, overview.shots)
        self._shots = set(overview.shots)
        self._number, self._where, self._networks, self._scale = number, where, networks, scale
        self._step, self._stretch = overview.step, _Stretch()
        # Looks are taken every `look_every` seconds.
        self._compare_every = round(TUNING.compare_every / TUNING.look_every * overview.step)
        self._agrees: Future | None = None
        self._compared = 0
        self._sightings: list[tuple[int, Future]] = []
        self._follows: list[tuple[int, Future]] = []
        self._stretches: list[Future] = []

    def poses(self) -> Poses:
        """What all jobs found, after they ended."""
        found: Poses = {}
        for job in self._stretches:
            found |= job.result()
        found |= {frame: job.result().pose for frame, job in self._follows if job.result()}
        found |= {frame: job.result() for frame, job in self._sightings}
        return {frame: found[frame] for frame in sorted(found) if found[frame] is not None}

    def next(self, frame: int, rgb: np.ndarray, submit: Callable[..., Future]) -> list[Future]:
        """The jobs that the next frame makes possible."""
        jobs = self.ended(None, submit) if frame in self._shots else []
        own, others = self._where.of(self._number, frame), self._where.others(self._number, frame)
        picture = Frame(rgb, own and own.scaled(self._scale), tuple(d.scaled(self._scale) for d in others))
        if frame in self._sighted:
            pose = self._sight(frame, picture, submit)
            self._sightings.append((frame, pose))
            jobs += [pose, *self.ended(pose, submit)]
            self._stretch = _Stretch(pose, self._agrees)
            return jobs
        stretch = self._stretch
        stretch.waiting.append((frame, picture))
        if len(stretch.waiting) > 2 * self._step:
            # A gap: followed frame by frame from its beginning; the last frames are kept, to follow from its end.
            first, oldest = stretch.waiting.popleft()
            if stretch.before is not None:
                stretch.followed = submit(_follow_on, oldest, stretch.followed or stretch.before, self._networks)
                self._follows.append((first, stretch.followed))
                jobs.append(stretch.followed)
        return jobs

    def _sight(self, frame: int, picture: Frame, submit: Callable[..., Future]) -> Future:
        """The job of the pose at a sighting. Now and then the best network sees the person, and it is asked whether the
        usual one agrees; if so, that one sees the person until the next time."""
        if self._networks.usual is self._networks.best:
            return submit(at_sighting, picture, self._networks)
        if self._agrees and frame - self._compared < self._compare_every and not self._shots & {
                *range(self._compared + 1, frame + 1)}:
            return submit(_sighted_weaker, picture, self._agrees, self._networks)
        pose = submit(at_sighting, picture, self._networks)
        self._agrees, self._compared = submit(_agrees, picture, pose, self._networks), frame
        return pose

    def ended(self, after: Future | None, submit: Callable[..., Future]) -> list[Future]:
        """The jobs of the frames that wait for the stretch's end. after: the job of the sighting there, if any."""
        stretch, self._stretch = self._stretch, _Stretch()
        if not stretch.waiting or (stretch.before is None and after is None):
            return []
        job = submit(_between, list(stretch.waiting), stretch.followed or stretch.before, after, stretch.agrees,
                     self._networks)
        self._stretches.append(job)
        return [job]


def _sighted_weaker(picture: Frame, agrees: Future, networks: Networks) -> Pose2D | None:
    """The pose at a sighting by the usual network, if it agreed with the best one, else by that one."""
    return at_sighting(picture, networks, agrees.result())


def _agrees(picture: Frame, job: Future, networks: Networks) -> bool:
    """Whether the usual network agrees with the pose of a job."""
    pose = job.result()
    return pose is not None and agree(picture, pose, networks)


def _between(frames: list[tuple[int, Frame]], before: Future | None, after: Future | None, agrees: Future | None,
             networks: Networks) -> Poses:
    """The poses of frames between two sightings: in interpolated regions where the two are near each other, else each
    frame in the region of the one beside it, from both ends."""
    first, last = (job.result() if job else None for job in (before, after))
    if isinstance(first, Pose2D) and last and are_near(first.next_region, last.next_region):
        weaker = bool(agrees and agrees.result())
        found: Poses = {}
        regions = [between(first.next_region, last.next_region, number / (len(frames) + 1))
                   for number in range(1, len(frames) + 1)]
        looks = (networks.usual if weaker else networks.best).estimate_all(
            [(picture.rgb, region) for (_, picture), region in zip(frames, regions, strict=True)])
        for (frame, picture), region, look in zip(frames, regions, looks, strict=True):
            if (pose := in_region(picture, networks, region, weaker, look)) is not None:
                found[frame] = pose
        if found:
            return found
    if not (isinstance(first, Pose2D) and last):
        half = len(frames) // 2 if first and last else len(frames) if first else 0
        return _followed(frames[:half], first, networks) | _followed(frames[half:][::-1], last, networks)
    # Somebody turns: all frames are followed from either end, and the scores tell where one reading ends.
    numbers = [frame for frame, _ in frames]
    ahead, back = _followed(frames, first, networks), _followed(frames[::-1], last, networks)
    gain = [(ahead[n].score.mean() if n in ahead else 0.0) - (back[n].score.mean() if n in back else 0.0)
            for n in numbers]
    change = int(np.argmax(np.concatenate([[0.0], np.cumsum(gain)])))
    return ({n: ahead[n] for n in numbers[:change] if n in ahead}
            | {n: back[n] for n in numbers[change:] if n in back})


def _followed(frames: list[tuple[int, Frame]], start: Pose2D | _Followed | None, networks: Networks) -> Poses:
    """The poses of frames, each in the region of the one before; it ends where the person is lost."""
    found: Poses = {}
    for frame, picture in frames:
        start = _step(picture, start, networks)
        if start is None:
            break
        if start.pose:
            found[frame] = start.pose
    return found


def _follow_on(picture: Frame, before: Future, networks: Networks) -> _Followed | None:
    """The next step of following, after the job of the one before."""
    return _step(picture, before.result(), networks)


def _step(picture: Frame, before: Pose2D | _Followed | None, networks: Networks) -> _Followed | None:
    """The pose in the region of the frame before; None where the person is lost."""
    if before is None:
        return None
    if isinstance(before, Pose2D):
        before = _Followed(before, before.next_region)
    pose = in_region(picture, networks, before.region)
    if pose:
        return _Followed(pose, pose.next_region)
    lost = before.lost + 1
    return _Followed(None, before.region, lost) if lost < TUNING.lost_frames else None


def without_twins(people: list[Poses], tracks: list[Track]) -> list[Poses]:
    """The poses without those that show another of the people. Who came from there keeps the pose; where that tells
    nothing, who is nearer to the own sightings."""
    kept = [dict(poses) for poses in people]
    for a in range(len(people)):
        for b in range(a):
            for frame in sorted(set(kept[a]) & set(kept[b])):
                apart = _apart(kept[a][frame], kept[b][frame])
                if apart >= TUNING.like_body:
                    continue
                moved = [_moved_since(kept[n], frame) for n in (a, b)]
                if abs(moved[0] - moved[1]) > TUNING.moved_apart:
                    del kept[(a, b)[int(np.argmax(moved))]][frame]
                elif apart < TUNING.same_body:
                    loser = max((a, b), key=lambda n: _from_sighting(kept[n][frame], tracks[n], frame))
                    del kept[loser][frame]
    return kept


def _moved_since(poses: Poses, frame: int) -> float:
    """How far a pose is from the same person's one before, shortly ago: median of the keypoints, as a share of the
    region; 0 where there is none."""
    before = next((poses[n] for n in range(frame - 1, frame - 1 - TUNING.moved_frames, -1) if n in poses), None)
    if before is None:
        return 0.0
    pose = poses[frame]
    size = max(pose.region.size, before.region.size)
    return float(np.median(np.linalg.norm(pose.xy - before.xy, axis=-1))) / size


def _apart(a: Pose2D, b: Pose2D) -> float:
    """Median distance of the keypoints of two poses, as a share of the larger region; 1 where too few are seen."""
    both = (a.score > TUNING.landmark_score) & (b.score > TUNING.landmark_score)
    size = max(a.region.size, b.region.size)
    if both.sum() < 3:
        return 1.0
    return float(np.median(np.linalg.norm(a.xy - b.xy, axis=-1)[both])) / size


def _from_sighting(pose: Pose2D, track: Track, frame: int) -> float:
    """How badly a pose fits the person's nearest sighting: in frames to it, and in agreement."""
    nearest = min(track.sightings, key=lambda s: abs(s.frame - frame))
    fits = agreement(pose.xy[COCO_FROM_33], pose.score[COCO_FROM_33], nearest.detection)
    return abs(nearest.frame - frame) - fits
