"""Errors of the exported lifter on the validation subjects, through `lift()` as users call it."""

from __future__ import annotations

import json
import os
import platform
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime

from anatomy_mocap.core.bone_lengths import scaled_to_height
from anatomy_mocap.core.camera import Camera
from anatomy_mocap.core.keypoint_layouts import CANONICAL, LAYOUTS
from anatomy_mocap.core.keypoints import Keypoints2D
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.whole_file import written_whole
from anatomy_mocap.lifting.lift import lift, lift_device
from anatomy_mocap.networks.model_files import models_folder
from anatomy_mocap.settings import SMOOTHING

from .. import metrics
from ..argument_checks import at_least, results_file
from ..mocap.dataset import LIFTER_FPS, MocapSet, directions_of, load_split
from ..options import Say, option
from ..simulate.simulate_clip import CAMERAS, SimulatedClip, simulate_clip

SEVENTEEN = tuple(index for index, name in enumerate(MOCAP22.joint_names)
                  if name != "nose" and not name.endswith(("toe", "knuckle")))
"""The joints of the field's tables, which are the paper's."""

FOURTEEN = tuple(index for index in SEVENTEEN if MOCAP22.joint_names[index] not in ("pelvis", "spine", "thorax"))

LEGS = tuple(tuple(MOCAP22.index(f"{side}_{part}") for part in ("hip", "knee", "ankle")) for side in ("left", "right"))

RATES = (24.0, 25.0, 30.0, 50.0, 60.0, 120.0)
VELOCITY_FPS = 30.0
"""Frame rate for which MPJVE is given."""

ACROBAT = 85
"""The one validation subject who does acrobatics; two fifths of the frames."""

WITHOUT_ACROBAT = ("noisy", "noisy, refined and smoothed", "exact 2D", "exact 2D, refined and smoothed")
"""Kinds with a second row for the other subjects."""

COLUMNS = {
    "mpjpe": "MPJPE mm", "p_mpjpe": "P-MPJPE mm", "n_mpjpe": "N-MPJPE mm", "all": "MPJPE of all 22 mm",
    "length_error": "bone length mm", "mpjve": "MPJVE mm at 30 Hz", "acceleration": "accel. m/s2", "pck": "PCK@150 %",
    "auc": "AUC %", "angle": "bones deg", "up": "up deg", "crouch": "straight knees deg",
}


@dataclass(frozen=True)
class EvaluateSettings:
    """Options of the command evaluate."""

    data: str = option("the motion set (.npz)")
    seed: int = option("seed of the bodies and the noise", 1)
    out: str | None = option("JSON file that gets the results", None)
    card: str | None = option("model card (models/lifter.md) whose table is replaced by the results", None)
    clips: int = option("measure only the first clips; 0: all", 0)
    rates: bool = option("measure at other frame rates than the lifter's, too", True)


@dataclass(frozen=True)
class Kind:
    """A kind of input and of processing.

    noisy: 2D with errors, otherwise exact. layout: only the keypoints of this layout; None for all. fps: frame rate.
    flip: average with the mirrored clip. height: the user gives the height. refined: fitted to the keypoints, levelled
    and smoothed as a take.
    """

    noisy: bool = True
    layout: str | None = None
    fps: float = LIFTER_FPS
    flip: bool = True
    height: bool = False
    refined: bool = False


KINDS = {
    "noisy": Kind(), "noisy, height given": Kind(height=True), "noisy, refined and smoothed": Kind(refined=True),
    "noisy, without flip averaging": Kind(flip=False), "noisy, COCO17 input": Kind(layout="COCO17"),
    "noisy, Human3.6M17 input": Kind(layout="H36M17"), "exact 2D": Kind(noisy=False),
    "exact 2D, height given": Kind(noisy=False, height=True),
    "exact 2D, refined and smoothed": Kind(noisy=False, refined=True),
}


def without(keypoints: Keypoints2D, layout: str) -> Keypoints2D:
    """The clip with only those keypoints that `layout` has."""
    keep = np.array([name in LAYOUTS[layout].keypoint_names for name in CANONICAL.keypoint_names])
    return replace(keypoints, score=keypoints.score * keep)


