"""Keys on an armature from a motion: the one way from rotations to keys, for takes and for other armatures."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

import bpy
import numpy as np

from ..bone_maps.bone_map import BoneMap
from ..core.motion import Motion
from ..core.progress import Progress, drain
from ..hands.finger_angles import FingerPoses
from ..retargeting.retarget import BoneKeys, Floor, retarget
from ..retargeting.rig_detail import RigDetail
from ..retargeting.twist_bones import twist_bone_names
from ..rigs.rig import TargetRig
from ..rigs.sides import swap_warnings
from ..settings import KeySettings, RetargetSettings
from ..sparse_keys.key_plan import KeyPlan
from ..sparse_keys.rotation_channels import rotation_channels
from .keys.body_parts import keys_of_parts
from .keys.constraints_and_drivers import bake_through, constraint_switches, constraints_off, driver_warnings
from .keys.finger_keys import finger_keys
from .keys.ik_controls import ik_keys, stretch_curves
from .keys.key_places import rewrite_curves, starting_at, write_curves
from .keys.keyframes import bone_curves, bone_path, clear_unkeyed, require_editable, to_rest
from .keys.plan_keys import Channels, Marks, channels_of, empty_frames, plan_keys
from .rigs.armature import read_rig
from .rigs.control_rig import Controls, bones_above, is_control_rig, read_controls
from .rigs.ik_limbs import IkLimb, find_ik
from .rigs.played_action import unseen_warnings

_AS_USUAL = KeySettings()


@dataclass(frozen=True)
class Performed:
    """The result of `perform`. action: the one with the keys. bones: how many are keyed. frames: (T,) scene frames.

    keys: the rotations and locations of the keys, local to the bones of `rig`: those of the character, with the
        effective parents of a control rig.
    first: whether it is the first result of its take on this character.
    empty: (T,) bool, frames without keys; None for none.
    """

    action: bpy.types.Action
    bones: int
    frames: np.ndarray
    warnings: tuple[str, ...]
    keys: BoneKeys
    rig: TargetRig
    first: bool = True
    empty: np.ndarray | None = None


def perform(armature: bpy.types.Object, rig: TargetRig, bone_map: BoneMap, motion: Motion, frames: np.ndarray,
            name: str, settings: KeySettings = _AS_USUAL, placing: RetargetSettings | None = None,
            detail: RigDetail | None = None, marks: Marks | None = None,
            fingers: FingerPoses | bool = False, floor: Floor | None = None) -> Performed:
    """`performing` to its end at once."""
    return drain(performing(armature, rig, bone_map, motion, frames, name, settings, placing, detail, marks, fingers,
                            floor))


def performing(armature: bpy.types.Object, rig: TargetRig, bone_map: BoneMap, motion: Motion, frames: np.ndarray,
               name: str, settings: KeySettings = _AS_USUAL, placing: RetargetSettings | None = None,
               detail: RigDetail | None = None, marks: Marks | None = None,
               fingers: FingerPoses | bool = False,
               floor: Floor | None = None) -> Generator[Progress, None, Performed]:
    """Key `armature` with `motion` at (T,) scene frames; MocapError, with nothing changed, where that is impossible.

    rig: `read_rig(armature)`. bone_map: its bones. name: that of a new action. detail: of a motion read from a rig.
    floor: the character's skin, see `retarget`.
    marks: what the motion says about its frames, for the types of the keys.
    fingers: the poses of a take's fingers at these frames; True if they are not known; False for a source that is no
        take, where fingers keep their pose.
    Sparse keys are found in small steps, before anything is written; but keys through constraints (bake) are written
    twice.
    """
    require_editable(armature)
    placing = placing or RetargetSettings()
    frames = starting_at(np.asarray(frames, dtype=float), settings.start_frame)
    controls, limbs = _controls(armature, rig, bone_map, settings)
    if controls:  # the mechanism of a control rig distributes the twist itself
        placing = replace(placing, twist_bones=False)
    whole = retarget(motion, controls.rig if controls else rig, bone_map, placing, detail, floor)
    keys = keys_of_parts(whole, bone_map.bones, settings.parts)
    curves = bone_curves(armature, keys)
    keyed, extra = set(keys.bone_names), []
    if controls:
        limbs = [limb for limb in limbs if limb.upper in keyed]
        extra = ik_keys(controls.rig, whole, limbs) if limbs else []
        keyed |= {each[0] for each in extra}
        curves += _curves_of(armature, extra) + stretch_curves(armature, limbs)
        curves += _switch_curves(armature, controls, settings, keyed)
    poses = fingers if isinstance(fingers, FingerPoses) else None
    if poses is not None or (fingers and placing.relaxed_fingers):
        curled = finger_keys(armature, rig, bone_map, settings, poses)
        curves += _curves_of(armature, curled)
        extra = [*extra, *(curled if poses is not None else ())]  # one key of a relaxed finger can't become fewer
    own_rig = controls.rig if controls else rig
    channels = channels_of(keys, extra, bone_map.bones, {bone.name: bone.rotation_mode for bone in armature.pose.bones},
                           {control: part for limb in limbs for part, names in bone_map.bones.items()
                            if limb.upper in names for control in limb.controls})
    action, updated = yield from _write(armature, rig, own_rig, keys, curves, channels, frames, name, settings, marks)
    if updated:
        to_rest(armature, updated.removed)
    anew = updated is None or updated.first_whole
    if settings.destination in ("NEW", "UPDATE") and settings.parts is None and anew:
        above = set(controls.above) - keyed if controls else None
        clear_unkeyed(armature, keys, above, () if controls else twist_bone_names(rig, bone_map.bones))
    _show(armature)
    warnings = [*bone_map.warnings, *swap_warnings(rig, bone_map.bones),
                *(controls.warnings if controls else ()), *driver_warnings(armature, keyed),
                *unseen_warnings(armature, settings.destination == "NLA"), *(updated.warnings if updated else ())]
    return Performed(action, len(keyed), frames, tuple(dict.fromkeys(warnings)), keys, own_rig,
                     empty=empty_frames(settings, marks))


def _controls(armature, rig: TargetRig, bone_map: BoneMap,
              settings: KeySettings) -> tuple[Controls | None, list[IkLimb]]:
    """The control rig, where constraints or drivers move the mapped bones, and its IK limbs to be keyed."""
    if not is_control_rig(armature, rig, bone_map.bones):
        return None, []
    limbs = find_ik(armature, bone_map.bones) if settings.wants_ik else []
    off = [name for names in bone_map.bones.values() for name in names] if settings.constraints == "OFF" else []
    with constraints_off(armature, off):
        return read_controls(armature, read_rig(armature) if off else rig, bone_map.bones, limbs), limbs


def _curves_of(armature, channels) -> list[tuple[str, str, np.ndarray]]:
    """Curves of (bone, (T, 4) turns, (T, 3) places or None)."""
    curves = []
    for name, turns, places in channels:
        path, values = rotation_channels(turns, armature.pose.bones[name].rotation_mode)
        curves.append((name, f"{bone_path(name)}.{path}", values))
        if places is not None:
            curves.append((name, f"{bone_path(name)}.location", places))
    return curves


def _switch_curves(armature, controls: Controls, settings: KeySettings, keyed: set[str]):
    """One key for each switch that concerns keyed bones."""
    near = bones_above(armature, keyed)
    curves = []
    for switch in controls.switches:
        if switch.concerns & near:
            value = switch.other if switch.kind == "limb" and settings.limbs == "IK" else switch.value
            curves.append((switch.bone or armature.name, switch.path, np.array([[float(value)]])))
    return curves


def _write(armature, rig: TargetRig, own_rig: TargetRig, keys: BoneKeys, curves, channels: list[Channels], frames,
           name: str, settings: KeySettings, marks: Marks | None):
    """Write the curves; with "BAKE", replace them by the pose that the constraints give, and key these off.

    own_rig: the rig with its effective parents. Returns what `write_curves` does.
    """
    if settings.constraints == "OFF":
        curves = curves + constraint_switches(armature, keys.bone_names)
    off = constraint_switches(armature, keys.bone_names) if settings.constraints == "BAKE" else []
    first = replace(settings, density="DENSE") if off else settings  # what is baked is reduced afterwards
    plan = yield from _plan(own_rig, channels, frames, first, marks)
    require_editable(armature)  # the user may have changed it meanwhile
    action, updated = write_curves(armature, curves, frames, name, settings, plan)
    if not off:
        return action, updated
    baked = bake_through(armature, rig, keys.bone_names, frames)
    parts = {one.name: one for one in channels}
    now = [parts[name]._replace(turns=turns, places=places) for name, turns, places in baked]
    others = [one for one in channels if one.name not in {name for name, _, _ in baked}]
    curves_now = _curves_of(armature, baked)
    paths = {path for _, path, _ in curves_now}
    kept = [curve for curve in curves if curve[1] not in paths]
    plan = drain(_plan(rig, now + others, frames, settings, marks))  # no step: half of the result is written
    rewrite_curves(armature, action, kept + curves_now + off, frames, settings, plan)
    return action, updated


def _plan(rig: TargetRig, channels: list[Channels], frames, settings: KeySettings,
          marks: Marks | None) -> Generator[Progress, None, KeyPlan]:
    paths = {}
    for one in channels:
        own = bone_path(one.name)
        turn = [f"{own}.{rotation_channels(one.turns[:1], one.mode)[0]}"] if one.turns is not None else []
        paths[one.name] = turn + ([f"{own}.location"] if one.places is not None else [])
    return (yield from plan_keys(channels, paths, rig, frames, settings, marks))


def _show(armature) -> None:
    """Evaluate the new keys at the scene's current frame."""
    scene = bpy.context.scene
    armature.update_tag()
    scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)
