"""Few keys for all bones of a character, within an error of rotation and of place.

Bones are reduced one after the other, parents first. Each is fitted on what its parents do with their own few keys, so
that errors do not add up: its rotation is measured in the armature, and a bone with one joint at its end aims at the
true place of that joint. The allowed error of a joint's place grows along each limb and reaches the limit at its end.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ..core.progress import Progress
from ..maths.rotations import about, apply, inverse, multiply, rotation, swing, unit
from ..rigs.forward_kinematics import parent_transforms, pose_matrices
from ..rigs.rig import TargetRig, from_matrix
from .bezier_fit import Curve, evaluate
from .choose import choose
from .extremes import extremes
from .rotation_channels import channel_rotations, rotation_channels
from .thin_by_handles import thinned_by_handles
from .tuning import TUNING
from .within import within


class Track(NamedTuple):
    """The dense keys of one bone. mode: its rotation mode. turns: (T, 4) local quaternions; None for none.

    places: (T, 3) local locations, armature units; None for none. tight: share of the allowed errors that this bone
    may use, less than 1 where several bones together move a joint.
    """

    name: str
    mode: str
    turns: np.ndarray | None
    places: np.ndarray | None
    tight: float = 1.0


class Limits(NamedTuple):
    """Allowed errors. turn: radians of a bone in the armature. place: armature units of the last joint of a limb."""

    turn: float
    place: float


class Sparse(NamedTuple):
    """The few keys of one bone, on the same frames. turns: of its rotation channels; places: of its location."""

    turns: Curve | None
    places: Curve | None

    @property
    def at(self) -> np.ndarray:
        """(K,) indices of the frames with keys."""
        return (self.turns or self.places).at


class _Point(NamedTuple):
    """A place that a bone moves. local: (3,) in the bone's own axes. allowed: armature units."""

    local: np.ndarray
    allowed: float


def reduce_keys(tracks: Sequence[Track], rig: TargetRig, limits: Limits,
                keep: Mapping[str, np.ndarray]) -> Generator[Progress, None, dict[str, Sparse]]:
    """Name of each bone -> its few keys; at every frame the evaluated pose is within the limits.

    A step is one round of a fit of one bone, or a small part of the choice of its keys.

    rig: holds all bones of the tracks and the bones above them. keep: name of a bone -> indices of frames that are
    keys in any case.
    """
    by_bone = {rig.index(track.name): track for track in tracks}
    frames = max((len(values) for track in tracks for values in track[2:4] if values is not None), default=0)
    true, pose = _posed(rig, by_bone, frames), np.empty((frames, len(rig), 4, 4))
    points, size = _points(rig, by_bone, limits), float(np.ptp(rig.heads, axis=0).max())
    found = {}
    for bone in range(len(rig)):
        turn, place = parent_transforms(rig, bone, pose)
        track = by_bone.get(bone)
        pose[:, bone] = _unkeyed(turn, place, frames)
        if track:
            kept = np.zeros(frames, bool)
            kept[keep.get(track.name, np.zeros(0, int))] = True
            kept[extremes(track.turns, track.places, size)] = True
            own = Limits(limits.turn * track.tight, limits.place * track.tight)
            one = _Bone(track, turn, place, true[:, bone], points.get(bone, []), own,
                        not (rig.connected[bone] and rig.parents[bone] >= 0))
            now = Progress("reduce keys", bone, len(rig), unit="bones")
            found[track.name] = yield from _told(one.reduced(kept), now)
            pose[:, bone] = one.pose(found[track.name])
        yield Progress("reduce keys", bone + 1, len(rig), unit="bones")
    return found


def _told(steps: Generator[None, None, Sparse], now: Progress) -> Generator[Progress, None, Sparse]:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
        yield now


def _posed(rig: TargetRig, by_bone: Mapping[int, Track], frames: int) -> np.ndarray:
    turns, places = np.zeros((frames, len(rig), 4)), np.zeros((frames, len(rig), 3))
    turns[..., 0] = 1.0
    for bone, track in by_bone.items():
        if track.turns is not None:
            turns[:, bone] = track.turns
        if track.places is not None:
            places[:, bone] = track.places
    return pose_matrices(rig, turns, places)


