"""Measures how many sparse keys takes need, and the error that Blender's evaluation of them has.

    python -m benchmarks.sparse_keys [TAKE.npz ...] [--clips 9] [--data cmu17.npz] [--picture FILE.png]

Takes, and validation clips seen by the simulated camera and detector and lifted, are smoothed and grounded with the
default settings and put on tests/data/rigs/human-male.glb. Columns:

    straight      keys of straight segments within the same error of rotation, in percent of the dense keys
    sparse        sparse keys, in percent of the dense keys, all curves together
    degrees, mm   largest error of a keyed bone's rotation in the armature, and of the place of its head
    tip           largest error of the tail of a bone, of hands, feet and head too, which have no limit of their own
    seconds       of reducing the keys

The picture shows some curves of the first take before and after.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import bpy
import numpy as np

from anatomy_mocap.blender.files.rig_files import load_rig
from anatomy_mocap.blender.keys import plan_keys
from anatomy_mocap.blender.keys.constraints_and_drivers import evaluated
from anatomy_mocap.blender.keys.written_curves import curves_in
from anatomy_mocap.blender.retarget_onto import Target, retarget_onto, source_of_take
from anatomy_mocap.blender.rigs.armature import read_rig
from anatomy_mocap.bone_maps.match import match
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.take import load_take
from anatomy_mocap.maths.rotations import angle_between
from anatomy_mocap.settings import KeySettings
from benchmarks.leaving import run_and_leave
from benchmarks.machine import machine

ROOT = Path(__file__).resolve().parents[1]
RIG = ROOT / "tests" / "data" / "rigs" / "human-male.glb"
SHOWN = ("thigh_l", "calf_l", "upperarm_l", "pelvis")
LEAST_FRAMES = 60


def simulated(data: Path, count: int):
    """(name, take) of some validation clips of at least LEAST_FRAMES frames, lifted from the simulated detector."""
    from anatomy_mocap.lifting.lift import lift
    from anatomy_mocap.pipeline import place
    from training.mocap.dataset import load_mocap, split
    from training.simulate.simulate_clip import simulate_clip

    _, held_out = split(load_mocap(data))
    for clip in np.unique(np.linspace(0, len(held_out) - 1, count).astype(int)) if count else ():
        seen = simulate_clip(held_out, int(clip), 1)
        if len(seen.keypoints.xy) >= LEAST_FRAMES:
            lifted = drain(lift(seen.keypoints, seen.camera, device="cpu"))
            yield held_out.clips[clip] if hasattr(held_out, "clips") else f"clip {clip}", \
                drain(place(lifted, seen.keypoints, seen.keypoints, seen.camera, {}))


def straight(turns: np.ndarray, limit: float) -> int:
    """The number of keys of straight segments, each as long as the limit of rotation (radians) permits."""
    count, start = 1, 0
    while start < len(turns) - 1:
        end = start + 1
        while end + 1 < len(turns):
            share = np.linspace(0, 1, end + 2 - start)[:, None]
            line = turns[start] * (1 - share) + turns[end + 1] * share
            line /= np.linalg.norm(line, axis=-1, keepdims=True)
            if angle_between(line, turns[start:end + 2]).max() > limit:
                break
            end += 1
        count, start = count + 1, end
    return count


def measure(name: str, take, picture: Path | None = None) -> list[float]:
    """Put the take on the rig with dense and with sparse keys, print a row, and return it."""
    armature = load_rig(RIG)
    rig, source = read_rig(armature), source_of_take(take, "take")
    bone_map, took = match(rig), []
    real = plan_keys.reduce_keys

    def timed(*given):
        started = time.perf_counter()
        result = yield from real(*given)
        took.append(time.perf_counter() - started)
        return result

    plan_keys.reduce_keys = timed
    poses, counts, curves = [], [], []
    for density in ("DENSE", "SPARSE"):
        done = retarget_onto(armature, source, Target(rig, bone_map, keys=KeySettings("NEW", density=density)))
        found = curves_in(done.action, armature.animation_data.action_slot)
        counts.append(sum(len(curve.keyframe_points) for curve in found.values()))
        curves.append({key: (np.array([point.co for point in curve.keyframe_points]),
                             np.array([curve.evaluate(frame) for frame in np.arange(*done.action.frame_range, 0.25)]))
                       for key, curve in found.items() if any(f'"{bone}"' in key[0] for bone in SHOWN)})
        poses.append(evaluated(armature, done.frames))
    plan_keys.reduce_keys = real
    names = [bone.name for bone in armature.pose.bones]
    first, second = (pose[:, [names.index(bone) for bone in done.keys.bone_names]] for pose in poses)
    scale = np.linalg.norm(np.array(armature.matrix_world)[:3, 0])
    place = np.linalg.norm(first[..., :3, 3] - second[..., :3, 3], axis=-1).max() * scale * 1000
    ends = [pose[..., :3, 3] + pose[..., :3, 1] * [[armature.data.bones[bone].length] for bone in done.keys.bone_names]
            for pose in (first, second)]
    tip = np.linalg.norm(ends[0] - ends[1], axis=-1).max() * scale * 1000
    trace = np.einsum("tbji,tbji->tb", first[..., :3, :3], second[..., :3, :3]) / (first[..., :3, 0] ** 2).sum(-1)
    degrees = np.degrees(np.arccos(np.clip((trace - 1) / 2, -1, 1))).max()
    lines = np.mean([straight(done.keys.rotations[:, bone], np.radians(1)) for bone in range(first.shape[1])])
    row = [len(done.frames), take.fps, 100 * lines / len(done.frames), 100 * counts[1] / counts[0], degrees, place, tip,
           took[-1]]
    print(f"{name:24}{row[0]:8}{row[1]:6.0f}{row[2]:10.1f}{row[3]:8.1f}{row[4]:9.2f}{row[5]:6.1f}{row[6]:6.1f}"
          f"{row[7]:9.2f}", flush=True)
    if picture:
        draw(picture, done.action.frame_range, *curves)
    return row


def draw(file: Path, span, dense: dict, sparse: dict) -> None:
    """Draw dense and sparse curves above each other."""
    from PIL import Image, ImageDraw

    width, height, margin = 1500, 210, 30
    rows = [key for bone in SHOWN for key in dense if f'"{bone}"' in key[0] and (key[1] == 1 or "location" in key[0])]
    rows = rows[:6]
    image = Image.new("RGB", (width, height * len(rows)), "white")
    pen = ImageDraw.Draw(image)
    for number, key in enumerate(rows):
        low, high = dense[key][1].min(), dense[key][1].max()

        def at(frame, value, low=low, high=high, top=number * height):
            return (margin + (frame - span[0]) / (span[1] - span[0]) * (width - 2 * margin),
                    top + height - margin - (value - low) / max(high - low, 1e-9) * (height - 2 * margin))

        steps = np.arange(*span, 0.25)
        pen.line([at(*pair) for pair in zip(steps, dense[key][1], strict=True)], fill="#b0b0b0", width=7)
        pen.line([at(*pair) for pair in zip(steps, sparse[key][1], strict=True)], fill="#c03020", width=2)
        for frame, value in dense[key][0]:
            x, y = at(frame, value)
            pen.ellipse((x - 1, y - 1, x + 1, y + 1), fill="#606060")
        for frame, value in sparse[key][0]:
            x, y = at(frame, value)
            pen.rectangle((x - 4, y - 4, x + 4, y + 4), fill="#2040c0")
        path = key[0].split('"')[1] + key[0].rpartition("]")[2]
        pen.text((margin, number * height + 4), f"{path}[{key[1]}]: {len(dense[key][0])} keys, sparse "
                 f"{len(sparse[key][0])}", fill="black")
    image.save(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("takes", nargs="*", type=Path, metavar="TAKE.npz", help="takes to measure")
    parser.add_argument("--clips", type=int, default=9, help="number of simulated validation clips (default: 9)")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "mocap" / "cmu17.npz",
                        help="motion set (default: that of the shared data)")
    parser.add_argument("--picture", type=Path, metavar="FILE.png", help="draw curves of the first take")
    options = parser.parse_args()
    print(machine())
    print(f"{'take':24}{'frames':>8}{'fps':>6}{'straight':>10}{'sparse':>8}{'degrees':>9}{'mm':>6}{'tip':>6}"
          f"{'seconds':>9}")
    rows = [measure(file.stem, load_take(file), options.picture if not number else None)
            for number, file in enumerate(options.takes)]
    rows += [measure(name, take) for name, take in simulated(options.data, options.clips)]
    means = np.average(rows, axis=0, weights=[row[0] for row in rows])
    print(f"{'all, by frames':24}{sum(row[0] for row in rows):8}{'':6}{means[2]:10.1f}{means[3]:8.1f}"
          f"{max(row[4] for row in rows):9.2f}{max(row[5] for row in rows):6.1f}{max(row[6] for row in rows):6.1f}"
          f"{sum(row[7] for row in rows):9.2f}")
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


if __name__ == "__main__":
    run_and_leave(main)
