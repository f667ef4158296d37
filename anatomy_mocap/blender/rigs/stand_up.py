"""Stand a recording up whose file has another axis up than its format says, such as a BVH with Z up (no bpy here)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from ...bone_maps.bone_map import BoneMap
from ...core.skeleton import SIDES
from ...rigs.rig import TargetRig

if TYPE_CHECKING:
    from .source_armature import Recording

_ALONG = 0.8
"""Cosine between trunk and axis from which the trunk is along it. Guessed."""
_MOST = 0.75
"""Share of the frames in which it must be. Guessed."""
_FLOOR = 0.25
"""Leg lengths of the feet from the origin at which they stand on a floor through it. Guessed."""
_AXES = {"X": (1, 0, 0), "-X": (-1, 0, 0), "Y": (0, 1, 0), "-Y": (0, -1, 0), "-Z": (0, 0, -1)}


def stood_up(recording: Recording, bone_map: BoneMap) -> tuple[Recording, list[str]]:
    """(the recording with Z up, a sentence that says so), or the recording and no sentence where its body stands.

    A body whose trunk is along one other axis most of the time is stood up, if its rest pose lies along that axis too,
    or if its feet are on a floor through the origin across that axis. Other lying bodies lie, and that is said.
    """
    rig = recording.rig
    bones = {part: rig.index(names[0]) for part, names in bone_map.bones.items() if names}
    heads = recording.world[..., :3, 3].astype(float)
    trunk = _trunk(heads, bones)
    axis = next((name for name, way in _AXES.items() if np.mean(trunk @ np.array(way, float) > _ALONG) > _MOST), None)
    if axis is None:
        return recording, []
    way = np.array(_AXES[axis], float)
    rest_lies = float(_trunk(rig.in_world(rig.heads)[None], bones)[0] @ way) > _ALONG
    if not rest_lies and not _on_floor(rig, heads @ way, bones):
        return recording, [f"{rig.name}: its body lies along {axis} nearly all the time; if it should stand, turn it "
                           "in Blender and export it again"]
    turn = np.eye(4)
    turn[:3, :3] = _to_z(way)
    rig = replace(rig, world_from_armature=turn @ rig.world_from_armature) if rest_lies else rig
    world = np.einsum("ij,tbjk->tbik", turn, recording.world).astype(recording.world.dtype)
    return replace(recording, rig=rig, world=world), [
        f"{rig.name}: its body lies along {axis} as the file is read, so it was stood up; the file has another axis up "
        "than is usual for its format"]


def _trunk(heads: np.ndarray, bones: dict[str, int]) -> np.ndarray:
    """(T, 3) unit directions from the hip joints to the shoulders. heads: (T, B, 3)."""
    hips, shoulders = (np.mean([heads[:, bones[f"{side}_upper_{limb}"]] for side in SIDES], axis=0)
                       for limb in ("leg", "arm"))
    lines = shoulders - hips
    return lines / np.maximum(np.linalg.norm(lines, axis=-1, keepdims=True), 1e-12)


def _on_floor(rig: TargetRig, heights: np.ndarray, bones: dict[str, int]) -> bool:
    """Whether the lower foot is mostly near zero on a (T, B) scale, and the hips above it by about a leg."""
    ends = [bones.get(f"{side}_foot", bones[f"{side}_lower_leg"]) for side in SIDES]
    places = rig.in_world(rig.heads)
    leg = float(np.mean([np.linalg.norm(places[end] - places[bones[f"{side}_upper_leg"]])
                         for side, end in zip(SIDES, ends, strict=True)]))
    lower = heights[:, ends].min(axis=1)
    hips = np.mean([heights[:, bones[f"{side}_upper_leg"]] for side in SIDES], axis=0)
    return abs(float(np.percentile(lower, 10))) < _FLOOR * leg and float(np.median(hips - lower)) > 0.5 * leg


def _to_z(way: np.ndarray) -> np.ndarray:
    """(3, 3) the shortest turn from an axis to Z; about X for the opposite one."""
    axis = np.cross(way, (0.0, 0.0, 1.0))
    return Rotation.from_rotvec(np.pi / 2 * axis if np.any(axis) else (np.pi, 0.0, 0.0)).as_matrix()