def _unkeyed(turn: np.ndarray, place: np.ndarray, frames: int) -> np.ndarray:
    pose = np.broadcast_to(turn, (frames, 4, 4)).copy()
    pose[:, :3, 3] = place[..., :3, 3]
    return pose


def _points(rig: TargetRig, by_bone: Mapping[int, Track], limits: Limits) -> dict[int, list[_Point]]:
    """Bone -> the joints that it moves: the heads of the next keyed bones."""
    above = {}
    for bone in by_bone:
        line = [each for each in rig.lineage(bone)[1:] if each in by_bone]
        above[bone] = line[0] if line and by_bone[bone].places is None else -1
    steps = {bone: float(np.linalg.norm(rig.heads[bone] - rig.heads[parent])) if parent >= 0 else 0.0
             for bone, parent in above.items()}
    far, below = {}, dict.fromkeys(by_bone, 0.0)
    for bone in sorted(by_bone):
        far[bone] = steps[bone] + far.get(above[bone], 0.0)
    for bone in sorted(by_bone, reverse=True):
        if above[bone] >= 0:
            below[above[bone]] = max(below[above[bone]], steps[bone] + below[bone])
    points: dict[int, list[_Point]] = {}
    for bone in sorted(by_bone):
        if above[bone] >= 0:
            rest = rig.rest[above[bone]]
            local = rest[:3, :3].T @ (rig.heads[bone] - rest[:3, 3])
            share = far[bone] / max(far[bone] + below[bone], 1e-12)
            points.setdefault(above[bone], []).append(_Point(local, _allowed(limits, share)))
    return points


def _allowed(limits: Limits, share: float) -> float:
    """The allowed error of a joint at a share (0..1) of the way from the body's root to a limb's end."""
    return limits.place * (TUNING.root_share + (1.0 - TUNING.root_share) * share)


