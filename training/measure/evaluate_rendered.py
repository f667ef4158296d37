"""The lifter on rendered people, seen through the shipped detector; the detector's own 3D is the rival."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anatomy_mocap.core.camera import Camera
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import LAYOUTS
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.lifting.lift import lift
from anatomy_mocap.pipeline import lift_keypoints
from anatomy_mocap.settings import CaptureSettings

from ..argument_checks import at_least, results_file
from ..rendered_people.clip_file import RenderedClip, clip_files, load_clip
from . import metrics
from .evaluate import FOURTEEN

TWELVE = tuple(MOCAP22.index(f"{side}_{part}") for side in ("left", "right")
               for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist"))
"""The limb joints, that the lifter and the detector's own 3D both have."""

_RIVAL = [LAYOUTS["MEDIAPIPE33"].keypoint_names.index(MOCAP22.joint_names[joint]) for joint in TWELVE]

COLUMNS = {
    "mpjpe": "MPJPE", "p_mpjpe": "P-MPJPE", "p_mpjpe_14": "P-MPJPE 14", "mpjpe_12": "MPJPE 12",
    "p_mpjpe_12": "P-MPJPE 12", "angle": "bones deg", "up": "up deg", "length_error": "lengths mm",
    "rival_mpjpe_12": "rival MPJPE 12", "rival_p_mpjpe_12": "rival P-MPJPE 12",
}


@dataclass(frozen=True)
class EvaluateRenderedSettings:
    """folder: rendered clips. flip: averaging with the mirrored clip, where it is only lifted. fov: degrees over the
    longer side that the camera is taken to have (0: the true one). clips: only the first so many (0: all). out: JSON
    of the results."""

    folder: str
    flip: bool = True
    fov: float = 0.0
    clips: int = 0
    out: str = ""


def evaluate_rendered(settings: EvaluateRenderedSettings, say=print) -> dict:
    """Errors of all clips, in groups; prints a table for the lifter alone and one for the whole capture path.

    MocapError where there is nobody to lift, and for settings that can't be.
    """
    at_least(settings, clips=0, fov=0)
    if settings.out:
        results_file(settings.out)
    files = clip_files(settings.folder)[: settings.clips or None]
    clips = [clip for clip in map(load_clip, files) if clip.detected.sum() > 1]
    if not clips:
        raise MocapError(f"{settings.folder}: in none of {len(files)} clips is the person detected in two frames or "
                         "more; look at some with render-sheet, or give another folder")
    result = {"clips": len(clips), "frames": int(sum(clip.detected.sum() for clip in clips)), "rows": {}}
    both = [clip_errors(clip, settings) for clip in clips]
    weights = np.array([clip.detected.sum() for clip in clips], dtype=float)
    for title, values in zip(("lift", "lift and refine"), zip(*both, strict=True), strict=True):
        rows = {name: _mean([values[i] for i in chosen], weights[chosen]) | {"frames": int(weights[chosen].sum())}
                for name, chosen in groups(clips).items()}
        result["rows"][title] = rows
        say(table(title, rows))
    say(f"{len(clips)} clips, {result['frames']} frames; mm where nothing else is said. The rival is the detector's "
        "own 3D of the same frames; 'better' compares P-MPJPE of the 12 limb joints.")
    if settings.out:
        Path(settings.out).write_text(json.dumps(result, indent=1) + "\n")
    return result


def clip_errors(clip: RenderedClip, settings: EvaluateRenderedSettings) -> tuple[dict[str, float], dict[str, float]]:
    """Errors by the names of COLUMNS of the lifted clip, and of what the capture makes of it."""
    canonical = clip.canonical()
    camera = clip.camera
    if settings.fov:
        camera = Camera.from_fov(camera.width, camera.height, np.radians(settings.fov))
    lifted = drain(lift(canonical, camera, device="cpu", flip=settings.flip))
    taken = drain(lift_keypoints(canonical, camera, CaptureSettings(device="cpu"), {"warnings": [], "seconds": {}}))
    up = np.degrees(metrics.mean_angle(lifted.up[clip.detected], clip.up[clip.detected]))
    rows = []
    for one in (lifted, taken):
        found = MOCAP22.joint_positions(one.bone_lengths, one.directions, np.zeros(3))
        rows.append(joint_errors(found, one.directions, clip) | rival_errors(clip) | {
            "up": up, "length_error": 1000 * metrics.bone_length_error(one.bone_lengths, clip.lengths)})
    return rows[0], rows[1]


