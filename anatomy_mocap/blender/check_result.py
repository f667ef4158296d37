"""A check of every result: do the bones that deform the character follow the keys, and the limbs the motion?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

import bpy
import numpy as np
from scipy.spatial.transform import Rotation

from ..bone_maps.bone_map import BoneMap
from ..core.motion import Motion
from ..core.skeleton import MOCAP22, SIDES
from ..rigs.forward_kinematics import pose_matrices
from ..rigs.rig import TargetRig, from_matrix
from ..rigs.sides import other_side, swap_warnings
from ..settings import KeySettings, RetargetSettings
from .keys.body_parts import PARTS, part_of
from .perform import Performed
from .rigs.deform_trial import deform_twins
from .rigs.pose_state import posed
from .rigs.rigid_links import part_of_rig

_EVEN, _EXTREME, _STRIPS = 3, 4, 3
"""Number of evaluated frames: evenly spread, most unlike these, in the middle of NLA strips. Chosen: see the cost in
benchmarks/retarget.py."""
_OFF = 5.0
"""Degrees from which a part of the body is told. Chosen: visible to an animator."""
_LIMBS = (("upper_arm", "lower_arm", "elbow", "hands"), ("lower_arm", "hand", "wrist", "hands"),
          ("upper_leg", "lower_leg", "knee", "feet"), ("lower_leg", "foot", "ankle", "feet"))
"""Part, the part that follows it, the motion's joint at its end, and the setting by which it follows directions."""
_ENDS = ("hand", "foot")
_TELLING = tuple(MOCAP22.index(f"{side}_{joint}") for side in SIDES for joint in ("elbow", "wrist", "knee", "ankle"))


class Seen(NamedTuple):
    """The character at K checked keys, as evaluated and as the keys mean it.

    index: (K,) of the keys. poses, wanted: (K, B, 4, 4) bones in armature space, in the order of the rig. Bones that
    move no mapped bone are wanted as they are.
    """

    index: np.ndarray
    poses: np.ndarray
    wanted: np.ndarray


def result_warnings(armature: bpy.types.Object, rig: TargetRig, bone_map: BoneMap, motion: Motion, done: Performed,
                    placing: RetargetSettings, settings: KeySettings) -> list[str]:
    """A warning that names the parts of the body that are more than 5 degrees off at a checked frame; [] for none.

    Limbs, hands, feet, head and trunk are compared with what the keys mean on the bones that are not keyed, and the
    limbs of a whole body that follows directions with the motion, but where they were bent to stay above the floor.
    motion: at the frames of the keys.
    """
    if settings.destination == "NLA" and armature.animation_data.action:
        return []  # it plays over the new track, which `unseen_warnings` says
    directions = motion.directions
    seen = _seen(armature, done, _checked(armature, directions, done, settings), bone_map)
    bones = {part: [rig.index(name) for name in names] for part, names in bone_map.bones.items() if names}
    chosen = {part for part in bones if settings.parts is None or part_of(part) in settings.parts}
    twins = {rig.index(name): list(same) for name, same in deform_twins(
        rig, {names[0] for names in bone_map.bones.values() if names}, rig.heads).items()}
    off = _off_the_keys(rig, seen, bones, chosen, twins)
    if settings.parts is None or set(settings.parts) >= set(PARTS):
        swapped = swap_warnings(rig, bone_map.bones)
        named = {other_side(part): found for part, found in bones.items()} if swapped else bones
        for name, angles in _off_the_motion(rig, seen, named, twins, directions[seen.index], placing).items():
            meant = 0.0 if done.keys.bent is None else done.keys.bent[seen.index]
            off[name] = np.maximum(off.get(name, 0.0), np.where(meant, 0.0, angles))
    wrong = {name: angles for name, angles in off.items() if angles.max() > _OFF}
    if not wrong:
        return []
    shown_parts = ", ".join(f"{name} {angles.max():.0f} degrees at frame {done.frames[seen.index[angles.argmax()]]:g}"
                            for name, angles in wrong.items())
    return [f"{armature.name}: these parts do not follow the motion: {shown_parts}; look at them, and at the other "
            "warnings"]


