"""The lifter's errors on the validation subjects, through the exported model and `lift()`, as a user gets them."""

from __future__ import annotations

import json
import os
import platform
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from ..core import metrics
from ..core.keypoints import CANONICAL, LAYOUTS, Keypoints2D
from ..core.skeleton import MOCAP22
from ..inference.lift import lift
from ..inference.session import models_folder
from .dataset import LIFTER_FPS, load_mocap, split
from .simulate import SimulatedClip, simulate_clip

FOURTEEN = tuple(MOCAP22.index(name) for name in MOCAP22.joint_names
                 if name.endswith(("hip", "knee", "ankle", "shoulder", "elbow", "wrist")) or name in ("neck", "head"))

COLUMNS = {
    "mpjpe": "MPJPE mm", "p_mpjpe": "P-MPJPE mm", "n_mpjpe": "N-MPJPE mm", "length_error": "bone length mm",
    "mpjve": "MPJVE mm/frame", "acceleration": "accel. m/s2", "pck": "PCK@150 %", "auc": "AUC %", "angle": "bones deg",
    "up": "up deg",
}


@dataclass(frozen=True)
class EvaluateSettings:
    """data: the motion set. seed: of the cameras, bodies and noise. out: JSON file of the results. card: a model card
    whose table is replaced. clips: only the first so many (0: all)."""

    data: str
    seed: int = 1
    out: str = ""
    card: str = ""
    clips: int = 0


def without(keypoints: Keypoints2D, layout: str) -> Keypoints2D:
    """The clip with only those keypoints that `layout` has."""
    keep = np.array([name in LAYOUTS[layout].keypoint_names for name in CANONICAL.keypoint_names])
    return replace(keypoints, score=keypoints.score * keep)


def clip_errors(clip: SimulatedClip, keypoints: Keypoints2D, flip: bool = True) -> tuple[dict[str, float], float]:
    """The errors of one clip by the names of COLUMNS, and the seconds that lifting took."""
    started = time.perf_counter()
    lifted = lift(keypoints, clip.camera, device="cpu", flip=flip)
    seconds = time.perf_counter() - started
    found = MOCAP22.joint_positions(lifted.bone_lengths, lifted.directions, np.zeros(3))
    true = clip.joints
    return {
        "mpjpe": 1000 * metrics.mpjpe(found, true), "p_mpjpe": 1000 * metrics.p_mpjpe(found, true),
        "n_mpjpe": 1000 * metrics.n_mpjpe(found, true),
        "length_error": 1000 * metrics.bone_length_error(lifted.bone_lengths, clip.lengths),
        "mpjve": 1000 * metrics.mpjve(found, true),
        "acceleration": metrics.acceleration_error(found, true, LIFTER_FPS),
        "pck": 100 * metrics.pck(found, true, FOURTEEN), "auc": 100 * metrics.auc(found, true, FOURTEEN),
        "angle": np.degrees(metrics.mean_angle(lifted.directions[:, 1:], clip.directions[:, 1:])),
        "up": np.degrees(metrics.mean_angle(lifted.up, clip.up)),
    }, seconds


def evaluate(settings: EvaluateSettings, say=print) -> dict:
    """All clips of the validation subjects: means over frames, for several kinds of input."""
    _, held_out = split(load_mocap(settings.data))
    count = min(settings.clips or len(held_out), len(held_out))
    kinds = {
        "noisy": (True, None, True), "noisy, without flip averaging": (True, None, False),
        "noisy, COCO17 input": (True, "COCO17", True), "noisy, Human3.6M17 input": (True, "H36M17", True),
        "exact 2D": (False, None, True),
    }
    rows = {}
    for kind, (noisy, layout, flip) in kinds.items():
        values, weights, seconds = [], [], []
        for index in range(count):
            clip = simulate_clip(held_out, index, settings.seed, noisy)
            keypoints = clip.keypoints if layout is None else without(clip.keypoints, layout)
            errors, spent = clip_errors(clip, keypoints, flip)
            values.append(list(errors.values()))
            weights.append(len(clip.keypoints))
            seconds.append(spent)
        subjects = held_out.subject[:count]
        groups = {kind: np.ones(count, dtype=bool)}
        if kind == "noisy":
            groups |= {f"noisy, subject {subject} alone": subjects == subject for subject in np.unique(subjects)}
        for name, keep in groups.items():
            rows[name] = _means(np.array(values)[keep], np.array(weights)[keep], np.array(seconds)[keep])
            say(f"{name}: " + ", ".join(f"{COLUMNS[key]} {rows[name][key]:.1f}" for key in COLUMNS))
    result = {"rows": rows, "clips": count, "frames": int(sum(weights)), "seed": settings.seed, **_surroundings()}
    if settings.out:
        Path(settings.out).write_text(json.dumps(result, indent=1) + "\n")
    return result


def _means(values: np.ndarray, frames: np.ndarray, seconds: np.ndarray) -> dict[str, float]:
    """One row: (clips, columns) errors weighted by frames, and the speed."""
    row = dict(zip(COLUMNS, np.average(values, axis=0, weights=frames).tolist(), strict=True))
    return row | {"frames_per_second": float(frames.sum() / seconds.sum())}


def _surroundings() -> dict:
    path = models_folder() / "lifter.onnx"
    graph = onnx.load(str(path)).graph
    return {"parameters": int(sum(np.prod(t.dims) for t in graph.initializer if len(t.dims) > 0)),
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
        f"{result['clips']} clips, {result['frames']} frames at 25 fps, seed {result['seed']}; "
        f"{result['parameters']:,} parameters; frames/s through lift() with onnxruntime {result['onnxruntime']} "
        f"on {result['cores']} cores ({result['machine']}), Python {result['python']}, numpy {result['numpy']}.")
    return "\n".join(lines)