class _Bone:
    """One bone on parents that move by their own few keys.

    turn, place: factors of its basis, of `parent_transforms`. true: (T, 4, 4) its pose by the dense keys.
    movable: whether Blender uses its location.
    """

    def __init__(self, track: Track, turn: np.ndarray, place: np.ndarray, true: np.ndarray, points: list[_Point],
                 limits: Limits, movable: bool):
        self.track, self.points, self.limits, self.movable = track, points, limits, movable
        self.frames = len(true)
        self.turn, self.place, self.true = turn, place, true
        self.base = np.broadcast_to(from_matrix(turn[..., :3, :3]), (self.frames, 4))
        self.true_turn = from_matrix(true[:, :3, :3])
        self.held = [true[:, :3, :3] @ point.local + true[:, :3, 3] for point in points]

    def reduced(self, keep: np.ndarray) -> Generator[None, None, Sparse]:
        """The few keys; the frames of `keep` (T,) bool are among them."""
        def excess(curve: Curve) -> np.ndarray:
            return self._excess(self._parts(curve))

        values, parts, room = self._wanted()
        at = yield from choose(values, parts, keep)
        importance = 1.0 / room**2
        state = yield from within(values, at, importance / importance.mean(), excess)
        state = yield from thinned_by_handles(values, state, keep, excess)
        return self._parts(state.curve)

    def _wanted(self) -> tuple[np.ndarray, list, np.ndarray]:
        """(T, C) channels, the parts of them with the allowed errors, and the (T,) allowed turn."""
        values, parts, room = [], [], np.full(self.frames, self.limits.turn)
        if self.track.turns is not None:
            turns, room = self._aimed()
            _, channels = rotation_channels(multiply(inverse(self.base), turns), self.track.mode)
            values.append(channels)
            parts.append((slice(0, channels.shape[1]), room / _TURN_OF.get(self.track.mode, TUNING.euler_turn)))
        if self.track.places is not None:
            offset = (self.true[:, :3, 3] - self.place[..., :3, 3])[..., None]
            moved = (np.linalg.inv(self.place[..., :3, :3]) @ offset)[..., 0]
            values.append(moved if self.movable else self.track.places)
            start = parts[-1][0].stop if parts else 0
            size = np.linalg.norm(self.place[..., :3, :3], axis=(-2, -1)).max() / np.sqrt(3)
            parts.append((slice(start, start + 3), np.full(self.frames, _allowed(self.limits, 0.0) / size)))
        return np.concatenate(values, axis=1), parts, room

    def _aimed(self) -> tuple[np.ndarray, np.ndarray]:
        """(T, 4) wanted rotations in the armature, and the (T,) radians by which keys may miss them."""
        turns, spared = self.true_turn, np.zeros(self.frames)
        head = self.true[:, :3, 3] if self.track.places is not None else self.place[..., :3, 3]
        room = np.full(self.frames, np.inf)
        if len(self.points) == 1 and np.linalg.norm(self.points[0].local) > 1e-9:
            now = apply(turns, self.points[0].local)
            way = swing(unit(now), unit(self.held[0] - head))
            angle = 2 * np.arctan2(np.linalg.norm(way[:, 1:], axis=-1), way[:, 0])
            spared = np.minimum(angle, TUNING.most_aim * self.limits.turn)
            turns = multiply(about(unit(way[:, 1:]), spared), turns)
        for point, held in zip(self.points, self.held, strict=True):
            length = np.linalg.norm(point.local)
            off = np.linalg.norm(head + apply(turns, point.local) - held, axis=-1)
            left = np.sqrt(np.maximum(point.allowed**2 - off**2, (TUNING.least_room * point.allowed) ** 2))
            room = np.minimum(room, left / max(length, 1e-12))
        return turns, np.minimum(room, self.limits.turn - spared)

    def _parts(self, curve: Curve) -> Sparse:
        size = curve.values.shape[1] - (3 if self.track.places is not None else 0)
        return Sparse(curve.part(slice(0, size)) if self.track.turns is not None else None,
                      curve.part(slice(size, None)) if self.track.places is not None else None)

    def pose(self, sparse: Sparse) -> np.ndarray:
        """(T, 4, 4) the bone in the armature by its few keys."""
        pose = _unkeyed(self.turn, self.place, self.frames)
        if sparse.turns is not None:
            local = channel_rotations(evaluate(sparse.turns, self.frames), self.track.mode)
            pose[:, :3, :3] = pose[:, :3, :3] @ rotation(local).as_matrix()
        if sparse.places is not None and self.movable:
            moved = evaluate(sparse.places, self.frames)[..., None]
            pose[:, :3, 3] += (self.place[..., :3, :3] @ moved)[..., 0]
        return pose

    def _excess(self, sparse: Sparse) -> np.ndarray:
        """(T,) the error of rotation or place, in multiples of the allowed one, whichever is greater."""
        pose = self.pose(sparse)
        # The chord between two rotation matrices is sqrt(8) times the sine of half their angle.
        chord = np.sqrt(((pose[:, :3, :3] - self.true[:, :3, :3]) ** 2).sum(axis=(1, 2)) / 8.0)
        worst = 2.0 * np.arcsin(np.minimum(chord, 1.0)) / self.limits.turn \
            if sparse.turns is not None else np.zeros(self.frames)
        if sparse.places is not None:
            off = np.linalg.norm(pose[:, :3, 3] - self.true[:, :3, 3], axis=-1)
            worst = np.maximum(worst, off / _allowed(self.limits, 0.0))
        for point, held in zip(self.points, self.held, strict=True):
            off = np.linalg.norm(pose[:, :3, :3] @ point.local + pose[:, :3, 3] - held, axis=-1)
            worst = np.maximum(worst, off / point.allowed)
        return worst


_TURN_OF = {"QUATERNION": 2.0, "AXIS_ANGLE": 2.0}
"""Rotation mode -> radians of turn for a change of 1 in its channels, at most."""
