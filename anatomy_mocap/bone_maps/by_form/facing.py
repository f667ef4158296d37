"""Which way a body faces, by what sticks out of it."""

from __future__ import annotations

import numpy as np

from ...maths.rotations import unit
from ...rigs.rig import TargetRig
from .form import Form
from .limbs import Limb
from .mirror_plane import Halves

_CLEAR = 0.2
"""Sum of votes from which on a front is sure; a foot of usual length with known toes casts about 0.5."""
_USUAL = ((np.array([0.0, 0, 1]), np.array([0.0, -1, 0])), (np.array([0.0, 1, 0]), np.array([0.0, 0, 1])))
"""(up, front) in armature space as Blender and as glTF have it: believed where nothing else tells."""


def front_of(rig: TargetRig, form: Form, halves: Halves, low: Limb, high: Limb) -> tuple[np.ndarray, float]:
    """((3,) unit world, 0..1): where the body faces, and how clearly it does: by feet, then thumbs, face, knees and
    elbows. low, high: a leg and an arm of it."""
    hips, shoulders = (point - halves.away(point) * halves.normal for point in (low.start, high.start))
    up = unit(shoulders - hips)
    ahead = unit(np.cross(halves.normal, up))
    votes = _foot(form, low, ahead, known=True) + _thumb(form, high, ahead) + _bends(form, low, high, ahead)
    votes += _face(form, halves, shoulders, up, ahead, low.length)
    guess = _foot(form, low, ahead, known=False)
    usual = _usual(rig, up, ahead)
    if abs(votes) > 0.15 * _CLEAR:
        return ahead * np.sign(votes), float(np.clip(abs(votes) / _CLEAR, 0, 1))
    both = guess + votes
    agreed = abs(both) > 0.3 * _CLEAR and both * usual > 0
    return ahead * (1.0 if (both if abs(both) > 0.3 * _CLEAR and not usual else usual or both) >= 0 else -1.0), \
        0.45 if agreed else 0.2


def _foot(form: Form, low: Limb, ahead: np.ndarray, known: bool) -> float:
    """By toes, or with known=False by the tail of a foot on which nothing hangs (importers make such up)."""
    if "foot" not in low.nodes:
        return 0.0
    foot = low.nodes["foot"]
    end, seen = form.furthest(foot)
    if seen != known:
        return 0.0
    if "toes" in low.nodes:
        end = form.heads[low.nodes["toes"]]
    return 3.0 * float((end - form.heads[foot]) @ ahead) / low.length


def _bends(form: Form, low: Limb, high: Limb, ahead: np.ndarray) -> float:
    """Knees bend forwards, elbows backwards."""
    votes = 0.0
    for limb, middle, end, way in ((low, "lower_leg", "foot", 1.0), (high, "lower_arm", "hand", -1.0)):
        if end not in limb.nodes:  # importers make up where end bones end
            continue
        out, line = form.heads[limb.nodes[middle]] - limb.start, limb.end - limb.start
        bend = out - line * (out @ line) / max(line @ line, 1e-12)
        votes += way * 1.5 * float(bend @ ahead) / limb.length
    return votes


def _thumb(form: Form, high: Limb, ahead: np.ndarray) -> float:
    """Thumbs are in front of the fingers; a thumb leaves the hand nearest to the wrist."""
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
    """Eyes, brows, jaw: small bones in front of the bone above the shoulders that carries them."""
    votes = []
    for node in halves.central:
        small = [child for child in form.children[node] if form.reach[child] < 0.03 * form.size]
        if len(small) >= 2 and (form.heads[node] - shoulders) @ up > 0:
            out = (form.heads[small] - form.heads[node]) @ ahead / leg
            votes.append(float(np.clip(np.mean(out) * 1.5, -0.1, 0.1)))
    return max(votes, key=abs, default=0.0)


def _usual(rig: TargetRig, up: np.ndarray, ahead: np.ndarray) -> float:
    linear = rig.world_from_armature[:3, :3]
    for own_up, own_front in _USUAL:
        if unit(linear @ own_up) @ up > 0.9:
            return float(unit(linear @ own_front) @ ahead)
    return 0.0
