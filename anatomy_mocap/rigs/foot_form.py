"""The form of a foot: the bones that belong to it, its toe end, and the tails of its end bones.

A bone behind the ankle (a heel, a pivot) is no toe, and importers invent the tails of end bones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from .rig import TargetRig
from .tuning import TUNING

_HEEL = re.compile(r"heel|calcan|ferse|talon|pivot|fersen|tacco|calcanhar|taln|hiel|пятка|かかと|踵|足跟|뒤꿈치|"
                   r"(?<![a-z])(?:ik|pole|target|ctrl|mch|roll|bank)(?![a-z])", re.IGNORECASE)
"""Bones below a foot that say nothing about its toes."""


_TOE = re.compile(r"toe|ball|zeh|orteil|dedo|dita|tenen|palce|palec|parmak|пальц|носок|つま先|足指|脚趾|발가락",
                  re.IGNORECASE)


def names_toes(name: str) -> bool:
    """Whether a bone's name has a word for toes."""
    return bool(_TOE.search(name))


def foot_bones(rig: TargetRig, bones: Mapping[str, tuple[int, ...]], side: str) -> list[int]:
    """Indices of the foot and the bones below it, without those (IK targets, roots) beyond a foot's length."""
    foot, shin = bones[f"{side}_foot"][0], bones[f"{side}_lower_leg"][0]
    reach = TUNING.foot_reach * np.linalg.norm(rig.heads[foot] - rig.heads[shin])
    return [bone for bone in rig.subtree(foot) if np.linalg.norm(rig.heads[bone] - rig.heads[foot]) < reach]


def no_heel(name: str) -> bool:
    """Whether a bone below a foot may be a toe by its name."""
    return not _HEEL.search(name)


def heelless_end(rig: TargetRig, bones: Mapping[str, tuple[int, ...]], side: str) -> np.ndarray:
    """(3,) world: the head of the toes, else of the foot's bones, heels left out, the one furthest from the ankle."""
    if bones.get(f"{side}_toes"):
        return rig.in_world(rig.heads[bones[f"{side}_toes"][0]])
    foot = foot_bones(rig, bones, side)
    foot = foot[:1] + [bone for bone in foot[1:] if no_heel(rig.bone_names[bone])]
    heads = rig.in_world(rig.heads[foot])
    return heads[np.argmax(np.linalg.norm(heads - heads[0], axis=-1))]


def end_tails(rig: TargetRig, bones: Mapping[str, tuple[int, ...]], side: str, up: np.ndarray) -> np.ndarray:
    """(N, 3) world: the tails of the foot's bones; those of end bones not further off than a foot can reach.

    up: (3,) unit, the body's up in the world.
    """
    below = foot_bones(rig, bones, side)
    heads, tails = rig.in_world(rig.heads[below]), rig.in_world(rig.tails[below])
    shin = float(np.linalg.norm(heads[0] - rig.in_world(rig.heads[bones[f"{side}_lower_leg"][0]])))
    parents = set(rig.parents.tolist())
    for number, bone in enumerate(below):
        if bone in parents:
            continue
        reach = tails[number] - heads[number]
        down = up * (reach @ up)
        parts = [_at_most(reach - down, TUNING.end_foot_ahead * shin), _at_most(down, TUNING.end_foot_down * shin)]
        tails[number] = heads[number] + sum(parts)
    return tails


def _at_most(vector: np.ndarray, length: float) -> np.ndarray:
    own = float(np.linalg.norm(vector))
    return vector if own <= length else vector * (length / own)
