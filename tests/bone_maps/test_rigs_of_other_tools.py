"""Rigs of tools and games with their own names and additional bones; most have no table of their own.

No bone may be wrong without a flag for any change of the names; with the original names none is wrong.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from anatomy_mocap.bone_maps.bone_map import PARTS
from anatomy_mocap.bone_maps.match import match
from anatomy_mocap.rigs.rig import make_rig
from tests.support.rigs_of_other_tools import all_foreign, foreign

BY_FORM_OR_WORDS = {"mgear": 9, "numbered_limbs": 6, "extruded": 2}
"""Rigs with little evidence in names -> the most right bones that may be flagged."""
STYLES = {
    "upper": str.upper,
    "namespace": lambda name: f"model:{name}",
    "two namespaces": lambda name: f"scene:model:{name}",
    "numbered duplicates": lambda name: f"{name}.001",
    "armature before": lambda name: f"Armature_{name}",
    "gltf": lambda name: re.sub(r"[\s.:]", "_", name),
}


def wrong_parts(found, right) -> dict:
    """Return part -> (found, right) of all differing parts."""
    return {part: (found.bones.get(part), right.get(part)) for part in PARTS
            if found.bones.get(part) != right.get(part)}


@pytest.mark.parametrize("name", all_foreign())
def test_mapped_right(name):
    made = foreign(name)
    found = match(made.rig)
    assert not wrong_parts(found, made.bones)
    assert len(found.doubtful) <= BY_FORM_OR_WORDS.get(name, 2 if name.startswith("words") else 0), found.doubtful


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", all_foreign())
def test_no_style_of_names_misleads(name, style):
    made = foreign(name, STYLES[style])
    found = match(made.rig)
    unflagged = {part: bones for part, bones in wrong_parts(found, made.bones).items()
                 if bones[0] and not set(bones[0]) & set(found.doubtful)}
    assert not unflagged


def test_a_face_of_hundreds_of_bones_changes_nothing():
    """As in MetaHuman: by names, and by form without usable names."""
    made = foreign("metahuman")
    rig, face = made.rig, made.rig.index("FACIAL_C_FacialRoot")
    count, random = 300, np.random.default_rng(0)
    rest = np.tile(np.eye(4), (count, 1, 1))
    rest[:, :3, 3] = rig.heads[face] + random.normal(0, 0.05, (count, 3))
    names = (*rig.bone_names, *(f"FACIAL_{number}" for number in range(count)))
    big = make_rig("big", names, [*rig.parents, *[face] * count], np.concatenate([rig.rest, rest]),
                   np.concatenate([rig.lengths, np.full(count, 0.01)]))
    assert match(big).bones == made.bones
    called = {name: f"b{number}" for number, name in enumerate(names)}
    found = match(replace(big, bone_names=tuple(called.values())))
    right = {part: tuple(called[name] for name in bones) for part, bones in made.bones.items()}
    assert not [part for part, (bones, _) in wrong_parts(found, right).items()
                if bones and not set(bones) & set(found.doubtful)]
