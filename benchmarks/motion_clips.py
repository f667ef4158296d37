"""Clips with known motion for `benchmarks.motion`, by kind, and their takes, lifted once and kept in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.take import Take, load_take, save_take
from anatomy_mocap.measuring.floor_depth import lowest_points
from anatomy_mocap.pipeline import lift_keypoints
from anatomy_mocap.settings import CaptureSettings
from anatomy_mocap.touch.find_touches import with_touches
from training.contacts.true_contacts import floor_of, true_contacts
from training.mocap.dataset import LIFTER_FPS, MocapSet
from training.mocap.made_up_acts import act
from training.rendered_people.clip_file import clip_files, load_clip
from training.simulate.simulate_clip import moving, simulate_clip, subjects_body

KINDS = ("walk", "run", "jump", "dance", "sit", "kneel", "lie", "turn")
"""All kinds, in the order of the tables."""

EVERYDAY = ("walk", "run", "sit", "kneel", "turn")
"""Kinds of everyday motion."""

_KIND_OF = {"09_12": "turn", "86_01": "jump", "86_09": "sit", "131_01": "walk", "131_02": "walk", "131_03": "jump",
            "131_04": "jump", "69_69": "walk", "69_70": "turn", "69_73": "turn", "69_75": "turn", "85_02": "jump",
            "85_02.2": "jump"}
"""Validation clip -> kind, by CMU's description; the runs of subject 9 and the dances of subject 85 go by subject."""

ACTS = ("sit", "kneel", "lie")
"""Kinds that training's made-up acts give (no recording of a validation subject lies or kneels)."""
ACT_CLIPS, ACT_SECONDS, RECORDED = 4, 16.0, "86_09"
"""Acts of each kind, their length, and the recording that lends them its body, arms and head."""

VIEWS = (1, 3)
"""Cameras of training/rendered_people/clip_plan.py: from the left front and above, and from behind, rolled."""

@dataclass(frozen=True)
class Truth:
    """The true motion of T frames at 25 per second.

    name: of the clip and its camera. kind: one of KINDS. joints: (T, 22, 3) metres, world axes, floor at Z = 0. turn:
    (3, 3) from camera axes to that world. feet: (T, 2, 2) bool, [left, right] x [heel, toe], hands: (T, 2) bool: what
    stands on the floor. fps: frames per second.
    """

    name: str
    kind: str
    joints: np.ndarray
    turn: np.ndarray
    feet: np.ndarray
    hands: np.ndarray
    fps: float = LIFTER_FPS


def truth_of(name: str, kind: str, joints: np.ndarray, turn: np.ndarray, floor: float | None = None) -> Truth:
    """The truth of recorded joints (T, 22, 3), with what stands in them.

    floor: metres; None takes the tenth percentile of the lowest foot points.
    """
    joints = joints.astype(float)
    floor = floor_of(joints) if floor is None else floor
    found = true_contacts(joints, floor)
    return Truth(name, kind, joints - [0.0, 0.0, floor], turn, found.feet, found.hands)


def kind_of(name: str) -> str:
    """The kind of a validation clip."""
    return _KIND_OF.get(name) or {"09": "run", "85": "dance"}.get(name.partition("_")[0], "walk")


def simulated(held_out: MocapSet, folder: Path, fresh: bool, kinds: tuple[str, ...], most: int | None
              ) -> Iterator[tuple[Truth, Take]]:
    """Truth and take of the validation clips and of the acts, by the cameras VIEWS; at most `most` of a kind."""
    for kind in kinds:
        done = 0
        for mocap, clip in _of_kind(held_out, kind):
            for view in VIEWS:
                if most is not None and done >= most:
                    break
                done += 1
                name = f"{mocap.names[clip]}.{view}"
                seen = simulate_clip(mocap, clip, view)
                joints = moving(mocap, clip, subjects_body(mocap, clip), LIFTER_FPS)[0][0]
                turn = _turn(joints - joints[:, :1], seen.joints)
                yield truth_of(name, kind, joints, turn), _kept(folder / f"{name}.npz", fresh, seen)