def clip_errors(clip: SimulatedClip, kind: Kind) -> tuple[dict[str, float], float]:
    """The errors of one clip by the names of COLUMNS, and the seconds that lifting took."""
    keypoints = without(clip.keypoints, kind.layout) if kind.layout else clip.keypoints
    started = time.perf_counter()
    found = as_a_take(keypoints, clip.camera) if kind.refined else lifted_alone(clip, keypoints, kind)
    seconds = time.perf_counter() - started
    true, fps = clip.joints, clip.keypoints.fps
    few, few_true = found.joints[:, SEVENTEEN], true[:, SEVENTEEN]
    return {
        "mpjpe": 1000 * metrics.mpjpe(few, few_true), "p_mpjpe": 1000 * metrics.p_mpjpe(few, few_true),
        "n_mpjpe": 1000 * metrics.n_mpjpe(few, few_true), "all": 1000 * metrics.mpjpe(found.joints, true),
        "length_error": 1000 * metrics.bone_length_error(found.lengths, clip.lengths),
        "mpjve": 1000 * metrics.mpjve(few, few_true) * fps / VELOCITY_FPS,
        "acceleration": metrics.acceleration_error(few, few_true, fps),
        "pck": 100 * metrics.pck(found.joints, true, FOURTEEN), "auc": 100 * metrics.auc(found.joints, true, FOURTEEN),
        "angle": np.degrees(metrics.mean_angle(found.directions[:, 1:], clip.directions[:, 1:])),
        "up": np.degrees(metrics.mean_angle(found.up, clip.up)),
        "crouch": np.degrees(metrics.crouch(found.joints, true, LEGS)),
    }, seconds


class Lifted3D(NamedTuple):
    """A clip in 3D, camera axes. joints: (T, J, 3) relative to the pelvis, metres. lengths: (J,) of the bones, metres.
    directions: (T, J, 3) of the bones, and up: (T, 3), unit vectors."""

    joints: np.ndarray
    lengths: np.ndarray
    directions: np.ndarray
    up: np.ndarray


def lifted_alone(clip: SimulatedClip, keypoints: Keypoints2D, kind: Kind) -> Lifted3D:
    """The lifter's output, scaled to the height where the user gives it."""
    lifted = drain(lift(keypoints, clip.camera, device="cpu", flip=kind.flip))
    lengths = scaled_to_height(lifted.bone_lengths, clip.height) if kind.height else lifted.bone_lengths
    joints = MOCAP22.joint_positions(lengths, lifted.directions, np.zeros(3))
    return Lifted3D(joints, lengths, lifted.directions, lifted.up)


def as_a_take(keypoints: Keypoints2D, camera: Camera) -> Lifted3D:
    """The clip in 3D as users get it by default: fitted to the picture, lifted twice and smoothed, with one up
    direction."""
    from anatomy_mocap.animation.animate import animate
    from anatomy_mocap.pipeline import lift_keypoints
    from anatomy_mocap.settings import CaptureSettings

    take = drain(lift_keypoints(keypoints, camera, CaptureSettings(device="cpu"), {"warnings": [], "seconds": {}}))
    joints = animate(take, SMOOTHING).joint_positions()
    up = np.broadcast_to(take.world_from_camera[2, :3], (len(joints), 3))
    joints = (joints - joints[:, :1]) @ take.world_from_camera[:3, :3]
    return Lifted3D(joints, take.bone_lengths, directions_of(joints), up)


def evaluate(settings: EvaluateSettings, say: Say = print) -> dict:
    """All clips of the validation subjects by all cameras: means over frames, for several kinds of input."""
    at_least(settings, clips=0, seed=0)
    if settings.out:
        results_file(settings.out)
    _, held_out = load_split(settings.data)
    held_out = held_out.chosen(np.arange(len(held_out)) < (settings.clips or len(held_out)))
    kinds = dict(KINDS)
    if settings.rates:
        kinds |= {f"noisy, {rate:g} frames/s": Kind(fps=rate) for rate in RATES}
    rows: dict[str, dict[str, float]] = {}
    lift_device("cpu")  # loads the model, which is no part of the first clip's time
    for name, kind in kinds.items():
        found = _measured(held_out, kind, settings.seed)
        for group, keep in _groups(held_out, name).items():
            rows[group] = _means(*(part[keep] for part in found))
            say(f"{group}: " + ", ".join(f"{COLUMNS[key]} {rows[group][key]:.1f}" for key in COLUMNS))
    frames = int(_frames(held_out, LIFTER_FPS).sum()) * len(CAMERAS)
    result = {"rows": rows, "clips": len(held_out), "cameras": len(CAMERAS), "frames": frames, "seed": settings.seed,
              **_surroundings()}
    if settings.out:
        with written_whole(settings.out, "results") as partial:
            partial.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