def joint_errors(found: np.ndarray, directions: np.ndarray, clip: RenderedClip) -> dict[str, float]:
    """Of joints (T, 22, 3) metres and bone directions, camera axes, over the frames in which the person was seen."""
    seen = clip.detected
    true = clip.in_camera()[seen, : len(MOCAP22)].astype(float)
    found = found[seen]
    limbs = [0, *TWELVE]
    bones = true[:, 1:] - true[:, np.array(MOCAP22.parents)[1:]]
    bones /= np.maximum(np.linalg.norm(bones, axis=-1, keepdims=True), 1e-6)
    return {
        "mpjpe": 1000 * metrics.mpjpe(found, true), "p_mpjpe": 1000 * metrics.p_mpjpe(found, true),
        "p_mpjpe_14": 1000 * metrics.p_mpjpe(found[:, FOURTEEN], true[:, FOURTEEN]),
        "mpjpe_12": 1000 * _without_root(found[:, limbs], true[:, limbs]),
        "p_mpjpe_12": 1000 * metrics.p_mpjpe(found[:, TWELVE], true[:, TWELVE]),
        "angle": np.degrees(metrics.mean_angle(directions[seen, 1:], bones)),
    }


def rival_errors(clip: RenderedClip) -> dict[str, float]:
    """The detector's own 3D of the same frames."""
    seen = clip.detected
    true = clip.in_camera()[seen].astype(float)[:, [0, *TWELVE]]
    found = clip.rival[seen].astype(float)[:, _RIVAL]
    hips = [TWELVE.index(MOCAP22.index(f"{side}_hip")) for side in ("left", "right")]
    found = np.concatenate([found[:, hips].mean(axis=1, keepdims=True), found], axis=1)
    return {"rival_mpjpe_12": 1000 * _without_root(found, true),
            "rival_p_mpjpe_12": 1000 * metrics.p_mpjpe(found[:, 1:], true[:, 1:])}


def _without_root(found: np.ndarray, true: np.ndarray) -> float:
    """MPJPE of the joints after the first, on which both are aligned."""
    return metrics.mpjpe(found, true) * found.shape[1] / (found.shape[1] - 1)


def groups(clips: list[RenderedClip]) -> dict[str, list[int]]:
    """Indices of the clips by group: all, kinds, subjects of the recorded motion, cameras."""
    found: dict[str, list[int]] = {"all": list(range(len(clips)))}
    keys = (lambda clip: clip.about["kind"], lambda clip: f"subject {clip.subject}", _camera_name)
    for key in keys:
        names = [key(clip) for clip in clips]
        if len(set(names)) <= 12:
            found |= {name: [i for i, other in enumerate(names) if other == name] for name in sorted(set(names))}
    return found


def _camera_name(clip: RenderedClip) -> str:
    view = clip.about["view"]
    return f"camera {view['yaw']:.0f}, {view['pitch']:.0f} down, roll {view['roll']:.0f}, {view['fov']:.0f} wide"


def _mean(values: list[dict[str, float]], weights: np.ndarray) -> dict[str, float]:
    return {name: float(np.average([each[name] for each in values], weights=weights)) for name in COLUMNS}


def table(title: str, rows: dict[str, dict[str, float]]) -> str:
    """Markdown."""
    lines = [f"| {title} | frames | " + " | ".join(COLUMNS.values()) + " | better % |",
             "|---|---:|" + "---:|" * (len(COLUMNS) + 1)]
    for name, row in rows.items():
        better = 100 * (1 - row["p_mpjpe_12"] / row["rival_p_mpjpe_12"])
        lines.append(f"| {name} | {row['frames']} | " + " | ".join(f"{row[key]:.1f}" for key in COLUMNS)
                     + f" | {better:.0f} |")
    return "\n".join(lines)
