"""Facing: the front of a body, from feet, thumbs, face, knees and elbows."""

from __future__ import annotations

import numpy as np

from ...maths.rotations import unit
from ...rigs.foot_form import no_heel
from ...rigs.rig import TargetRig
from ...rigs.sides import USUAL_FRONTS
from ..tuning import TUNING
from .form import Form
from .limbs import Limb
from .mirror_plane import Halves


def front_of(rig: TargetRig, form: Form, halves: Halves, low: Limb, high: Limb) -> tuple[np.ndarray, float]:
    """((3,) unit world direction of the front, its confidence 0..1).

    Evidence from feet, thumbs, face, knees and elbows is summed with its sign. low, high: a leg and an arm of the body.
    """
    hips, shoulders = (point - halves.away(point) * halves.normal for point in (low.start, high.start))
    up = unit(shoulders - hips)
    ahead = unit(np.cross(halves.normal, up))
    evidence = _foot(rig, form, low, ahead, known=True) + _thumb(form, high, ahead) + _bends(form, low, high, ahead)
    evidence += _face(form, halves, shoulders, up, ahead, low.length)
    guess = _foot(rig, form, low, ahead, known=False)
    usual = _usual(rig, up, ahead)
    if abs(evidence) > 0.15 * TUNING.front_clear:
        return ahead * np.sign(evidence), float(np.clip(abs(evidence) / TUNING.front_clear, 0, 1))
    both = guess + evidence
    weak = abs(both) > 0.3 * TUNING.front_clear
    decides = both if weak and not usual else usual or both
    return ahead * (1.0 if decides >= 0 else -1.0), 0.45 if weak and both * usual > 0 else 0.2


def _foot(rig: TargetRig, form: Form, low: Limb, ahead: np.ndarray, known: bool) -> float:
    """Evidence of the toes, or with known=False of the tail of a foot without children (importers invent tails)."""
    if "foot" not in low.nodes:
        return 0.0
    foot = low.nodes["foot"]
    heels = [node for node in form.below[foot][1:] if not no_heel(rig.bone_names[form.bones[node]])]
    end, seen = form.furthest(foot, heels)
    if seen != known:
        return 0.0
    tail = form.tails[foot] - form.heads[foot]
    if seen and "toes" not in low.nodes and (end - form.heads[foot]) @ ahead * (tail @ ahead) < 0:
        return 0.0  # a bone behind the ankle may be a heel
    if "toes" in low.nodes:
        end = form.heads[low.nodes["toes"]]
    return 3.0 * float((end - form.heads[foot]) @ ahead) / low.length


def _bends(form: Form, low: Limb, high: Limb, ahead: np.ndarray) -> float:
    """Evidence of the bends: knees bend forwards, elbows backwards."""
    evidence = 0.0
    for limb, middle, end, way in ((low, "lower_leg", "foot", 1.0), (high, "lower_arm", "hand", -1.0)):
        if end not in limb.nodes:  # importers invent the tails of end bones
            continue
        out, line = form.heads[limb.nodes[middle]] - limb.start, limb.end - limb.start
        bend = out - line * (out @ line) / max(line @ line, 1e-12)
        evidence += way * 1.5 * float(bend @ ahead) / limb.length
    return evidence


def _thumb(form: Form, high: Limb, ahead: np.ndarray) -> float:
    """Evidence of the thumb, which is in front of the fingers and leaves the hand nearest to the wrist."""
    hand = high.nodes.get("hand")
    fingers = [child for child in form.children[hand] if form.children[child]] if hand is not None else []
    if len(fingers) < 4:
        return 0.0
    away = np.linalg.norm(form.heads[fingers] - form.heads[hand], axis=-1)
    thumb = int(np.argmin(away))
    if away[thumb] > 0.7 * np.median(away):
        return 0.0
    middles = np.array([form.heads[list(form.below[finger])].mean(axis=0) for finger in fingers])
    aside = middles[thumb] - np.delete(middles, thumb, axis=0).mean(axis=0)
    along = unit(form.heads[hand] - form.heads[high.nodes["lower_arm"]])
    return 0.08 * float(unit(aside - along * (aside @ along)) @ ahead)


def _face(form: Form, halves: Halves, shoulders: np.ndarray, up: np.ndarray, ahead: np.ndarray, leg: float) -> float:
    """Evidence of the face: small bones (eyes, brows, jaw) in front of their parent above the shoulders."""
    evidence = []
    for node in halves.central:
        small = [child for child in form.children[node] if form.reach[child] < 0.03 * form.size]
        if len(small) >= 2 and (form.heads[node] - shoulders) @ up > 0:
            out = (form.heads[small] - form.heads[node]) @ ahead / leg
            evidence.append(float(np.clip(np.mean(out) * 1.5, -0.1, 0.1)))
    return max(evidence, key=abs, default=0.0)


def _usual(rig: TargetRig, up: np.ndarray, ahead: np.ndarray) -> float:
    """Cosine between `ahead` and the customary front; 0 if the body's up is none of the customary axes."""
    linear = rig.world_from_armature[:3, :3]
    for own_up, own_front in USUAL_FRONTS:
        if unit(linear @ own_up) @ up > 0.9:
            return float(unit(linear @ own_front) @ ahead)
    return 0.0