def _checked(armature, directions: np.ndarray, done: Performed, settings: KeySettings) -> np.ndarray:
    """(K,) indices of the keys that are checked: spread, the most unlike poses, and the middle of NLA strips.

    Keys that blend with an old motion are left out, as are frames without keys.
    """
    frames, keyed = done.frames, np.ones(len(done.frames), bool) if done.empty is None else ~done.empty
    blend = settings.blend if settings.destination == "INTO" else 0.0
    whole = np.flatnonzero((frames >= frames[0] + blend) & (frames <= frames[-1] - blend) & keyed)
    if not len(whole):
        return whole
    found = list(whole[np.unique(np.linspace(0, len(whole) - 1, _EVEN).astype(int))])
    poses = directions[:, _TELLING].reshape(len(directions), -1)
    apart = np.linalg.norm(poses[whole, None] - poses[found], axis=-1).min(axis=1)
    for _ in range(_EXTREME):
        if apart.max() < 1e-3:
            break
        found.append(int(whole[apart.argmax()]))
        apart = np.minimum(apart, np.linalg.norm(poses[whole] - poses[found[-1]], axis=-1))
    data = armature.animation_data
    strips = [strip for track in data.nla_tracks if not track.mute for strip in track.strips if not strip.mute]
    middles = [(max(strip.frame_start, frames[0]) + min(strip.frame_end, frames[-1])) / 2 for strip in strips
               if strip.frame_end > frames[0] and strip.frame_start < frames[-1]]
    found += [int(whole[np.abs(frames[whole] - middle).argmin()]) for middle in middles[:_STRIPS]]
    return np.unique(found)


def _seen(armature, done: Performed, index: np.ndarray, bone_map: BoneMap) -> Seen:
    """The armature at keys; the user's scene stays as it is."""
    keys = done.keys
    rig = part_of_rig(done.rig, [name for names in bone_map.bones.values() for name in names])
    names = [bone.name for bone in armature.data.bones]
    order = [names.index(name) for name in rig.bone_names]
    poses, basis = np.empty((2, len(index), len(names), 4, 4))
    with _scene_of_its_own(armature) as scene:
        for number, frame in enumerate(done.frames[index]):
            whole = int(np.floor(frame + 1e-6))
            scene.frame_set(whole, subframe=max(0.0, float(frame) - whole))
            evaluated = armature.evaluated_get(scene.view_layers[0].depsgraph)
            poses[number], basis[number] = posed(evaluated), posed(evaluated, "matrix_basis")
    basis = basis[:, order]
    turns, places = from_matrix(_turns(basis)), basis[..., :3, 3].copy()
    for column, name in enumerate(keys.bone_names):
        if name not in rig.indices:
            continue
        turns[:, rig.index(name)] = keys.rotations[index, column]
    located = ({keys.root_bone: keys.root_locations} if keys.root_bone else {}) | dict(keys.more_locations)
    for name, values in located.items():
        if name in rig.indices:
            places[:, rig.index(name)] = np.asarray(values)[index]
    wanted = poses.copy()
    wanted[:, order] = pose_matrices(rig, turns, places)
    return Seen(index, poses, wanted)


@contextlib.contextmanager
def _scene_of_its_own(armature) -> Iterator[bpy.types.Scene]:
    """A scene with the armature alone: there Blender evaluates no meshes, and the user's scene does not move."""
    render, hidden = bpy.context.scene.render, armature.hide_viewport
    scene = bpy.data.scenes.new("anatomy_mocap check")
    try:
        armature.hide_viewport = False
        for name in ("fps", "fps_base", "frame_map_old", "frame_map_new"):
            setattr(scene.render, name, getattr(render, name))
        scene.collection.objects.link(armature)
        yield scene
    finally:
        armature.hide_viewport = hidden
        bpy.data.scenes.remove(scene)


def _turns(matrices: np.ndarray) -> np.ndarray:
    """(..., 3, 3) the rotation in (..., 4, 4) matrices, without scale."""
    columns = matrices[..., :3, :3]
    return columns / np.maximum(np.linalg.norm(columns, axis=-2, keepdims=True), 1e-12)


