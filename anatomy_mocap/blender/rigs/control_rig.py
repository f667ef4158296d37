"""Control rigs: the effective parents of their controls, and the switches by which the controls move the character.

Keys go on FK controls. Their parents are often mechanism bones that constraints move, so the hierarchy alone does not
give the effect of a key. It is found by trial: set the switches to FK, pose the controls at random a few times, and
take each mechanism bone that follows one control rigidly as its child. The result is a TargetRig like that of a plain
skeleton, for which retargeting is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import bpy
import numpy as np

from ...rigs.forward_kinematics import pose_matrices
from ...rigs.rig import TargetRig
from .deform_trial import deform_twins, switches_by_deform
from .drivers import driven_bones, driven_constraints
from .ik_limbs import IkLimb
from .pose_state import at_rest, evaluate, posed, set_rotation
from .rigid_links import is_rigid, part_of_rig, rehung, rigid_parents, without_scale
from .switches import Switch, find_switches

_POSES = 2
"""Number of random poses. Chosen: a second one excludes coincidences of the first."""
_SWING = 0.5
"""Largest trial rotation about each axis, in radians. Guessed: large enough to move everything, within usual limits."""
_STEP = 0.05
"""Largest trial displacement of the bones that move the whole body, as a share of the rig's size. Guessed."""


@dataclass(frozen=True)
class Controls:
    """A control rig as retargeting needs it.

    rig: a TargetRig whose bones have their effective parents. switches: properties to set and key.
    above: names of bones whose pose moves the keyed bones (ancestors and targets of constraints); they must be at rest.
    fought: mapped bones whose keys constraints or drivers change. unclear: bones that follow no control rigidly.
    idle: mapped bones that do not move the deforming bone at their place.
    """

    rig: TargetRig
    switches: tuple[Switch, ...]
    above: tuple[str, ...]
    fought: tuple[str, ...]
    unclear: tuple[str, ...]
    idle: tuple[str, ...]

    @property
    def warnings(self) -> list[str]:
        """Warnings for the user, one sentence each."""
        found = []
        for names, what in ((self.fought, "constraints or drivers change the pose of these keyed bones: {}; switch "
                             "the constraints off, or bake through them"),
                            (self.unclear, "these bones follow several others at once, so their children are not "
                             "exact: {}; check them"),
                            (self.idle, "these controls do not move the character now: {}; set its switches to FK")):
            if names:
                shown = ", ".join(f"{name}{_constraints(self.rig, name)}" for name in names[:4])
                found.append(what.format(shown + (f" and {len(names) - 4} more" if len(names) > 4 else "")))
        return found


def _constraints(rig: TargetRig, name: str) -> str:
    return f" ({', '.join(rig.constraints[name])})" if rig.constraints.get(name) else ""


def bones_above(armature: bpy.types.Object, names: Iterable[str]) -> set[str]:
    """The named bones and all bones that move them: their ancestors, and the targets of constraints."""
    bones, found, waiting = armature.pose.bones, set(), list(names)
    while waiting:
        name = waiting.pop()
        if name in found or name not in bones:
            continue
        found.add(name)
        bone = bones[name]
        waiting += [bone.parent.name] if bone.parent else []
        for constraint in bone.constraints:
            targets = constraint.targets if constraint.type == "ARMATURE" else [constraint]
            waiting += [each.subtarget for each in targets if getattr(each, "target", None) == armature]
    return found


