"""Write BVH (no bpy here): Y up, one root, positions only for bones that move against their parent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

_Y_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
_EULER = "ZXY"


@dataclass(frozen=True)
class BvhClip:
    """B bones over T frames, in world axes (Z up).

    names, parents: parents before children, -1 where there is none.
    rest: (B, 4, 4) world matrices in the rest pose. tails: (B, 3) ends of the bones in the rest pose.
    pose: (T, B, 4, 4) world matrices over time.
    seconds_per_frame: 1 / frames per second.
    """

    names: list[str]
    parents: list[int]
    rest: np.ndarray
    tails: np.ndarray
    pose: np.ndarray
    seconds_per_frame: float


def write_bvh(path: Path, clip: BvhClip) -> None:
    """Write `clip`; several bones without a parent get a common root that does not move."""
    clip = _single_root(clip)
    heads = clip.rest[:, :3, 3]
    parents = np.array(clip.parents)
    offsets = (heads - np.where(parents[:, None] >= 0, heads[parents], 0.0)) @ _Y_UP.T
    turns, places = _local_motion(clip)
    size = max(float(np.ptp(heads, axis=0).max()), 1e-6)
    moves = np.abs(places - offsets).max(axis=(0, 2)) > 1e-4 * size
    moves[0] = True
    order = _depth_first(parents)
    columns = [np.concatenate([places[:, bone], turns[:, bone]], axis=1) if moves[bone] else turns[:, bone]
               for bone in order]
    lines = ["HIERARCHY", *_hierarchy(clip, offsets, moves), "MOTION", f"Frames: {len(clip.pose)}",
             f"Frame Time: {clip.seconds_per_frame:.8f}"]
    with open(path, "w", encoding="utf-8", newline="\n") as handle:
        handle.write("\n".join(lines) + "\n")
        np.savetxt(handle, np.concatenate(columns, axis=1), fmt="%.6f")


def _single_root(clip: BvhClip) -> BvhClip:
    if clip.parents.count(-1) == 1:
        return clip
    still = np.eye(4)[None]
    frames = np.broadcast_to(still, (len(clip.pose), 1, 4, 4))
    return BvhClip(["root_of_all", *clip.names], [-1, *(parent + 1 for parent in clip.parents)],
                   np.concatenate([still, clip.rest]), np.concatenate([np.zeros((1, 3)), clip.tails]),
                   np.concatenate([frames, clip.pose], axis=1), clip.seconds_per_frame)


def _local_motion(clip: BvhClip) -> tuple[np.ndarray, np.ndarray]:
    """(T, B, 3) Euler angles in degrees and (T, B, 3) positions, both against the parent and Y up."""
    turned = _rotations(clip.pose) @ np.swapaxes(_rotations(clip.rest), -1, -2)
    turned = _Y_UP @ turned @ _Y_UP.T
    heads = clip.pose[..., :3, 3] @ _Y_UP.T
    angles, places = np.empty(heads.shape), np.empty(heads.shape)
    for bone, parent in enumerate(clip.parents):
        local, place = turned[:, bone], heads[:, bone]
        if parent >= 0:
            inverse = np.swapaxes(turned[:, parent], -1, -2)
            local, place = inverse @ local, np.einsum("tij,tj->ti", inverse, place - heads[:, parent])
        euler = Rotation.from_matrix(local).as_euler(_EULER)
        angles[:, bone], places[:, bone] = np.degrees(np.unwrap(euler, axis=0)), place
    return angles, places


def _rotations(matrices: np.ndarray) -> np.ndarray:
    """The rotation of each matrix, without its scale."""
    columns = matrices[..., :3, :3]
    return columns / np.linalg.norm(columns, axis=-2, keepdims=True)


def _depth_first(parents: np.ndarray) -> list[int]:
    order, waiting = [], [0]
    while waiting:
        bone = waiting.pop()
        order.append(bone)
        waiting += [child for child in range(len(parents) - 1, -1, -1) if parents[child] == bone]
    return order


def _hierarchy(clip: BvhClip, offsets: np.ndarray, moves: np.ndarray) -> list[str]:
    children: dict[int, list[int]] = {bone: [] for bone in range(len(clip.names))}
    for bone, parent in enumerate(clip.parents):
        if parent >= 0:
            children[parent].append(bone)

    def joint(bone: int, indent: str) -> list[str]:
        inner = indent + "\t"
        place = "6 Xposition Yposition Zposition" if moves[bone] else "3"
        name = re.sub(r"\s", "_", clip.names[bone])  # a name ends at white space
        lines = [f"{indent}{'JOINT' if indent else 'ROOT'} {name}", indent + "{",
                 f"{inner}OFFSET {_numbers(offsets[bone])}",
                 f"{inner}CHANNELS {place} {' '.join(axis + 'rotation' for axis in _EULER)}"]
        for child in children[bone]:
            lines += joint(child, inner)
        if not children[bone]:
            end = (clip.tails[bone] - clip.rest[bone, :3, 3]) @ _Y_UP.T
            lines += [inner + "End Site", inner + "{", f"{inner}\tOFFSET {_numbers(end)}", inner + "}"]
        return [*lines, indent + "}"]

    return joint(0, "")


def _numbers(vector) -> str:
    return " ".join(f"{value:.6f}" for value in vector)
