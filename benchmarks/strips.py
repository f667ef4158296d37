"""Draws strips of pictures: frames of a video, and the character of the result from the camera and from the side.

    python -m benchmarks.strips --shared ../shared/data --out docs/images/strips

They are there to be looked at: what no figure shows (a leaning trunk, a twisted arm, a body in the floor) is seen in
them. Five videos show rendered people of the validation subjects, who walk, jump, sit down, lie down and dance; the
others are the videos of the shared data. Each is captured and retargeted with default settings. Videos and takes are
kept in `--work`; `--fresh` captures anew. `--only` draws some of them.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anatomy_mocap import capture, load_take, retarget
from anatomy_mocap.core.keypoints import CANONICAL, to_canonical
from anatomy_mocap.core.take import save_take
from benchmarks.demo import RIG, path_scale
from training.mocap.dataset import LIFTER_FPS, load_mocap, split
from training.rendered_crowds.video_file import write_video
from training.rendered_people.clip_plan import ClipPlan
from training.rendered_people.clothes import draw_outfit
from training.rendered_people.filming import View
from training.rendered_people.motions import Motions, source_step
from training.rendered_people.person import draw_shape
from training.rendered_people.produce import make_clip
from training.rendered_people.scene import Look

COLUMNS, CELL = 8, 200
"""Frames of a strip, and the height of a picture in pixels."""


@dataclass(frozen=True)
class Filmed:
    """A rendered video. motion: CMU clip. first: frame at LIFTER_FPS. yaw: degrees, the camera's place. kind: "mocap",
    or an act of training/mocap/made_up_acts.py."""

    motion: str
    first: int
    frames: int
    yaw: float
    kind: str = "mocap"


FILMED = {"walk": Filmed("69_69", 10, 130, 50.0), "jump": Filmed("86_01", 60, 130, 40.0),
          "sit": Filmed("86_09", 0, 150, 35.0, "sit"), "lie": Filmed("86_09", 0, 150, 60.0, "lie"),
          "dance": Filmed("85_12", 250, 120, 20.0)}
"""Name -> rendered video."""
SHARED = {"squat": "tfjs_pose_squats.mp4", "indoors": "bodypose3d_cam0.mp4", "kicks": "tfjs_pose_1.mp4"}
"""Name -> video of the shared data."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder of the shared data")
    parser.add_argument("--out", type=Path, default=Path("docs/images/strips"), help="folder of the strips")
    parser.add_argument("--work", type=Path, default=Path("out/strips"), help="folder of videos and takes")
    parser.add_argument("--only", help="names of strips, separated by commas")
    parser.add_argument("--fresh", action="store_true", help="capture anew")
    options = parser.parse_args()
    for folder in (options.out, options.work):
        folder.mkdir(parents=True, exist_ok=True)
    for name in options.only.split(",") if options.only else [*FILMED, *SHARED]:
        video = options.work / f"{name}.mp4" if name in FILMED else options.shared / "videos" / SHARED[name]
        if name in FILMED and not video.exists():
            film(FILMED[name], options.shared, video)
        take_file = options.work / f"{name}.npz"
        if options.fresh or not take_file.exists():
            save_take(capture(video, device="cpu"), take_file)
        blend = options.work / f"{name}.blend"
        facts = retarget(take_file, RIG, blend)
        strip(video, take_file, blend, options.out / f"{name}.png")
        print(f"{options.out / name}.png: {facts['frames']} frames", *facts["warnings"], sep="\n    ", flush=True)
    sys.stdout.flush()
    os._exit(0)  # the bpy module of Blender 4.5 can hang while it shuts down


def film(filmed: Filmed, shared: Path, video: Path) -> None:
    """Render a video of a person in a room."""
    _, held_out = split(load_mocap(str(shared / "mocap/cmu17.npz")))
    motions, rng = Motions(held_out), np.random.default_rng(23)
    clip, step = held_out.names.index(filmed.motion), source_step(held_out, LIFTER_FPS, 1.0)
    frames = motions.length(clip, filmed.first * step, filmed.frames, step) if filmed.kind == "mocap" else filmed.frames
    shape = draw_shape(rng)
    plan = ClipPlan(filmed.kind, clip, filmed.first * step, step, frames, LIFTER_FPS, False, 5, shape,
                    draw_outfit(rng, shape.male), View(filmed.yaw, 10, 0, 55, 640, 360),
                    Look("room", (0.4, 0.6, 0.8), 0.5, True, 3))
    pictures: list[np.ndarray] = []
    make_clip(plan, motions, shared / "bodies", shared / "rigs/mpfb2/rig.mixamo.json", saw=pictures.append)
    write_video(video, pictures, LIFTER_FPS)


def strip(video: Path, take_file: Path, blend: Path, output: Path) -> None:
    """Draw frames of the video with its keypoints, and the character from its camera and from 90 degrees beside.

    All pictures are cut around the person, in one size for the whole strip.
    """
    import bpy

    from benchmarks import contact_sheet as sheet

    take = load_take(take_file)
    keypoints = to_canonical(take.keypoints)
    chosen = np.round(np.linspace(0.04, 0.96, COLUMNS) * (len(take) - 1)).astype(int)
    boxes = _boxes(keypoints.xy[chosen], keypoints.score[chosen] > 0, np.array([take.camera.width, take.camera.height]))
    pictures = sheet.video_frames(video, [float(take.times[frame]) for frame in chosen])
    for picture, frame in zip(pictures, chosen, strict=True):
        sheet.draw_keypoints(picture, keypoints, int(frame), CANONICAL.keypoint_names)
    bpy.ops.wm.open_mainfile(filepath=str(blend.resolve()))
    scene, camera = bpy.context.scene, take.camera
    sheet.add_floor(40.0)
    zoom = CELL / (boxes[0, 3] - boxes[0, 1])
    sheet.set_up_workbench(scene, round(zoom * camera.width), round(zoom * camera.height))
    scale, rows = path_scale(take), [[_cut(picture, box, 1.0) for picture, box in zip(pictures, boxes, strict=True)]]
    hips = take.joint_positions("world")[chosen, 0, :2]
    for pan in (0.0, np.pi / 2):
        row = []
        for frame, middle, box in zip(chosen, hips, boxes, strict=True):
            sheet.add_camera(scene, camera, take.world_from_camera, scale, pan, middle)
            [picture] = sheet.render_frames(scene, [scene.frame_start + int(frame)])
            row.append(_cut(picture, box, zoom))
        rows.append(row)
    sheet.grid(rows, [f"{take.times[frame]:.1f} s" for frame in chosen], CELL).quantize(192).save(output, optimize=True)


def _boxes(points: np.ndarray, seen: np.ndarray, size: np.ndarray) -> np.ndarray:
    """(N, 4) pixels, left, top, right, bottom: squares of one size around points (N, P, 2) that are seen (N, P).

    size: (2,) pixels, that of the picture; squares that are larger are cut to it.
    """
    ends = [(each[one].min(axis=0), each[one].max(axis=0)) for each, one in zip(points, seen, strict=True)]
    low, high = (np.array(end) for end in zip(*ends, strict=True))
    half = np.minimum(0.62 * (high - low).max(), size / 2)
    middle = np.clip((low + high) / 2, half, size - half)
    return np.hstack([middle - half, middle + half])


def _cut(picture, box: np.ndarray, zoom: float):
    """The part of a picture in a box."""
    return picture.crop([round(zoom * side) for side in box])


if __name__ == "__main__":
    main()
