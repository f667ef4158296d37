"""Fit the probability that a joint is right, from 2D scores and the network's spread; store it in the model file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
from onnx import helper
from scipy.optimize import minimize
from scipy.stats import rankdata

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.whole_file import written_whole
from anatomy_mocap.lifting.joint_confidence import KEY, WITHIN, chance, features
from anatomy_mocap.lifting.lift import lift_twice
from anatomy_mocap.networks.model_files import models_folder, record_hash
from anatomy_mocap.networks.onnx_session import Session

from ..argument_checks import at_least
from ..mocap.dataset import MocapSet, load_split
from ..options import Say, option
from ..simulate.simulate_clip import CAMERAS, simulate_clip

RIDGE = 3.0
"""Strength, in frames, by which each joint's weights are drawn to those of all joints."""

EDGES = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0001)


@dataclass(frozen=True)
class ConfidenceSettings:
    """Options of the command fit-confidence."""

    data: str = option("the motion set (.npz)")
    clips: int = option("clips of the training subjects to fit to", 60)
    model: str = option("the model file that is measured and gets the result", str(models_folder() / "lifter.onnx"))
    check: bool = option("measure on the validation subjects only; the model file stays as it is", False)


def fit_confidence(settings: ConfidenceSettings, say: Say = print) -> None:
    """Fit on the training subjects (unless only checking), store the fit, and print its reliability on the validation
    subjects."""
    at_least(settings, clips=1)
    path, session = Path(settings.model), session_of(settings.model)
    if settings.check:
        read(path)
    train, held_out = load_split(settings.data)
    if not settings.check:
        chosen = np.random.default_rng(0).choice(len(train), min(settings.clips, len(train)), replace=False)
        seen = observed(train, chosen, session)
        write(path, fit(features(seen.support, seen.spread), seen.error < WITHIN))
    seen = observed(held_out, np.arange(len(held_out)), session)
    say(reliability(chance(seen.support, seen.spread, read(path)), seen.support, seen.error))


def session_of(path: str | Path) -> Session:
    """A session of a model file. Raises MocapError if it is missing."""
    if not Path(path).is_file():
        raise MocapError(f"--model {path}: not found; give the .onnx file that export wrote")
    return Session(Path(path), "cpu")


class Observed(NamedTuple):
    """N frames, (N, J) each. support: 2D score of the keypoints around a joint. spread: between the clip's and its
    mirror image's joint, and error: to the true joint, metres."""

    support: np.ndarray
    spread: np.ndarray
    error: np.ndarray


def observed(mocap: MocapSet, clips: np.ndarray, session: Session) -> Observed:
    """Every third frame of clips, each filmed by the next camera in turn and lifted by the session's model."""
    found = []
    for index, clip in enumerate(clips):
        simulated = simulate_clip(mocap, int(clip), index % len(CAMERAS), seed=7)
        lifted, support, spread = drain(lift_twice(simulated.keypoints, simulated.camera, session))
        joints = MOCAP22.joint_positions(lifted.bone_lengths, lifted.directions, np.zeros(3))
        found.append([part[::3] for part in (support, spread, np.linalg.norm(joints - simulated.joints, axis=-1))])
    return Observed(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def fit(given: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Logistic regression: given (N, J, 2), right (N, J) bool -> weights (J, 3), each joint's near that of all."""
    joints = given.shape[1]
    shared = _logistic(given[:, 1:].reshape(-1, 2), right[:, 1:].ravel(), np.zeros(3), 1e-6)
    return np.stack([shared if joint == 0 else _logistic(given[:, joint], right[:, joint], shared, RIDGE)
                     for joint in range(joints)])


def _logistic(x: np.ndarray, y: np.ndarray, towards: np.ndarray, ridge: float) -> np.ndarray:
    x = np.concatenate([np.ones((len(x), 1)), x], axis=1)
    sign = np.where(y, 1.0, -1.0)

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (x @ w)
        miss = 1 / (1 + np.exp(np.clip(margin, -30, 30)))
        return (np.logaddexp(0, -margin).sum() + ridge * ((w - towards) ** 2).sum(),
                -(sign * miss) @ x + 2 * ridge * (w - towards))

    return minimize(loss, towards, jac=True, method="L-BFGS-B").x


def write(path: Path, weights: np.ndarray) -> None:
    """Put the weights into the model file's metadata."""
    model = onnx.load(str(path))
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    helper.set_model_props(model, metadata | {KEY: json.dumps(np.round(weights, 4).tolist())})
    with written_whole(path, "model") as partial:
        onnx.save(model, str(partial))
    record_hash(path)


def read(path: Path) -> np.ndarray:
    """(J, 3) of a model file."""
    metadata = {entry.key: entry.value for entry in onnx.load(str(path)).metadata_props}
    if KEY not in metadata:
        raise MocapError(f"{path}: no confidence is fitted to this model yet; run fit-confidence without --check")
    return np.array(json.loads(metadata[KEY]))


def area(score: np.ndarray, right: np.ndarray) -> float:
    """Area under the ROC curve."""
    rank, positive = rankdata(score), right.sum()
    return float((rank[right].sum() - positive * (positive + 1) / 2) / max(positive * (len(right) - positive), 1))


def reliability(confidence: np.ndarray, support: np.ndarray, error: np.ndarray) -> str:
    """Table of the share of right joints by confidence, and the area under the ROC curve."""
    told, off = confidence[:, 1:].ravel(), error[:, 1:].ravel()
    right = off < WITHIN
    lines = [f"| confidence | share % | within {1000 * WITHIN:.0f} mm % | median error mm |", "|---|---:|---:|---:|"]
    for low, high in zip(EDGES[:-1], EDGES[1:], strict=True):
        chosen = (told >= low) & (told < high)
        if chosen.any():
            lines.append(f"| {low:.2f} - {min(high, 1):.2f} | {100 * chosen.mean():.1f} | "
                         f"{100 * right[chosen].mean():.0f} | {1000 * np.median(off[chosen]):.0f} |")
    lines.append(f"\nArea under the curve: {area(told, right):.3f}; by the 2D scores alone "
                 f"{area(support[:, 1:].ravel(), right):.3f}. {len(error)} frames of the validation subjects.")
    return "\n".join(lines)