def _off_the_keys(rig: TargetRig, seen: Seen, bones: dict, chosen: Iterable[str],
                  twins: dict[int, list[int]]) -> dict[str, np.ndarray]:
    """Name of each chosen part -> (K,) degrees between its deform bone and what the keys mean."""
    heads = seen.wanted[..., :3, 3]
    off = {}
    for part in sorted(chosen):
        side, _, rest = part.partition("_")
        follower = next((end for start, end, *_ in _LIMBS if start == rest), None)
        if follower and bones.get(f"{side}_{follower}"):
            first, last = bones[part][0], bones[f"{side}_{follower}"][0]
            line = _place(seen, last, twins) - _place(seen, first, twins)
            off[part.replace("_", " ")] = _angle(line, heads[:, last] - heads[:, first])
        elif follower or rest in _ENDS or part == "head":
            off[part.replace("_", " ")] = _turned(rig, seen, bones[part][0], twins, whole=not follower)
    for name, ends, concerned in _trunk_lines(bones):
        if concerned in chosen:
            actual, wanted = (np.mean([points(bone) for bone in ends[1]], axis=0)
                              - np.mean([points(bone) for bone in ends[0]], axis=0)
                              for points in (lambda bone: _place(seen, bone, twins), lambda bone: heads[:, bone]))
            off[name] = np.maximum(off.get(name, 0.0), _angle(actual, wanted))
    return off


def _trunk_lines(bones: dict):
    """(name, ((bones at the line's start), (bones at its end)), the part that turns it) of the trunk's lines."""
    legs, arms = ([bones[f"{side}_upper_{limb}"][0] for side in SIDES] for limb in ("leg", "arm"))
    yield "hips", (legs[1:], legs[:1]), "hips"
    if "spine_chain" in bones:
        yield "trunk", (legs, arms), "spine_chain"
        yield "trunk", (arms[1:], arms[:1]), "spine_chain"


def _off_the_motion(rig: TargetRig, seen: Seen, bones: dict, twins: dict, directions: np.ndarray,
                    placing: RetargetSettings) -> dict[str, np.ndarray]:
    """Name of each limb that is to follow directions -> (K,) degrees between its deform bones and the motion.

    directions: (K, J, 3) of the motion's bones.
    """
    linear, off = rig.world_from_armature[:3, :3], {}
    turn = Rotation.from_euler("Z", placing.turn).as_matrix()
    for side, (part, following, joint, place) in product(SIDES, _LIMBS):
        first, second = (bones.get(f"{side}_{each}") for each in (part, following))
        if first and second and getattr(placing, place) == "directions":
            line = _place(seen, second[0], twins) - _place(seen, first[0], twins)
            off[f"{side} {part.replace('_', ' ')}"] = _angle(
                line @ linear.T, directions[:, MOCAP22.index(f"{side}_{joint}")] @ turn.T)
    return off


def _place(seen: Seen, bone: int, twins: dict[int, list[int]]) -> np.ndarray:
    """(K, 3) the head of the bone that deforms the character in the place of a bone: the twin nearest to the keys."""
    same = twins.get(bone, [bone])
    found = seen.poses[:, same][..., :3, 3]
    away = np.linalg.norm(found - seen.wanted[:, [bone]][..., :3, 3], axis=-1).max(axis=0)
    return found[:, int(away.argmin())]


def _turned(rig: TargetRig, seen: Seen, bone: int, twins: dict[int, list[int]], whole: bool) -> np.ndarray:
    """(K,) degrees between the turn of a deform bone from rest and that of the keys. whole: else without its twist."""
    wanted = _turns(seen.wanted[:, bone]) @ np.linalg.inv(_turns(rig.rest[bone]))
    best = None
    for twin in twins.get(bone, [bone]):
        turn = _turns(seen.poses[:, twin]) @ np.linalg.inv(_turns(rig.rest[twin]))
        if whole:
            trace = np.einsum("kij,kij->k", turn, wanted)
            angle = np.degrees(np.arccos(np.clip((trace - 1) / 2, -1, 1)))
        else:
            along = rig.rest[bone, :3, 1]
            angle = _angle(turn @ along, wanted @ along)
        best = angle if best is None or angle.max() < best.max() else best
    return best


def _angle(lines: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """(K,) degrees between (K, 3) lines; 0 for lines without length."""
    lengths = np.linalg.norm(lines, axis=-1), np.linalg.norm(wanted, axis=-1)
    cosine = (lines * wanted).sum(axis=-1) / np.maximum(lengths[0] * lengths[1], 1e-12)
    return np.where(np.minimum(*lengths) < 1e-9, 0.0, np.degrees(np.arccos(np.clip(cosine, -1, 1))))