def is_control_rig(armature: bpy.types.Object, rig: TargetRig, mapped: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether constraints or drivers move the mapped bones."""
    names = _names(mapped)
    above = bones_above(armature, names)
    return bool(above & (set(rig.constraints) | driven_bones(armature))) or _switched(armature, rig, names)


def _switched(armature, rig: TargetRig, names: Iterable[str]) -> bool:
    """Whether properties choose if the mapped bones, which deform nothing themselves, move the character."""
    controls = {name for name in names if name in rig.indices and not rig.deform[rig.index(name)]}
    if not controls or not driven_constraints(armature):
        return False
    return any(getattr(each, "target", None) == armature and each.subtarget in controls
               for bone in armature.pose.bones for each in bone.constraints if hasattr(each, "subtarget"))


def read_controls(armature: bpy.types.Object, rig: TargetRig, mapped: Mapping[str, tuple[str, ...]],
                  limbs: Sequence[IkLimb] = ()) -> Controls:
    """Find by trial how the mapped controls move the character; afterwards the scene is as before.

    rig: `read_rig(armature)`. mapped: part -> names of its bones. limbs: those whose controls are keyed too.
    """
    extra = [name for limb in limbs for name in limb.controls]
    names = [name for name in dict.fromkeys((*_names(mapped), *extra)) if name in rig.indices]
    above = bones_above(armature, names)
    with at_rest(armature):
        driven = driven_constraints(armature)
        switches = find_switches(armature, driven, _wants_fk(mapped, above), "limb")
        switches += find_switches(armature, driven, _wants_poles(limbs), "pole") if limbs else []
        trial = _try_out(armature, rig, names, switches)
        unclear = _unclear(trial, names)
        if unclear:
            switches += _freed(armature, unclear, switches)
            trial = _try_out(armature, rig, names, switches)
            unclear = _unclear(trial, names)
        if idle := _idle(trial, _names(mapped)):
            switches = _woken(armature, rig, names, idle, driven, switches)
            trial = _try_out(armature, rig, names, switches)
            unclear = _unclear(trial, names)
    return Controls(trial.hung, tuple(switches), tuple(sorted(above)), _fought(trial, _names(mapped)), tuple(unclear),
                    _idle(trial, _names(mapped)))


def _names(mapped: Mapping[str, tuple[str, ...]]) -> list[str]:
    return list(dict.fromkeys(name for names in mapped.values() for name in names))


def _wants_fk(mapped: Mapping, above: set[str]):
    """A score for `find_switches`: constraints to FK controls are wanted, competing ones are not."""
    controls = set(_names(mapped))

    def score(bone: str, constraint: bpy.types.Constraint) -> float:
        target = getattr(constraint, "subtarget", "")
        if bone in controls:
            return -1.0  # an IK or copy of the keyed bone itself
        if bone in above:
            return 0.0
        if target in controls:
            return 1.0 if constraint.type != "IK" else 0.0
        rivals = [each for each in constraint.id_data.pose.bones[bone].constraints if each != constraint]
        return -1.0 if any(getattr(each, "subtarget", "") in controls for each in rivals) else 0.0

    return score


def _wants_poles(limbs):
    """A score for `find_switches`: the IK constraint with a pole is wanted, other ones of its bone are not."""
    chains = dict(limb.chain for limb in limbs if limb.pole)

    def score(bone: str, constraint: bpy.types.Constraint) -> float:
        if bone not in chains or constraint.type != "IK":
            return 0.0
        return 1.0 if constraint.name == chains[bone] else -1.0

    return score


def _woken(armature, rig: TargetRig, names: list[str], idle: Iterable[str], driven: dict,
           switches: list[Switch]) -> list[Switch]:
    """The switches with those ends at which the deform bones follow the idle controls, found by moving these."""
    movers = _movers(armature, rig, names)
    controls = list(dict.fromkeys([*names, *movers]))
    return switches_by_deform(armature, rig, idle, driven, switches, lambda bones: bones_above(armature, bones),
                              lambda: _random_poses(armature, rig, controls, movers)[0])


def _freed(armature, unclear: list[str], switches: list[Switch]) -> list[Switch]:
    """Switches that free the unclear bones from whatever moves them besides their parents."""
    taken = {(each.bone, each.name) for each in switches}
    driven = {key: [pair for pair in pairs if pair[0] in unclear]
              for key, pairs in driven_constraints(armature).items() if key not in taken}
    return find_switches(armature, {key: pairs for key, pairs in driven.items() if pairs}, lambda *_: -1.0, "follow")


@dataclass(frozen=True)
class _Trial:
    """Random poses as Blender evaluated them, in the order of `rig`, and the result.

    hung: the rig with effective parents. change: bone -> largest change relative to its effective parent.
    part: the P bones of `hung` that the controls need. expected: (K, P, 4, 4) poses computed with `part`.
    """

    rig: TargetRig
    hung: TargetRig
    rest: np.ndarray
    poses: np.ndarray
    change: dict[str, float]
    part: TargetRig
    expected: np.ndarray


def _try_out(armature, rig: TargetRig, names: list[str], switches: list[Switch]) -> _Trial:
    for switch in switches:
        switch.set_on(armature, switch.value)
    evaluate(armature)
    rest = posed(armature)
    movers = _movers(armature, rig, names)
    controls = list(dict.fromkeys([*names, *movers]))
    poses, turns, steps = _random_poses(armature, rig, controls, movers)
    driven = driven_bones(armature)
    loose = np.array([bone for bone, name in enumerate(rig.bone_names) if name in rig.constraints or name in driven],
                     dtype=int)
    leaders = [rig.index(name) for name in controls if name not in rig.constraints]
    parents, change = rigid_parents(rest, poses, loose, leaders)
    hung = rehung(rig, rest, {int(bone): int(parent) for bone, parent, off in zip(loose, parents, change, strict=True)
                              if is_rigid(off)})
    part = part_of_rig(hung, names)
    expected = pose_matrices(part, _in_order(rig, part, turns), _in_order(rig, part, steps))
    return _Trial(rig, hung, rest, poses, {rig.bone_names[bone]: float(off) for bone, off in
                                           zip(loose, change, strict=True)}, part, expected)


def _in_order(given: TargetRig, wanted: TargetRig, values: np.ndarray) -> np.ndarray:
    """(K, B, ...) values by the bones of `given` in the order of the bones of `wanted`."""
    return values[:, [given.index(name) for name in wanted.bone_names]]


def _movers(armature, rig: TargetRig, names: list[str]) -> list[str]:
    """Unmapped controls above all mapped bones: one of them may move the whole body."""
    shared = set.intersection(*(bones_above(armature, [name]) for name in names))
    driven = driven_bones(armature)
    return [name for name in rig.bone_names if name in shared and name not in rig.constraints and name not in driven]


def _random_poses(armature, rig: TargetRig, controls: list[str], movers: list[str]):
    """(poses (K, B, 4, 4), local turns (K, B, 4), local steps (K, B, 3)) of the trials; the pose ends at rest."""
    rng = np.random.default_rng(1)
    size = float(np.ptp(rig.heads, axis=0).max())
    turns, steps = np.zeros((_POSES, len(rig), 4)), np.zeros((_POSES, len(rig), 3))
    turns[..., 0] = 1.0
    poses = []
    for trial in range(_POSES):
        for name in controls:
            bone, index = armature.pose.bones[name], rig.index(name)
            half = rng.uniform(-_SWING, _SWING, 3) / 2
            turn = np.array([1.0, *half])
            turns[trial, index] = turn / np.linalg.norm(turn)
            set_rotation(bone, turns[trial, index])
            if name in movers and not bone.bone.use_connect:
                steps[trial, index] = rng.uniform(-_STEP, _STEP, 3) * size
                bone.location = steps[trial, index]
        evaluate(armature)
        poses.append(posed(armature))
    for name in controls:
        set_rotation(armature.pose.bones[name], (1, 0, 0, 0))
        armature.pose.bones[name].location = (0, 0, 0)
    evaluate(armature)
    return np.stack(poses), turns, steps


def _unclear(trial: _Trial, names: list[str]) -> list[str]:
    """Bones between the controls and the root that follow nothing rigidly."""
    rig = trial.part
    lineage = {rig.bone_names[bone] for name in names for bone in rig.lineage(rig.index(name))[1:]}
    return [name for name, off in trial.change.items() if name in lineage and not is_rigid(off)]


def _fought(trial: _Trial, names: list[str]) -> tuple[str, ...]:
    """Mapped bones whose pose is not the one of their keys, although their ancestors are right."""
    part, size = trial.part, float(np.ptp(trial.rest[:, :3, 3], axis=0).max())
    off = np.abs(without_scale(_in_order(trial.rig, part, trial.poses)) - trial.expected)
    off[..., :3, 3] /= size
    wrong = ~is_rigid(off.max(axis=(0, 2, 3)))
    return tuple(name for name in names if wrong[part.index(name)]
                 and not wrong[part.lineage(part.index(name))[1:]].any())


def _idle(trial: _Trial, names: list[str]) -> tuple[str, ...]:
    """Mapped bones that leave the head of their deforming bone when they are posed."""
    rig, found = trial.rig, []
    near = 1e-3 * float(np.ptp(trial.rest[:, :3, 3], axis=0).max())
    for name, same in deform_twins(rig, names, trial.rest[:, :3, 3]).items():
        bone = rig.index(name)
        off = np.linalg.norm(trial.poses[:, same, :3, 3] - trial.poses[:, [bone], :3, 3], axis=-1).max(axis=0)
        if off.min() > near:
            found.append(name)
    return tuple(found)
