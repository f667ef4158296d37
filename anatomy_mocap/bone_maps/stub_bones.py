"""Stub bones: helpers with the name of the bone below them ("__UpLeg_L" above "UpLeg_L"), which are no body part.

Exporters and riggers put them above a bone, at its place or between it and its parent's tail: MakeHuman's BVH, groups
and offsets of Maya, the transforms of Assimp's FBX reader.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from ..rigs.rig import TargetRig
from .bone_name import numbered_tokens, plain
from .tuning import TUNING

_ASSIMP = re.compile(r"_?\$AssimpFbx\$.*$")
_NUMBER = re.compile(r"[._]\d+$")
_HELPERS = frozenset({
    "offset", "offs", "ofs", "grp", "group", "zero", "null", "nul", "parent", "dummy", "helper", "space", "orient",
    "npo", "srt", "buffer", "buf", "sdk", "auto", "con", "root", "pre", "xform", "transform", "driver", "proxy",
    "stub"})
"""Words that riggers add to the name of a bone for the bones above it."""
_ADDED = _HELPERS | {"jnt", "joint", "jt", "bone", "bn", "bind", "skin", "sk", "def", "deform"}
"""These, and the words that they add for the bone itself."""


def without_stubs(rig: TargetRig) -> TargetRig:
    """The rig without its stub bones; their children hang on the bones above. The rig itself where it has none."""
    left_out = {int(rig.parents[bone]) for bone in range(len(rig)) if rig.parents[bone] >= 0
                and _one_name(rig, int(rig.parents[bone]), bone) and is_stub(rig, int(rig.parents[bone]), bone)}
    if not left_out:
        return rig
    kept = [bone for bone in range(len(rig)) if bone not in left_out]
    place = {bone: number for number, bone in enumerate(kept)} | {-1: -1}

    def above(bone: int) -> int:
        parent = int(rig.parents[bone])
        while parent in left_out:
            parent = int(rig.parents[parent])
        return place[parent]

    return replace(
        rig, bone_names=tuple(rig.bone_names[bone] for bone in kept), parents=np.array([above(bone) for bone in kept]),
        rest=rig.rest[kept], lengths=rig.lengths[kept], connected=rig.connected[kept],
        inherit_rotation=rig.inherit_rotation[kept], local_location=rig.local_location[kept],
        inherit_scale=tuple(rig.inherit_scale[bone] for bone in kept), deform=rig.deform[kept],
        rotation_modes=tuple(rig.rotation_modes[bone] for bone in kept))


def _one_name(rig: TargetRig, upper: int, lower: int) -> bool:
    """Whether two bones have the same words, but for those that riggers add and a number after the upper one's."""
    first, second = (_ASSIMP.sub("", rig.bone_names[bone]) for bone in (upper, lower))
    core = _core(second)
    return bool(core) and core in (_core(first), _core(_NUMBER.sub("", first)))


def _core(name: str) -> str:
    """The name's words and numbers without the words that riggers add."""
    return " ".join(word for word in numbered_tokens(name) if word not in _ADDED)


def _is_marked(name: str, other: str) -> bool:
    """Whether a name says that its bone is a helper: by a word that riggers add, or by more lines than the other's."""
    return "$AssimpFbx$" in name or bool(_HELPERS.intersection(numbered_tokens(name))) \
        or (plain(name) == plain(other) and len(name) > len(other))


def is_stub(rig: TargetRig, upper: int, lower: int) -> bool:
    """Whether of two bones with one name the lower is the limb: the upper one leads to it by a short or sideways step.

    upper, lower: indices of a bone and of one below it. A bone that deforms above one that does not is none, nor is
    one from which most other bones hang. A helper by its name may lead to a bone without a word of helpers by any step
    that is shorter than the limb.
    """
    names = rig.bone_names[upper], rig.bone_names[lower]
    marked = _is_marked(*names), _is_marked(*names[::-1])
    if (rig.deform[upper] and not rig.deform[lower]) or (marked[1] and not marked[0]) \
            or 2 * len(rig.subtree(lower)) < len(rig.subtree(upper)):
        return False
    heads = rig.in_world(rig.heads)
    step, limb = heads[lower] - heads[upper], _reach(rig, heads, lower)
    away, length = float(np.linalg.norm(step)), float(np.linalg.norm(limb))
    if away <= TUNING.stub_step * length:
        return True
    if marked[0] and not marked[1]:
        return away < TUNING.stub_marked * length
    return away < TUNING.stub_aside * length and \
        float(step @ limb) < np.cos(np.radians(TUNING.stub_angle)) * away * length


def _reach(rig: TargetRig, heads: np.ndarray, bone: int) -> np.ndarray:
    """(3,) world: from a bone's head to its furthest child, or to its tail where it has none."""
    ends = heads[list(rig.children[bone])] - heads[bone] if rig.children[bone] else \
        rig.in_world(rig.tails[[bone]]) - heads[bone]
    return ends[np.argmax(np.linalg.norm(ends, axis=-1))]
