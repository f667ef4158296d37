"""Make the missing clips of a set of crowd clips: the video first, then the truth beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22

from ..argument_checks import at_least, results_folder
from ..mocap.dataset import load_mocap
from ..options import Say, option
from ..rendered_people.filming import View, project, to_camera
from ..rendered_people.motions import Motions
from ..rendered_people.person import POINTS
from ..rendered_people.produce import bone_lengths
from ..rendered_people.render_in_parts import in_parts
from ..rendered_people.scene import Body, check_blender, draw_bodies
from ..rendered_people.visibility import Occlusion
from .camera_path import film
from .coverage import denser, shown
from .crowd_file import Crowd, load_crowd, save_crowd, video_of
from .crowd_plan import CrowdPlan
from .kinds import KINDS, plan_crowd
from .staging import Staged, stage
from .video_file import write_video


@dataclass(frozen=True)
class CrowdSettings:
    """Options of the command render-crowds."""

    data: str = option("the motion set (.npz)")
    bodies: str = option("folder of MakeHuman's base.obj")
    rig: str = option("MakeHuman's rig.mixamo.json")
    out: str = option("folder of the clips; those that are there are kept")
    clips: int = option("number of clips in the finished set; the kinds come in turn", len(KINDS))
    frames: int = option("frames of a clip; some kinds take up to 1.4 times as many", 100)
    first: int = option("number of the first clip", 0)
    seed: int = option("seed of the set", 1)
    minutes: float = option("stop after this many minutes; 0: when the set is finished", 0.0)
    part: int = option("clips rendered by one process before another one continues", 10)

    @property
    def record(self) -> dict:
        """The settings that each clip records in `about`. If one differs, the clip of a number is another one."""
        return {"seed": self.seed, "frames": self.frames}


def render_crowds(settings: CrowdSettings, say: Say = print) -> int:
    """Make the missing clips; returns the number of clips made. Raises MocapError for unusable settings, and for a
    folder whose clips were made with other ones."""
    at_least(settings, clips=1, frames=1, first=0, seed=0, minutes=0, part=1)
    check_blender()
    for path in sorted(results_folder(settings.out).glob("[0-9]*.npz")):
        about = load_crowd(path).about
        if {name: about.get(name) for name in settings.record} != settings.record:
            raise MocapError(f"{path}: made with --seed {about.get('seed')} --frames {about.get('frames')}; give what "
                             "it was made with, or another folder (--out)")
    return in_parts(settings, say, make_missing, missing)


def missing(settings: CrowdSettings) -> list[Path]:
    """Truths of the set that do not exist yet, in order."""
    names = list(KINDS)
    paths = (Path(settings.out) / f"{number:03d}_{names[number % len(names)]}.npz"
             for number in range(settings.first, settings.clips))
    return [path for path in paths if not path.exists()]


def make_missing(settings: CrowdSettings, say: Say = print, most: int | None = None) -> int:
    """Make missing clips of the set, `most` at most; returns the number of clips made."""
    motions = Motions(load_mocap(settings.data))
    started, made = time.perf_counter(), 0
    for path in missing(settings):
        if made == most or (settings.minutes and time.perf_counter() - started > 60 * settings.minutes):
            break
        began = time.perf_counter()
        plan = plan_crowd(int(path.stem.partition("_")[0]), settings.seed, motions, settings.frames)
        crowd = make_crowd(path, plan, motions, Path(settings.bodies), Path(settings.rig), settings.record)
        made += 1
        share = ", ".join(f"{each:.0%}" for each in crowd.visible.mean(axis=1))
        say(f"{path.name}: {len(crowd)} frames, {crowd.people} people, visible {share}; "
            f"{time.perf_counter() - began:.0f} s")
    return made


def make_crowd(path: Path, plan: CrowdPlan, motions: Motions, bodies: Path, rig: Path, record: dict) -> Crowd:
    """Pose, film and draw one clip, and write its video and its truth. path: of the truth. record: for `about`."""
    people = [stage(actor, motions, plan.frames, plan.fps, bodies, rig) for actor in plan.actors]
    present = np.stack([one.present for one in people])
    world_from_camera = film(plan, np.stack([one.points[:, 0] for one in people]), present)
    view = View(0.0, 0.0, 0.0, plan.fov, plan.width, plan.height)
    crowd = replace(_truth(plan, people, motions, world_from_camera, view),
                    **_shown(people, world_from_camera, view))
    crowd = replace(crowd, about=crowd.about | record)
    drawn = [Body(one.surface, one.vertices, one.present) for one in people]
    write_video(video_of(path), _drawn(drawn, view, world_from_camera, plan, present), plan.fps)
    save_crowd(path, crowd)
    return crowd


def _drawn(bodies: list[Body], view: View, world_from_camera: np.ndarray, plan: CrowdPlan,
           present: np.ndarray) -> Iterator[np.ndarray]:
    """The pictures. The wall stands behind the person who comes farthest from the first camera."""
    ahead = world_from_camera[0, :2, 2] / max(float(np.linalg.norm(world_from_camera[0, :2, 2])), 1e-6)
    places = np.concatenate([body.vertices[there].mean(axis=1) for body, there in zip(bodies, present, strict=True)])
    far = float((places[:, :2] @ ahead).max())
    middle = places.mean(axis=0)
    middle[:2] += ahead * (far - middle[:2] @ ahead)
    return draw_bodies(bodies, view, world_from_camera, plan.look, middle)


def _truth(plan: CrowdPlan, people: list[Staged], motions: Motions, world_from_camera: np.ndarray,
           view: View) -> Crowd:
    points = np.stack([one.points for one in people])
    present = np.stack([one.present for one in people])
    pixels = np.stack([project(to_camera(each, world_from_camera), view.intrinsics) for each in points])
    first = [motions.mocap.subject[actor.parts[0].movement.clip] for actor in plan.actors]
    names = [motions.mocap.names[actor.parts[0].movement.clip] for actor in plan.actors]
    empty = np.zeros((len(people), plan.frames))
    return Crowd(
        np.arange(plan.frames) / plan.fps, np.array([plan.width, plan.height]), view.intrinsics, world_from_camera,
        np.array([shot.start for shot in plan.shots]), present, points.astype(np.float32),
        np.where(present[..., None, None], pixels, 0).astype(np.float32), empty, empty, empty, empty, empty,
        np.array(POINTS), np.array([one.person.height for one in people]),
        np.stack([bone_lengths(one.points[one.present, : len(MOCAP22)]) for one in people]),
        np.array(first), np.array(names), plan.described())


def _shown(people: list[Staged], world_from_camera: np.ndarray, view: View) -> dict[str, np.ndarray]:
    """The truth's hidden, boxes, visible, covered and outside."""
    shape = (len(people), len(world_from_camera))
    boxes, shares = np.zeros((*shape, 4), dtype=np.float32), np.zeros((3, *shape), dtype=np.float32)
    hidden = np.zeros((*shape, len(POINTS)), dtype=bool)
    occlusions = [Occlusion(one.person, one.surface.used) for one in people]
    for frame, pose in enumerate(world_from_camera):
        bodies, joints = [], []
        for one in people:
            there = one.present[frame]
            bodies.append((one.vertices[frame] - pose[:3, 3]) @ pose[:3, :3] if there else None)
            joints.append((one.points[frame] - pose[:3, 3]) @ pose[:3, :3] if there else None)
        dense = [None if body is None else denser(body, one.surface.faces)
                 for body, one in zip(bodies, people, strict=True)]
        for index, found in enumerate(shown(dense, joints, view.intrinsics, (view.width, view.height))):
            if found is not None:
                boxes[index, frame] = found.box
                shares[:, index, frame] = found.visible, found.covered, found.outside
                hidden[index, frame] = found.hidden | occlusions[index].hidden(bodies[index], joints[index])
    return {"boxes": boxes, "visible": shares[0], "covered": shares[1], "outside": shares[2], "hidden": hidden}
