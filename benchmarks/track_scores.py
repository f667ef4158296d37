"""Scores tracks of people against the truth of a crowd clip: kept frames, identity, swaps and keypoint errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anatomy_mocap.core.keypoint_layouts import LAYOUTS
from training.rendered_crowds.crowd_file import Crowd
from training.rendered_people.person import POINTS

LIMBS = tuple(f"{side}_{part}" for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
              for side in ("left", "right"))
"""The points that are compared."""

FOUND_COLUMNS = [LAYOUTS["MEDIAPIPE33"].keypoint_names.index(name) for name in LIMBS]
TRUE_COLUMNS = [POINTS.index(name) for name in LIMBS]

HALF = 0.5
"""Share of the silhouette above which a person counts as visible."""

SURE = 0.06
"""Median distance, in standing heights, below which points lie on a person even if somebody else's joints are nearer.
Guessed: twice the usual error."""

FAR = 0.25
"""Median distance, in standing heights, above which points lie on nobody. Guessed."""

STAY = 3
"""Frames that a track has to stay with somebody else to count as a swap."""


@dataclass(frozen=True)
class Track:
    """One person as an engine tells. label: its name there. times: (T,) seconds. xy: (T, 33, 2) pixels. score: (T, 33),
    0 in frames without the person."""

    label: str
    times: np.ndarray
    xy: np.ndarray
    score: np.ndarray


@dataclass(frozen=True)
class Score:
    """What became of one true person.

    person: number in the truth; None for a track that shows nobody. label: of the track, "" where no track shows them.
    visible: frames in which they are at least half visible; kept: those of them with points; right: those of them
    whose points lie on them. points: all frames with points; theirs, others, ghosts: frames of these whose points lie
    on the person, on somebody else, on nobody. swaps: changes to somebody else that last; swapped: the frames at which
    each of them begins. errors: (E,) distances of
    keypoints in the right frames, shares of the standing height. lost: longest run of frames in which they are at
    least half visible and have no points.
    """

    person: int | None
    label: str
    visible: int
    kept: int
    right: int
    points: int
    theirs: int
    others: int
    ghosts: int
    swaps: int
    lost: int
    errors: np.ndarray
    swapped: tuple[int, ...] = ()

    def silent(self, warned: list[int], near: int) -> int:
        """How many of the swaps no warning tells of. warned: frames that warnings name. near: frames between a swap
        and a warning up to which it counts."""
        return sum(all(abs(frame - other) > near for other in warned) for frame in self.swapped)


def scores(crowd: Crowd, tracks: list[Track]) -> list[Score]:
    """One score for each person who is ever half visible, then one for each track beyond these."""
    found = []
    for track in tracks:
        xy, has = at_truth(crowd, track)
        distance = distances(crowd, xy)
        found.append((track.label, has, xy, distance, followed(distance, has)))
    result, used = [], set()
    for person in range(crowd.people):
        if not (crowd.visible[person] >= HALF).any():
            continue
        own = [index for index, each in enumerate(found) if each[4] == person]
        best = max(own, key=lambda index: found[index][1].sum(), default=None)
        if best is None:
            visible = crowd.visible[person] >= HALF
            result.append(Score(person, "", int(visible.sum()), 0, 0, 0, 0, 0, 0, 0, int(longest(visible)),
                                np.zeros(0)))
        else:
            used.add(best)
            label, has, xy, distance, _ = found[best]
            result.append(score_of(crowd, person, label, has, xy, distance))
    for index, (label, has, xy, distance, person) in enumerate(found):
        if index not in used:
            extra = score_of(crowd, person or 0, label, has, xy, distance)
            result.append(Score(None, label, 0, 0, 0, extra.points, 0, extra.points - extra.ghosts, extra.ghosts,
                                extra.swaps, 0, np.zeros(0), extra.swapped))
    return result


def at_truth(crowd: Crowd, track: Track) -> tuple[np.ndarray, np.ndarray]:
    """The track's points (T, 33, 2) at the truth's frames, and whether each frame has any, (T,) bool.

    A frame without a time of the track within half a frame has none.
    """
    xy, has = np.zeros((len(crowd), 33, 2)), np.zeros(len(crowd), dtype=bool)
    if not len(track.times):
        return xy, has
    step = float(np.median(np.diff(crowd.times))) if len(crowd) > 1 else 1.0
    nearest = np.abs(crowd.times[:, None] - track.times).argmin(axis=1)
    near = np.abs(track.times[nearest] - crowd.times) <= 0.51 * step
    has = near & (track.score[nearest] > 0).any(axis=1)
    return track.xy[nearest], has


def sizes(crowd: Crowd) -> np.ndarray:
    """(N, T) standing heights in the picture, pixels, at the distance of each pelvis."""
    depth = np.maximum(crowd.in_camera()[:, :, 0, 2], 0.3)
    return crowd.intrinsics[0, 0] * crowd.heights[:, None] / depth


def distances(crowd: Crowd, xy: np.ndarray) -> np.ndarray:
    """(N, T) median distance of the points (T, 33, 2) from each person's joints, in standing heights; infinite for
    those who are not in the scene. Somebody who is hidden has a distance: points that are kept meanwhile may be right.
    """
    away = np.linalg.norm(xy[:, FOUND_COLUMNS] - crowd.points_px[:, :, TRUE_COLUMNS], axis=-1)
    distance = np.median(away, axis=-1) / sizes(crowd)
    return np.where(crowd.present, distance, np.inf)


def followed(distance: np.ndarray, has: np.ndarray, first: int = 10) -> int | None:
    """The person on whom most of a track's first frames with points lie; None where they lie on nobody."""
    frames = np.flatnonzero(has & (distance.min(axis=0) < FAR))[:first]
    if not len(frames):
        return None
    return int(np.bincount(distance[:, frames].argmin(axis=0)).argmax())