class _Measured(NamedTuple):
    """N clips by cameras: errors (N, columns), frames (N,) and the seconds that lifting took (N,)."""

    errors: np.ndarray
    frames: np.ndarray
    seconds: np.ndarray


def _measured(held_out: MocapSet, kind: Kind, seed: int) -> _Measured:
    """The errors of each clip by each camera."""
    values, frames, seconds = [], [], []
    for index in range(len(held_out)):
        for view in range(len(CAMERAS)):
            clip = simulate_clip(held_out, index, view, kind.noisy, seed, kind.fps)
            errors, spent = clip_errors(clip, kind)
            values.append(list(errors.values()))
            frames.append(len(clip.keypoints))
            seconds.append(spent)
    return _Measured(np.array(values), np.array(frames), np.array(seconds))


def _groups(held_out: MocapSet, name: str) -> dict[str, np.ndarray]:
    """Row name -> which of the clips by cameras: all, for some kinds those of everyday subjects, and for the plain
    noisy input each subject and each camera."""
    subject = np.repeat(held_out.subject, len(CAMERAS))
    view = np.tile(np.arange(len(CAMERAS)), len(held_out))
    groups = {name: np.ones(len(subject), dtype=bool)}
    everyday = subject != ACROBAT
    if name in WITHOUT_ACROBAT and 0 < everyday.sum() < len(everyday):
        groups[f"{name}, without subject {ACROBAT}"] = everyday
    if name == "noisy":
        groups |= {f"noisy, subject {number} alone": subject == number for number in np.unique(subject)}
        groups |= {f"noisy, camera at {one.yaw:g} degrees, {one.pitch:g} down, rolled {one.roll:g}": view == index
                   for index, one in enumerate(CAMERAS)}
    return groups


def _frames(mocap: MocapSet, fps: float) -> np.ndarray:
    return np.maximum(1, ((mocap.frames - 1) * fps / mocap.fps).astype(int))


def _means(values: np.ndarray, frames: np.ndarray, seconds: np.ndarray) -> dict[str, float]:
    """One row: errors (N, columns) weighted by frames, and the speed. NaN marks clips in which nothing can be measured.
    """
    weights = np.isfinite(values) * frames[:, None]
    means = (np.nan_to_num(values) * weights).sum(axis=0) / np.maximum(weights.sum(axis=0), 1)
    row = dict(zip(COLUMNS, means.tolist(), strict=True))
    return row | {"frames_per_second": float(frames.sum() / seconds.sum())}


def _surroundings() -> dict:
    path = models_folder() / "lifter.onnx"
    graph = onnx.load(str(path)).graph
    weights = [t for t in graph.initializer if len(t.dims) > 0 and not t.name.endswith("_scale")]
    return {"parameters": int(sum(np.prod(t.dims) for t in weights)),
            "cores": os.cpu_count(), "machine": _processor(), "python": platform.python_version(),
            "onnxruntime": onnxruntime.__version__, "numpy": np.__version__}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def table(result: dict) -> str:
    """The results as a Markdown table with what they were measured on."""
    head = "| input | " + " | ".join(COLUMNS.values()) + " | frames/s |"
    lines = [head, "|---|" + "---:|" * (len(COLUMNS) + 1)]
    for kind, row in result["rows"].items():
        cells = [f"{row[name]:.1f}" for name in COLUMNS] + [f"{row['frames_per_second']:.0f}"]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    lines.append("")
    lines.append(
        f"{result['clips']} clips by {result['cameras']} cameras, {result['frames']} frames at 25 fps, seed "
        f"{result['seed']}; {result['parameters']:,} parameters; frames/s through lift() with onnxruntime "
        f"{result['onnxruntime']} on {result['cores']} cores ({result['machine']}), Python {result['python']}, "
        f"numpy {result['numpy']}.")
    return "\n".join(lines)
