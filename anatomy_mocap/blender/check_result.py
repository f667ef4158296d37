"""A check of every result: do the limbs that deform the character point where the motion's limbs point?"""

from __future__ import annotations

from itertools import product

import bpy
import numpy as np

from ..core.motion import rotate_about_vertical
from ..core.skeleton import MOCAP22, SIDES
from ..rigs.sides import other_side, swap_warnings
from .perform import Performed
from .retarget_onto import Source, Target
from .rigs.deform_trial import deform_twins

_FRAMES = 4
"""Number of frames that are evaluated. Chosen: a wrong limb is wrong in most frames."""
_OFF = 5.0
"""Degrees from which a limb is told. Chosen: visible to an animator."""
_LIMBS = (("upper_arm", "lower_arm", "elbow", "hands"), ("lower_arm", "hand", "wrist", "hands"),
          ("upper_leg", "lower_leg", "knee", "feet"), ("lower_leg", "foot", "ankle", "feet"))


def limb_warnings(armature: bpy.types.Object, source: Source, target: Target, done: Performed) -> list[str]:
    """A warning that names the limbs that are more than 5 degrees off the motion; [] if there are none.

    Limbs that are to reach a place, or that are not keyed, are left out.
    """
    if target.keys.parts is not None or target.keys.destination not in ("NEW", "UPDATE"):
        return []
    motion, bones = rotate_about_vertical(source.motion, target.retarget.turn), target.bone_map.bones
    if swap_warnings(target.rig, bones):
        bones = {other_side(part): names for part, names in bones.items()}
    chosen = np.unique(np.linspace(0, len(done.frames) - 1, _FRAMES).astype(int))
    heads = _heads(armature, done.frames[chosen])
    twins = deform_twins(target.rig, {names[0] for names in bones.values()}, target.rig.heads)
    off = {}
    for side, (part, following, joint, place) in product(SIDES, _LIMBS):
        ends = [bones.get(f"{side}_{each}") for each in (part, following)]
        if not all(ends) or getattr(target.retarget, place) != "directions":
            continue
        first, second = (twins.get(end[0], [target.rig.index(end[0])]) for end in ends)
        wanted = motion.directions[chosen, MOCAP22.index(f"{side}_{joint}")]
        off[f"{side} {part.replace('_', ' ')}"] = min(
            _angle(heads[:, end] - heads[:, start], wanted) for start, end in product(first, second))
    wrong = {name: angle for name, angle in off.items() if angle > _OFF}
    if not wrong:
        return []
    shown = ", ".join(f"{name} {angle:.0f} degrees" for name, angle in wrong.items())
    return [f"{armature.name}: these limbs do not follow the motion: {shown}; look at them, and at the other warnings"]


def _heads(armature, frames: np.ndarray) -> np.ndarray:
    """(T, B, 3) world: the heads of the bones at scene frames, as evaluated; the scene's frame is restored."""
    scene, found = bpy.context.scene, []
    before = scene.frame_current, scene.frame_subframe
    for frame in frames:
        whole = int(np.floor(frame + 1e-6))
        scene.frame_set(whole, subframe=max(0.0, float(frame) - whole))
        world = np.array(armature.matrix_world)
        points = np.array([armature.pose.bones[bone.name].head for bone in armature.data.bones])
        found.append(points @ world[:3, :3].T + world[:3, 3])
    scene.frame_set(before[0], subframe=before[1])
    return np.array(found)


def _angle(lines: np.ndarray, wanted: np.ndarray) -> float:
    """Degrees, median over frames, between (T, 3) lines; 0 for lines without length."""
    length = np.linalg.norm(lines, axis=-1)
    if length.min() < 1e-9:
        return 0.0
    cosine = (lines * wanted).sum(axis=-1) / length
    return float(np.degrees(np.median(np.arccos(np.clip(cosine, -1, 1)))))
