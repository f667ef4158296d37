"""Bodies that do not walk on two legs: animals and machines whose form resembles a body, but whose names say otherwise.

They are refused, because a person's motion does not fit them.
"""

from __future__ import annotations

import re

import numpy as np

from ..core.errors import MocapError
from ..core.skeleton import SIDES
from ..maths.rotations import unit
from ..rigs.rig import TargetRig
from .bone_map import SIDED_PARTS
from .bone_name import numbered_tokens, part_of, side_of, tokens
from .tuning import TUNING

_NO_LIMB = {"wing", "fin", "antenna", "antennae", "feeler", "tail", "feather", "tentacle", "mandible", "hoof", "beak",
            "ear", "horn", "flipper", "pincer", "claw", "jaw"}
"""Words of parts that a person does not have."""
_WHICH_LEG = {"front", "back", "rear", "hind", "fore", "middle", "mid"}
"""Words by which animals with more than two legs tell these apart."""
_LEG_WORDS = {"leg", "legs", "thigh", "shin", "calf", "knee", "foot", "feet", "ankle", "hoof", "paw", "toe", "toes",
              "upleg", "upperleg", "lowerleg", "hip"}
_ARM_WORDS = {"arm", "arms", "hand", "elbow", "forearm", "wrist", "upperarm", "lowerarm", "clavicle", "shoulder",
              "finger", "thumb"}


def other_parts(bones: dict[str, tuple[str, ...]]) -> str:
    """The limb bones of a body by form whose names name another part, as text; "" if most names agree or say nothing.

    Other parts are those of animals (wings, front legs), legs for arms, and arms for legs. Names that are not those of
    a left and a right bone say nothing: they may be shuffled.
    """
    if not _named_in_pairs(bones):
        return ""
    limbs = {part: names[0] for part, names in bones.items() if part.startswith(SIDES)}
    told = {part: _named_otherwise(part, name) for part, name in limbs.items()}
    other = [part for part, otherwise in told.items() if otherwise]
    speaking = [part for part, otherwise in told.items() if otherwise is not None]
    if not other or len(other) < TUNING.other_words * len(speaking):
        return ""
    return ", ".join(f"{part}: {limbs[part]}" for part in other[:4]) + (" ..." if len(other) > 4 else "")


def _named_in_pairs(bones: dict[str, tuple[str, ...]]) -> bool:
    """Whether the bones of most parts have one name on both sides, but for the word of the side."""
    pairs = [[bones[f"{side}_{part}"][0] for side in SIDES] for part in SIDED_PARTS
             if all(bones.get(f"{side}_{part}") for side in SIDES)]
    same = [len({side_of(name) for name in pair} - {""}) == 2 and len({_sideless(name) for name in pair}) == 1
            for pair in pairs]
    return bool(same) and np.mean(same) >= TUNING.named_in_pairs


def _sideless(name: str) -> tuple[str, ...]:
    return tuple(word for word in numbered_tokens(re.sub("left|right", "", name, flags=re.IGNORECASE))
                 if not side_of(word))


def _named_otherwise(part: str, name: str) -> bool | None:
    """Whether a bone's name names another part than that of a limb; None where it says nothing."""
    words = set(tokens(name))
    legs, arms = words & _LEG_WORDS, words & _ARM_WORDS
    if words & _NO_LIMB or (words & _WHICH_LEG and legs):
        return True
    of_leg = part.split("_", 1)[1] in ("upper_leg", "lower_leg", "foot", "toes")
    if legs or arms:
        return not (legs if of_leg else arms)
    return False if part_of(name) else None


def require_two_legs(rig: TargetRig, bones: dict[str, tuple[str, ...]]) -> None:
    """Raise MocapError for a rest pose on four legs: the torso lies across the legs, and the arms point along them."""
    heads = rig.in_world(rig.heads)
    at = {part: heads[rig.index(names[0])] for part, names in bones.items() if names}
    hips, shoulders = (sum(at[f"{side}_upper_{limb}"] for side in SIDES) / 2 for limb in ("leg", "arm"))
    legs, arms = (unit(sum(at.get(f"{side}_{end}", at[f"{side}_lower_{limb}"]) - at[f"{side}_upper_{limb}"]
                           for side in SIDES)) for limb, end in (("leg", "foot"), ("arm", "hand")))
    across = np.degrees(np.arccos(np.clip(legs @ unit(hips - shoulders), -1, 1)))
    if TUNING.four_legs < across < 180 - TUNING.four_legs \
            and legs @ arms > np.cos(np.radians(TUNING.arms_as_legs)):
        raise MocapError(f"{rig.name}: it stands on four legs in its rest pose, so a person's motion does not fit it; "
                         "choose a character on two legs, or map the bones by hand and load that map")
