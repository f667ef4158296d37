"""Lists the characters of the shared data with their right bones, assigned by hand, for benchmarks/bone_maps.py."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SIDES = ("left", "right")


@dataclass(frozen=True)
class Truth:
    """The right bones of a character.

    table: convention of the limbs' names. middle: the rig's bones of hips, spine, neck and head. prefix: precedes every
    name. changed: names of parts that differ from the table; "" for a part that the rig lacks.
    """

    table: str
    middle: dict[str, tuple[str, ...]]
    prefix: str = ""
    changed: dict[str, str] = field(default_factory=dict)

    def bones(self) -> dict[str, tuple[str, ...]]:
        """Return part -> bone names."""
        module = importlib.import_module(f"anatomy_mocap.bone_maps.conventions.{self.table}")
        found = {part: tuple(self.prefix + name for name in names) for part, names in self.middle.items() if names}
        for side, word in zip(SIDES, module.SIDES, strict=True):
            for part, pattern in (module.SIDED | self.changed).items():
                pattern = pattern if isinstance(pattern, str) else pattern[0]
                if pattern:
                    found[f"{side}_{part}"] = (self.prefix + pattern.format(word),)
        return found


def _middle(hips: str, spine: str, neck: str, head: str) -> dict[str, tuple[str, ...]]:
    return {"hips": (hips,), "spine_chain": tuple(spine.split()), "neck": tuple(neck.split()), "head": (head,)}


_MIXAMO = _middle("Hips", "Spine Spine1 Spine2", "Neck", "Head")
_UNREAL = _middle("pelvis", "spine_01 spine_02 spine_03", "neck_01", "head")
_VRM = _middle("hips", "spine chest", "neck", "head")
_CMU = _middle("Hips", "LowerBack Spine Spine1", "Neck Neck1", "Head")
_MAKEHUMAN = _middle("root", "spine05 spine04 spine03 spine02 spine01", "neck01 neck02 neck03", "head")
_METARIG = _middle("spine", "spine.001 spine.002 spine.003", "spine.004 spine.005", "spine.006")
_MPFB_HUMAN = _middle("spine", "spine.001 spine.002 spine.003 spine.004", "spine.005", "spine.006")
_CONTROL = _middle("torso", "spine_fk.002 spine_fk.003", "neck", "head")
_DEFORM = _middle("DEF-spine", "DEF-spine.001 DEF-spine.002 DEF-spine.003", "DEF-spine.004 DEF-spine.005",
                  "DEF-spine.006")

FILES = {
    "mixamo": ("mixamo/animations-mixamo-default.glb", Truth("mixamo", _MIXAMO, "mixamorig_")),
    "unreal male": ("unreal/human-male.glb", Truth("unreal", _UNREAL)),
    "unreal female": ("unreal/human-female.glb", Truth("unreal", _UNREAL)),
    "rigify deform": ("rigify/human-skeleton.glb", Truth("rigify_deform", _middle(
        "DEF-hips", "DEF-spine.001 DEF-spine.002 DEF-spine.003", "DEF-neck", "DEF-head"))),
    "vrm 0": ("vrm/basic_armature.vrm", Truth("vrm", _VRM)),
    "vrm 1": ("vrm/basic_armature_vrm1.vrm", Truth("vrm", _VRM)),
    "quaternius": ("quaternius/Casual.glb", Truth("quaternius", _middle("Hips", "Abdomen Torso Chest", "Neck", "Head"),
                                                  changed={"toes": ""})),
    "gdquest": ("gdquest_mannequin/mannequiny-0.3.0.glb", Truth(
        "unreal", _middle("pelvis", "spine_01 spine_02", "neck_01", "head"),
        changed={"shoulder": "clavicle.{}", "upper_arm": "upperarm.{}", "lower_arm": "lowerarm.{}", "hand": "hand.{}",
                 "upper_leg": "thigh.{}", "lower_leg": "calf.{}", "foot": "foot.{}", "toes": "ball.{}"})),
    "cmu bvh": ("bvh/cmu_06_01.bvh", Truth("mixamo", _CMU)),
    "plain bvh": ("bvh/wave_hello.bvh", Truth("mixamo", _middle("Hips", "Spine Spine1 Spine2 Spine3", "Neck", "Head"))),
    "rokoko bvh": ("bvh/rokoko_dance.bvh", Truth("mixamo", _MIXAMO)),
}
MPFB = {
    "default": Truth("makehuman", _MAKEHUMAN), "default_no_toes": Truth("makehuman", _MAKEHUMAN),
    "game_engine": Truth("unreal", _UNREAL), "game_engine_with_breast": Truth("unreal", _UNREAL),
    "cmu_mb": Truth("mixamo", _CMU), "mixamo": Truth("mixamo", _MIXAMO, "mixamorig:"),
    "mixamo_unity": Truth("mixamo", _MIXAMO, "mixamorig:"), "human": Truth("rigify_metarig", _MPFB_HUMAN),
    "human_toes": Truth("rigify_metarig", _MPFB_HUMAN),
}
RIGIFY = {"human": "armature_human_metarig_add", "basic": "armature_basic_human_metarig_add"}
NO_BODY = {"rokoko bvh"}
"""Characters whose rest pose lies along one axis. They can be mapped by names only."""


def zoo(data: Path) -> Iterator[tuple[str, object, dict, str | None]]:
    """Yield (name, TargetRig, right bones, convention to ask for or None) of every character, by the bpy module."""
    import bpy

    from anatomy_mocap.blender.files.rig_files import load_rig
    from anatomy_mocap.blender.rigs.armature import read_rig
    from tests.support.blender_armatures import mpfb_armature

    for name, (file, truth) in FILES.items():
        bpy.ops.wm.read_homefile(use_empty=True)
        yield name, read_rig(load_rig(data / file)), truth.bones(), None
    for name, truth in MPFB.items():
        bpy.ops.wm.read_homefile(use_empty=True)
        yield f"mpfb {name}", read_rig(mpfb_armature(data / f"mpfb2/rig.{name}.json")), truth.bones(), None
    yield from _rigify()


def _rigify() -> Iterator[tuple[str, object, dict, str | None]]:
    """Yield Rigify's metarigs and generated rigs in the same form."""
    import addon_utils
    import bpy

    from anatomy_mocap.blender.rigs.armature import read_rig

    bpy.ops.wm.read_homefile(use_empty=True)
    addon_utils.enable("rigify", default_set=True)
    for name, operator in RIGIFY.items():
        getattr(bpy.ops.object, operator)()
        yield f"rigify {name} metarig", read_rig(bpy.context.object), Truth("rigify_metarig", _METARIG).bones(), None
        bpy.ops.pose.rigify_generate()
        bpy.context.view_layer.update()
        rig = read_rig(bpy.context.object)
        yield f"rigify {name} controls", rig, Truth("rigify_control", _CONTROL).bones(), None
        yield f"rigify {name} deform", rig, Truth("rigify_deform", _DEFORM).bones(), "rigify_deform"
