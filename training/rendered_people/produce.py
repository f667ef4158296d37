"""Make the missing clips of a set, one file after the other."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.people.crop import bilinear
from anatomy_mocap.people.pose2d import KEYPOINTS
from anatomy_mocap.people.watch import watch
from anatomy_mocap.sources.picture import Glance, glance_of

from ..argument_checks import at_least, results_folder
from ..mocap.dataset import load_mocap, split
from ..mocap.made_up_acts import act, stool_below
from ..options import Say, option
from .clip_file import RenderedClip, load_about, save_clip
from .clip_plan import OF_TRAINING, SETS, ClipPlan, check_subjects, plan_clip
from .clothes import Surface, dress
from .filming import place, project, to_camera
from .motions import Motions, mirror
from .person import POINTS, Person, build_person
from .posing import Posed, draw_hand_moves, floor_shift, pose
from .scene import check_blender, draw_frames
from .visibility import Occlusion

_HANDS = 23
"""Begins the seed of a clip's hands, so that an act of the same seed draws other numbers."""


@dataclass(frozen=True)
class RenderSettings:
    """Options of the command render."""

    data: str = option("the motion set (.npz)")
    bodies: str = option("folder of MakeHuman's base.obj")
    rig: str = option("MakeHuman's rig.mixamo.json")
    out: str = option("folder of the clips; those that are there are kept")
    set: str = option("the set: clips for training or for validation, poses: people who sit, kneel or lie, loose: "
                      "the validation clips in loose clothes, hands and palms: clips for training and for validation "
                      "whose palms and fingers move", "train", choices=SETS)
    clips: int = option("number of clips in the finished set", 100)
    frames: int = option("frames of a clip at most", 80)
    first: int = option("number of the first clip", 0)
    seed: int = option("seed of the set", 1)
    minutes: float = option("stop after this many minutes; 0: when the set is finished", 0.0)
    part: int = option("clips rendered by one process before another one continues", 25)

    @property
    def record(self) -> dict:
        """The settings that each clip records in `about`. If one differs, the clip of a number is another one."""
        return {"set": self.set, "seed": self.seed, "frames": self.frames}


def check(settings: RenderSettings, say: Say = print) -> None:
    """Raises MocapError for unusable settings, and for a folder of clips that were made with other ones.

    Clips without recorded settings are taken for clips of the set; `say` gets their number.
    """
    if settings.set not in SETS:
        raise MocapError(f"--set {settings.set}: unknown set; use one of {', '.join(SETS)}")
    at_least(settings, clips=1, frames=1, first=0, seed=0, minutes=0, part=1)
    check_blender()
    unknown, wanted = 0, _options(settings.record)
    for path in sorted(results_folder(settings.out).glob("[0-9]*.npz")):
        about = load_about(path)
        found = {name: about[name] for name in settings.record if name in about}
        unknown += not found
        if found and found != settings.record:
            raise MocapError(f"{path}: made with {_options(found)}, not {wanted}; give what it was made with, or "
                             "another folder (--out)")
    if unknown:
        say(f"{settings.out}: {unknown} clips have no recorded settings; they are taken for clips of {wanted}")


def _options(record: dict) -> str:
    return " ".join(f"--{name} {value}" for name, value in record.items())


def missing(settings: RenderSettings) -> list[Path]:
    """Files of the set that do not exist yet, in order."""
    paths = (Path(settings.out) / f"{number:05d}.npz" for number in range(settings.first, settings.clips))
    return [path for path in paths if not path.exists()]


def make_missing(settings: RenderSettings, say: Say = print, most: int | None = None) -> int:
    """Make missing clips of the set, `most` at most, after `check`; returns the number of clips made."""
    train, held_out = split(load_mocap(settings.data))
    motions = Motions(train if settings.set in OF_TRAINING else held_out)
    check_subjects(settings.set, motions)
    started, made = time.perf_counter(), 0
    for path in missing(settings):
        if made == most or (settings.minutes and time.perf_counter() - started > 60 * settings.minutes):
            break
        if path.exists():  # by now: another process makes clips of this set, too
            continue
        seconds: dict[str, float] = {}
        plan = plan_clip(settings.set, int(path.stem), settings.seed, motions, settings.frames)
        clip = make_clip(plan, motions, Path(settings.bodies), Path(settings.rig), seconds)
        save_clip(path, replace(clip, about=clip.about | settings.record))
        made += 1
        spent = ", ".join(f"{name} {1000 * value / len(clip):.0f}" for name, value in seconds.items())
        say(f"{path.name} {plan.kind} {clip.motion}: {len(clip)} frames, seen in {int(clip.detected.sum())}; "
            f"ms a frame: {spent}")
    return made


def make_clip(plan: ClipPlan, motions: Motions, bodies: Path, rig: Path, seconds: dict | None = None,
              saw: Callable[[np.ndarray], None] | None = None) -> RenderedClip:
    """Pose, film and detect one clip. seconds: gets the time of each step. saw: is called with each picture."""
    seconds = {} if seconds is None else seconds
    with _timed(seconds, "body"):
        person = build_person(plan.shape, bodies, rig)
        surface = dress(person, plan.outfit, bodies)
    with _timed(seconds, "pose"):
        posed, vertices = _posed(plan, motions, person, surface)
        points = posed.points(person)
        world_from_camera = place(plan.view, points)
    with _timed(seconds, "truth"):
        clip = _truth(plan, motions, person, points, world_from_camera)
        hidden = _hidden(person, surface, vertices, clip)
    look = replace(plan.look, seat=stool_below(points, vertices)) if plan.kind == "sit" else plan.look
    pictures = draw_frames(surface, vertices, plan.view, world_from_camera, look)
    detections = _detect(pictures, len(points), plan.fps, seconds, saw)
    return replace(clip, hidden=hidden, **detections._asdict())


