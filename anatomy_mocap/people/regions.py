"""Where each person is between the looks: detections and regions interpolated from frame to frame."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

import numpy as np

from .crop import Region
from .detect_people import Detection
from .looks_at_one import is_off
from .pose2d import seed_region
from .sightings import Sighting
from .tracks import Track
from .tuning import TUNING


class Whereabouts:
    """Where the people of a clip are in every frame, as far as the looks tell.

    tracks: everybody. longest: frames between two sightings up to which a person is taken to be between them.
    shots: the first frame of each shot.
    """

    def __init__(self, tracks: list[Track], longest: int, shots: list[int]):
        self._shots = shots
        self._tracks = [([s.frame for s in track.sightings], track.sightings) for track in tracks]
        self._longest = longest

    def of(self, person: int, frame: int) -> Detection | None:
        """The person's detection of that frame, or one interpolated between the sightings around it, else None."""
        frames, sightings = self._tracks[person]
        after = bisect_right(frames, frame)
        if after and frames[after - 1] == frame:
            return sightings[after - 1].detection
        if not 0 < after < len(frames) or frames[after] - frames[after - 1] > self._longest:
            return None
        before, later = sightings[after - 1], sightings[after]
        if bisect_right(self._shots, before.frame) != bisect_right(self._shots, later.frame):
            return None
        share = (frame - before.frame) / (later.frame - before.frame)
        a, b = before.detection, later.detection
        return replace(a, box=a.box + share * (b.box - a.box), xy=a.xy + share * (b.xy - a.xy),
                       keypoint_score=np.minimum(a.keypoint_score, b.keypoint_score), score=min(a.score, b.score))

    def others(self, person: int, frame: int) -> tuple[Detection, ...]:
        """Everybody else of whom that frame's place is known."""
        found = (self.of(other, frame) for other in range(len(self._tracks)) if other != person)
        return tuple(d for d in found if d is not None)


def between(before: Region, after: Region, share: float) -> Region:
    """The region at a share 0..1 of the way from one to the other; angles take the shorter way."""
    centre = tuple(a + share * (b - a) for a, b in zip(before.centre, after.centre, strict=True))
    turn = float(np.angle(np.exp(1j * (after.angle - before.angle))))
    return Region(centre, before.size * (after.size / before.size) ** share, before.angle + share * turn)


def are_near(before: Region, after: Region) -> bool:
    """Whether the regions between these two can be interpolated."""
    away, angle = TUNING.interpolated
    turn = abs(np.angle(np.exp(1j * (after.angle - before.angle))))
    apart = np.hypot(after.centre[0] - before.centre[0], after.centre[1] - before.centre[1])
    return bool(apart <= away * max(before.size, after.size) and turn <= np.radians(angle))


def telling(track: Track, longest: int, shots: list[int]) -> set[int]:
    """The frames of a track's sightings without those that only confirm what their neighbours tell.

    Where people touch, they are sighted every few frames. A sighting that lies where the ones around it lead to is
    left out; the poses there are measured as between two sightings. longest: frames between two that are kept.
    """
    sightings = track.sightings
    regions = [seed_region(s.detection) for s in sightings]
    kept, start = {0, len(sightings) - 1}, 0
    while start < len(sightings) - 1:
        end = start + 1
        while (end + 1 < len(sightings) and sightings[end + 1].frame - sightings[start].frame <= longest
               and _lead(sightings, regions, start, end + 1, shots)):
            end += 1
        kept.add(end)
        start = end
    return {sightings[n].frame for n in kept}


def _lead(sightings: list[Sighting], regions: list[Region], start: int, end: int, shots: list[int]) -> bool:
    """Whether all sightings between two of them lie on the way from one to the other."""
    first, last = sightings[start].frame, sightings[end].frame
    if bisect_right(shots, first) != bisect_right(shots, last) or not are_near(regions[start], regions[end]):
        return False
    return not any(is_off(between(regions[start], regions[end], (sightings[n].frame - first) / (last - first)),
                          regions[n]) for n in range(start + 1, end))