def _of_kind(held_out: MocapSet, kind: str) -> Iterator[tuple[MocapSet, int]]:
    if kind in ACTS:
        acts = _acts(held_out, kind)
        yield from ((acts, clip) for clip in range(len(acts)))
    yield from ((held_out, clip) for clip, name in enumerate(held_out.names) if kind_of(name) == kind)


def _acts(held_out: MocapSet, kind: str) -> MocapSet:
    """ACT_CLIPS made-up acts of a kind as a motion set."""
    donor = held_out.names.index(RECORDED)
    count = min(int(ACT_SECONDS * held_out.fps), int(held_out.frames[donor]))
    start = int(held_out.start[donor])
    recorded = held_out.positions[start:start + count].astype(float)
    made = [_lying_on_floor(act(np.random.default_rng((23, KINDS.index(kind), number)), kind, recorded, held_out.fps))
            for number in range(ACT_CLIPS)]
    return MocapSet(np.concatenate(made).astype(np.float32), np.arange(ACT_CLIPS) * count, np.full(ACT_CLIPS, count),
                    np.full(ACT_CLIPS, held_out.subject[donor]), np.zeros(ACT_CLIPS, dtype=bool),
                    tuple(f"{kind}{number}" for number in range(ACT_CLIPS)), held_out.fps)


def _lying_on_floor(joints: np.ndarray) -> np.ndarray:
    """Joints (T, 22, 3) raised so that in each frame the body's skin touches the floor, where an act puts a joint."""
    return joints - lowest_points(joints)[:, None, None] * [0.0, 0.0, 1.0]


def _turn(world: np.ndarray, camera: np.ndarray) -> np.ndarray:
    """(3, 3) the rotation that takes points (T, J, 3) in camera axes to the same points in world axes."""
    u, _, vt = np.linalg.svd(world.reshape(-1, 3).T @ camera.reshape(-1, 3))
    return u @ np.diag([1.0, 1.0, np.linalg.det(u @ vt)]) @ vt


def _kept(file: Path, fresh: bool, seen) -> Take:
    """The take of keypoints, read where it was lifted before, with the contacts of today's network. seen: has
    `keypoints` and `camera`."""
    if file.is_file() and not fresh:
        take = load_take(file)
        if take.keypoints.layout == seen.keypoints.layout:
            return with_touches(take)
    take = drain(lift_keypoints(seen.keypoints, seen.camera, CaptureSettings(device="cpu"),
                                {"warnings": [], "seconds": {}}))
    file.parent.mkdir(parents=True, exist_ok=True)
    save_take(take, file)
    return take


@dataclass(frozen=True)
class _Seen:
    keypoints: object
    camera: object


def rendered(clips: Path, folder: Path, fresh: bool, kinds: tuple[str, ...], most: int | None
             ) -> Iterator[tuple[Truth, Take]]:
    """Truth and take of rendered people (`python -m training render`) by the true detector; at most `most` of a kind.

    Frames before the first and after the last one with a detected person are left out. The floor is Z = 0.
    """
    done = dict.fromkeys(KINDS, 0)
    for file in clip_files(clips):
        clip = load_clip(file)
        kind = clip.about["kind"] if clip.about["kind"] in KINDS else kind_of(clip.motion)
        seen = np.flatnonzero(clip.detected)
        if kind not in kinds or len(seen) < 2 or (most is not None and done[kind] >= most):
            continue
        done[kind] += 1
        part = slice(int(seen[0]), int(seen[-1]) + 1)
        keypoints = clip.detections()[part]
        keypoints = replace(keypoints, times=keypoints.times - keypoints.times[0])
        name = f"{file.stem}.{clip.motion}"
        truth = truth_of(name, kind, clip.points[part, : len(MOCAP22)], clip.world_from_camera[0, :3, :3], 0.0)
        yield truth, _kept(folder / f"rendered.{clips.name}.{file.stem}.npz", fresh, _Seen(keypoints, clip.camera))
