"""Relaxed fingers: on made hands of any rest pose, roll and side."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.bone_maps.bone_map import FINGERS, BoneMap
from anatomy_mocap.bone_maps.fingers import find_fingers
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.hands.finger_pose import relaxed_fingers, rest_bends
from anatomy_mocap.hands.finger_rest import read_hands
from anatomy_mocap.hands.tuning import TUNING
from anatomy_mocap.maths.rotations import apply
from anatomy_mocap.rigs.rig import make_rig

OFFSETS = {"index": 0.03, "middle": 0.01, "ring": -0.01, "pinky": -0.03}


def hands_rig(bend=0.0, splay=0.0, seed=0, world=None, words=FINGERS):
    """A body of single bones with five fingers of three bones a hand, in a T-pose, palms down; the rolls are random.

    bend, splay: degrees, of each joint and of each finger away from the middle. words: the fingers' names.
    """
    rng, names, parents, rest, lengths = np.random.default_rng(seed), [], [], [], []

    def bone(name, parent, head, way, length):
        way = np.array(way, float) / np.linalg.norm(way)
        across = np.cross(way, rng.normal(size=3))
        across /= np.linalg.norm(across)
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = np.array([across, way, np.cross(across, way)]).T, head
        names.append(name)
        parents.append(names.index(parent) if parent else -1)
        rest.append(matrix)
        lengths.append(length)
        return np.array(head) + way * length

    bone("Hips", "", (0, 0, 1), (0, 0, 1), 0.3)
    bone("Chest", "Hips", (0, 0, 1.3), (0, 0, 1), 0.3)
    for side, x in (("left", 1.0), ("right", -1.0)):
        bone(f"{side} thigh", "Hips", (0.1 * x, 0, 1), (0, 0, -1), 0.45)
        bone(f"{side} shin", f"{side} thigh", (0.1 * x, 0, 0.55), (0, 0, -1), 0.45)
        bone(f"{side} foot", f"{side} shin", (0.1 * x, 0, 0.1), (0, -1, -0.4), 0.2)
        bone(f"{side} arm", "Chest", (0.2 * x, 0, 1.5), (x, 0, 0), 0.3)
        bone(f"{side} forearm", f"{side} arm", (0.5 * x, 0, 1.5), (x, 0, 0), 0.25)
        bone(f"{side} hand", f"{side} forearm", (0.75 * x, 0, 1.5), (x, 0, 0), 0.09)
        at, above = (0.78 * x, -0.03, 1.49), f"{side} hand"
        for n in range(3):
            at, above = bone(f"{side} {words[0]} {n}", above, at, (0.75 * x, -0.52, -0.4), 0.035), \
                f"{side} {words[0]} {n}"
        for word, offset in zip(words[1:], OFFSETS.values(), strict=True):
            at, above = (0.84 * x, -offset, 1.5), f"{side} hand"
            for n in range(3):
                down, aside = np.radians(bend * (n + 1)), np.radians(splay) * offset / 0.03
                way = (np.cos(aside) * np.cos(down) * x, -np.sin(aside) * np.cos(down), -np.sin(down))
                at = bone(f"{side} {word} {n}", above, at, way, 0.03)
                above = f"{side} {word} {n}"
    rig = make_rig("made", names, parents, np.array(rest), lengths, world)
    bones = {"hips": ("Hips",), "spine_chain": ("Chest",)}
    for side in ("left", "right"):
        bones |= {f"{side}_{part}": (f"{side} {name}",) for part, name in (
            ("upper_leg", "thigh"), ("lower_leg", "shin"), ("foot", "foot"), ("upper_arm", "arm"),
            ("lower_arm", "forearm"), ("hand", "hand"))}
    return rig, bones


def posed_bends(rig, bones, fingers, turns):
    """Side and finger -> (splay, bends), degrees, after local rotations; bone name -> (1, 4)."""
    posed = {}
    for index, name in enumerate(rig.bone_names):
        rest, parent = Rotation.from_matrix(rig.rest[index, :3, :3]), int(rig.parents[index])
        base = rest if parent < 0 else posed[parent] * Rotation.from_matrix(rig.rest[parent, :3, :3]).inv() * rest
        own = turns.get(name)
        posed[index] = base if own is None else base * Rotation.from_quat(own[0], scalar_first=True)
    found = {}
    for side, hand in read_hands(rig, bones, fingers).items():
        for finger, chain in hand.fingers.items():
            ways = np.array([posed[bone].apply((0, 1, 0)) for bone in chain]) @ hand.axes.T
            splay, bends = rest_bends(ways)
            found[side, finger] = np.degrees(splay), np.degrees(bends)
    return found


WORLDS = (None, np.diag([-1.0, 1, 1, 1]), np.diag([0.01, 0.01, 0.01, 1]) @ np.eye(4)[[0, 2, 1, 3]] * [1, 1, -1, 1])


@settings(max_examples=25, deadline=None)
@given(bend=st.floats(-10, 12), splay=st.floats(0, 15), seed=st.integers(0, 99), world=st.sampled_from(range(3)))
def test_any_rest_pose_becomes_the_relaxed_curl(bend, splay, seed, world):
    """Whatever the rest pose, the rolls, the unit and the mirror, fingers end at the bends of a relaxed hand."""
    rig, bones = hands_rig(bend, splay, seed, WORLDS[world])
    fingers = find_fingers(rig, bones, "names")
    assert len(fingers) == 10
    found = posed_bends(rig, bones, fingers, relaxed_fingers(rig, bones, fingers))
    for (_, finger), (aside, bends) in found.items():
        if finger != "thumb":
            assert aside == pytest.approx(TUNING.splays[finger], abs=0.5)
            assert bends == pytest.approx(TUNING.bends[finger], abs=0.5)


def test_a_naturally_bent_hand_keeps_its_bend():
    rig, bones = hands_rig(bend=28.0)
    fingers = find_fingers(rig, bones, "names")
    found = posed_bends(rig, bones, fingers, relaxed_fingers(rig, bones, fingers))
    for (_, finger), (_, bends) in found.items():
        if finger != "thumb":
            assert bends == pytest.approx([28.0] * 3, abs=1e-6)


def test_a_fist_opens_and_the_thumb_stays_within_its_limits():
    rig, bones = hands_rig(bend=60.0)
    fingers = find_fingers(rig, bones, "names")
    turns = relaxed_fingers(rig, bones, fingers)
    found = posed_bends(rig, bones, fingers, turns)
    assert found["left", "ring"][1] == pytest.approx(TUNING.bends["ring"], abs=0.5)
    for side in ("left", "right"):
        angles = [2 * np.degrees(np.arccos(min(1.0, abs(turns[f"{side} thumb {n}"][0, 0])))) for n in range(3)]
        assert np.all(np.array(angles) <= np.array(TUNING.thumb_turns) + 1e-6)


def test_unnamed_fingers_are_told_by_form_and_order():
    rig, bones = hands_rig(words=("a", "b", "c", "d", "e"))
    named, by_form = hands_rig(), find_fingers(rig, bones, "names")
    known = find_fingers(*named, "names")
    assert {part: [rig.index(name) for name in names] for part, names in by_form.items()} == \
        {part: [named[0].index(name) for name in names] for part, names in known.items()}


def test_fingers_bend_into_the_palm_on_both_sides():
    """In a T-pose with palms down, the tips of curled fingers are below the knuckles."""
    rig, bones = hands_rig()
    turns = relaxed_fingers(rig, bones, find_fingers(rig, bones, "names"))
    for side in ("left", "right"):
        first = f"{side} index 0"
        rest = Rotation.from_matrix(rig.rest[rig.index(first), :3, :3])
        assert rest.apply(apply(turns[first][0], (0, 1, 0)))[2] < -0.2


def test_a_map_keeps_its_fingers(tmp_path):
    rig, bones = hands_rig()
    fingers = find_fingers(rig, bones, "names")
    path = BoneMap("names", bones, fingers=fingers).save(tmp_path / "map.json")
    assert BoneMap.load(path, rig).fingers == fingers
    assert BoneMap.load(BoneMap("names", bones).save(path), rig).fingers is None


@pytest.mark.parametrize(("old", "new", "words"), [
    ('"left_index"', '"left_toe_9"', "is no finger"), ('"left index 0"', '"left hand"', "named twice"),
    ('"left index 0"', "3", "not one to three names")])
def test_a_map_with_wrong_fingers_is_refused(tmp_path, old, new, words):
    rig, bones = hands_rig()
    path = BoneMap("names", bones, fingers=find_fingers(rig, bones, "names")).save(tmp_path / "map.json")
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(MocapError, match=words):
        BoneMap.load(path, rig)