def owners(distance: np.ndarray, has: np.ndarray, person: int) -> np.ndarray:
    """(T,) on whom the points lie: a person's number, -1 on nobody, -2 in frames without points.

    The followed person has them where their joints are the nearest, or near enough (SURE).
    """
    nearest = distance.argmin(axis=0)
    owner = np.where(distance.min(axis=0) < FAR, nearest, -1)
    owner[distance[person] < SURE] = person
    return np.where(has, owner, -2)


def swaps(owner: np.ndarray, person: int) -> list[int]:
    """The frames at which the points change to somebody else than `person` for STAY frames with points or more, or from
    one such to another. owner: (T,), see `owners`."""
    frames = np.flatnonzero(owner >= 0)
    told = owner[frames]
    found, now, run = [], person, 0
    for index, who in enumerate(told):
        run = run + 1 if index and who == told[index - 1] else 1
        if run == STAY and who != now:
            now = int(who)
            if who != person:
                found.append(int(frames[index - STAY + 1]))
    return found


def longest(chosen: np.ndarray) -> int:
    """Length of the longest run of true values of (T,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(int), [0]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def score_of(crowd: Crowd, person: int, label: str, has: np.ndarray, xy: np.ndarray, distance: np.ndarray) -> Score:
    """The score of a track that follows `person`. has, xy: see `at_truth`. distance: see `distances`."""
    owner = owners(distance, has, person)
    visible, right = crowd.visible[person] >= HALF, owner == person
    away = np.linalg.norm(xy[:, FOUND_COLUMNS] - crowd.points_px[person][:, TRUE_COLUMNS], axis=-1)
    errors = (away / sizes(crowd)[person][:, None])[right]
    changes = swaps(owner, person)
    return Score(person, label, int(visible.sum()), int((visible & has).sum()), int((visible & right).sum()),
                 int(has.sum()), int(right.sum()), int(((owner >= 0) & ~right).sum()), int((owner == -1).sum()),
                 len(changes), longest(visible & ~has), errors.ravel(), tuple(changes))
