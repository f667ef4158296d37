"""Which end of a switch lets the deform bones follow the keyed controls, found by moving the controls."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import bpy
import numpy as np

from ...rigs.rig import TargetRig
from .pose_state import evaluate, posed
from .switches import Switch, ends_of

_BETTER = 0.02
"""Least difference between the ends of a switch, radians and rig sizes, mean of its bones. Guessed."""

Pose = Callable[[], np.ndarray]
"""Poses the controls by trial; gives (K, B, 4, 4)."""


def deform_twins(rig: TargetRig, names: Iterable[str], heads: np.ndarray) -> dict[str, np.ndarray]:
    """Name of a control that deforms nothing -> indices of the deform bones at its place. heads: (B, 3) at rest."""
    deforming = np.flatnonzero(rig.deform)
    near = 1e-3 * float(np.ptp(heads, axis=0).max())
    found = {}
    for name in names:
        bone = rig.index(name)
        same = deforming[np.linalg.norm(heads[deforming] - heads[bone], axis=-1) < near]
        if len(same) and bone not in same:
            found[name] = same
    return found


def switches_by_deform(armature: bpy.types.Object, rig: TargetRig, idle: Iterable[str], driven: dict,
                       switches: list[Switch], above: Callable[[Iterable[str]], set[str]],
                       pose: Pose) -> list[Switch]:
    """The switches, with those of idle controls at the end at which the deform bones follow these controls.

    idle: names of controls that do not move the character. driven: see `driven_constraints`. above: see
    `control_rig.bones_above`. The present values of other properties stay.
    """
    twins = deform_twins(rig, idle, rig.heads)
    over = {name: above([rig.bone_names[bone] for bone in same]) for name, same in twins.items()}
    chosen = {(each.bone, each.name): each for each in switches}
    for key, pairs in driven.items():
        concerned = [name for name, bones in over.items() if bones & {bone for bone, _ in pairs}]
        ends = ends_of(armature, *key)
        if not concerned or not ends or (key in chosen and chosen[key].kind != "limb"):
            continue
        owner = armature.pose.bones[key[0]] if key[0] else armature
        before, errors = owner[key[1]], []
        for end in ends:
            Switch(*key, 0.0, 0.0).set_on(armature, end)
            evaluate(armature)
            errors.append(_error(rig, posed(armature), pose(), {name: twins[name] for name in concerned}))
        if abs(errors[0] - errors[1]) > _BETTER:
            better = int(errors[1] < errors[0])
            chosen[key] = Switch(*key, ends[better], ends[1 - better], "limb", frozenset(concerned))
            before = chosen[key].value
        Switch(*key, 0.0, 0.0).set_on(armature, before)
        evaluate(armature)
    return list(chosen.values())


def _error(rig: TargetRig, rest: np.ndarray, poses: np.ndarray, twins: dict[str, np.ndarray]) -> float:
    """How far the deform bones are off the movement of their controls: radians and rig sizes, mean of the controls."""
    size, errors = float(np.ptp(rest[:, :3, 3], axis=0).max()), []
    for name, same in twins.items():
        bone = rig.index(name)
        moved = poses[:, bone] @ np.linalg.inv(rest[bone])
        own = poses[:, same] @ np.linalg.inv(rest[same])
        off = np.linalg.norm(own[..., :3, :3] - moved[:, None, :3, :3], axis=(-2, -1)) / np.sqrt(2)
        away = np.linalg.norm(poses[:, same, :3, 3] - poses[:, [bone], :3, 3], axis=-1) / size
        errors.append(float((off + away).mean(axis=0).min()))
    return float(np.mean(errors))
