"""The tables of all conventions. If two fit a rig equally well, the earlier one wins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

from ..bone_name import plain, without_prefix
from . import (
    acclaim,
    advanced_skeleton,
    arkit,
    auto_rig_pro,
    auto_rig_pro_control,
    azure_kinect,
    biovision,
    biped,
    call_of_duty,
    cascadeur,
    cats,
    character_creator,
    cloudrig_control,
    cloudrig_deform,
    cmu,
    daz_genesis,
    daz_genesis8,
    daz_genesis9,
    final_fantasy,
    ipi,
    kaykit,
    kinect,
    makehuman,
    mixamo,
    mmd,
    mmd_english,
    mmd_tools,
    optitrack,
    own_take,
    quaternius,
    rigify_control,
    rigify_deform,
    rigify_metarig,
    roblox,
    rokoko,
    second_life,
    skyrim,
    smpl,
    smplx,
    source2,
    source_engine,
    synty,
    unity_humanoid,
    unreal,
    vrm,
    vroid,
    witcher,
    xnalara,
    xsens,
)


@dataclass(frozen=True)
class Convention:
    """One convention of bone names.

    name: its module's name. label: its name for display. bones: part -> possible names of its bones. If a part is a
    single bone, the first name that the rig contains counts, since the versions of a tool differ.
    controls: whether the bones are an animator's FK controls, which move the skeleton by constraints.
    needs: names of bones that a rig must have, where other conventions use these names for other bones.
    """

    name: str
    label: str
    bones: dict[str, tuple[str, ...]]
    controls: bool = False
    needs: tuple[str, ...] = ()

    @cached_property
    def spelled(self) -> tuple[dict[str, tuple[str, ...]], ...]:
        """Part -> normalised names of its bones: with the convention's prefix and, if it has one, without."""
        whole = {part: tuple(map(plain, names)) for part, names in self.bones.items()}
        bare = {part: tuple(plain(without_prefix(name)) for name in names) for part, names in self.bones.items()}
        return (whole,) if bare == whole else (whole, bare)


def _read(module: ModuleType) -> Convention:
    bones = dict(module.CENTRE)
    for side, word in zip(("left", "right"), module.SIDES, strict=True):
        for part, patterns in module.SIDED.items():
            patterns = (patterns,) if isinstance(patterns, str) else patterns
            bones[f"{side}_{part}"] = tuple(pattern.format(word) for pattern in patterns)
    return Convention(module.__name__.rpartition(".")[2], module.LABEL, bones, getattr(module, "CONTROLS", False),
                      getattr(module, "NEEDS", ()))


CONVENTIONS = tuple(map(_read, (
    mixamo, unreal, rigify_control, auto_rig_pro_control, cloudrig_control, rigify_deform, rigify_metarig,
    unity_humanoid, vrm, vroid, makehuman, cmu, acclaim, daz_genesis8, daz_genesis9, daz_genesis, character_creator,
    biped, smpl, smplx, rokoko, xsens, quaternius, kaykit, auto_rig_pro, cloudrig_deform, advanced_skeleton, cascadeur,
    second_life, roblox, mmd, mmd_tools, mmd_english, own_take, cats, biovision, optitrack, kinect,
    azure_kinect, synty, call_of_duty, xnalara, final_fantasy, source_engine, source2, witcher, skyrim, ipi, arkit)))