def _posed(plan: ClipPlan, motions: Motions, person: Person, surface: Surface) -> tuple[Posed, np.ndarray]:
    """The bones, and the drawn vertices (T, M, 3) float32, standing on the floor."""
    posed = posed_person(plan, motions, person)
    vertices = posed.vertices(person, surface.rest, surface.used)
    shift = floor_shift(vertices, every_frame=plan.kind != "mocap")
    vertices[..., 2] += shift[:, None]
    return posed.raised(shift), vertices


def _hidden(person: Person, surface: Surface, vertices: np.ndarray, clip: RenderedClip) -> np.ndarray:
    """(T, P) bool: points that the body itself hides."""
    occlusion = Occlusion(person, surface.used)
    frames = zip(vertices, clip.world_from_camera, clip.in_camera(), strict=True)
    return np.stack([occlusion.hidden((body - pose[:3, 3]) @ pose[:3, :3], points) for body, pose, points in frames])


def posed_person(plan: ClipPlan, motions: Motions, person: Person) -> Posed:
    """The bones of a clip's person, not yet standing on the floor."""
    joints = recorded(plan, motions)
    moves = draw_hand_moves(np.random.default_rng((_HANDS, plan.seed)), len(joints), plan.fps) if plan.hands else None
    return pose(person, joints, moves)


def recorded(plan: ClipPlan, motions: Motions) -> np.ndarray:
    """(T, 22, 3) joints of the motion, of the recorded body."""
    positions = motions.positions(plan.clip, plan.first, plan.frames, plan.step)
    if plan.kind != "mocap":
        positions = act(np.random.default_rng(plan.seed), plan.kind, positions, plan.fps)
    return mirror(positions) if plan.mirrored else positions


def bone_lengths(joints: np.ndarray) -> np.ndarray:
    """(22,) mean lengths of the bones of joints (T, 22, 3); row 0 is 0."""
    bones = joints[:, 1:] - joints[:, np.array(MOCAP22.parents)[1:]]
    return np.concatenate([[0.0], np.linalg.norm(bones, axis=-1).mean(axis=0)])


def _truth(plan: ClipPlan, motions: Motions, person: Person, points, world_from_camera) -> RenderedClip:
    count, mocap = len(points), motions.mocap
    intrinsics = plan.view.intrinsics
    empty = np.zeros((count, 0))
    return RenderedClip(
        empty, empty, empty, np.arange(count) / plan.fps, np.array([plan.view.width, plan.view.height]), intrinsics,
        world_from_camera, points.astype(np.float32),
        project(to_camera(points, world_from_camera), intrinsics).astype(np.float32), empty, np.array(POINTS),
        bone_lengths(points[:, : len(MOCAP22)]),
        person.height, int(mocap.subject[plan.clip]), mocap.names[plan.clip],
        plan.first + plan.step * np.arange(count), plan.described())


class _Detections(NamedTuple):
    """Keypoints (T, 33, 2) pixels, scores (T, 33) and 3D landmarks (T, 33, 3) of the shipped tracker; 0 where it finds
    nobody."""

    keypoints: np.ndarray
    scores: np.ndarray
    rival: np.ndarray


def _detect(pictures, count: int, fps: float, seconds: dict, saw) -> _Detections:
    """Run the shipped detector on `count` pictures. seconds, saw: as for `make_clip`."""
    kept = []
    for _ in range(count):
        with _timed(seconds, "draw"):
            kept.append(next(pictures))
        if saw:
            saw(kept[-1])
    pictures.close()
    with _timed(seconds, "detect"):
        try:
            seen = drain(watch(_InMemory(kept, fps), "cpu", threads=1)).people[0]
        except MocapError:  # nobody was found
            empty = np.zeros((count, KEYPOINTS, 3), dtype=np.float32)
            return _Detections(empty[..., :2], empty[..., 0], empty)
    keypoints = seen.keypoints
    return _Detections(keypoints.xy.astype(np.float32), keypoints.score.astype(np.float32), seen.world)


class _InMemory:
    """Pictures with the interface of a VideoSource."""

    path = "rendered pictures"

    def __init__(self, pictures: list[np.ndarray], fps: float):
        self.height, self.width = pictures[0].shape[:2]
        self.fps, self.expected_frames, self._pictures = fps, len(pictures), pictures

    def pictures(self, longest: int | None = None) -> Iterator[tuple[float, np.ndarray]]:
        """(time, rgb) of each; longest: pixels of the longer side, to which larger pictures are scaled down."""
        factor = min(1.0, longest / max(self.width, self.height)) if longest else 1.0
        for number, rgb in enumerate(self._pictures):
            yield number / self.fps, rgb if factor == 1 else _scaled(rgb, factor)

    def glances(self, longest: int | None = None) -> Iterator[tuple[float, Glance]]:
        """The same as (time, glance)."""
        return ((time, glance_of(rgb)) for time, rgb in self.pictures(longest))


def _scaled(rgb: np.ndarray, factor: float) -> np.ndarray:
    height, width = (round(side * factor) for side in rgb.shape[:2])
    x, y = ((np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(factor) - np.float32(0.5)
            for side in (width, height))
    x, y = np.meshgrid(x, y)
    return np.rint(bilinear(rgb, x.ravel(), y.ravel()).T.reshape(height, width, 3)).astype(np.uint8)


@contextlib.contextmanager
def _timed(seconds: dict, name: str):
    started = time.perf_counter()
    yield
    seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - started
