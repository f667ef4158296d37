"""Options of Retarget, applied by the operators and evaluated by Blender: hands and feet in place, twist bones, root.

The character is the bundled one with other shins and thighs than the performer's, moved and scaled down.
"""

from __future__ import annotations

import contextlib

import bpy
import numpy as np
import pytest
from mathutils import Matrix
from scipy.spatial.transform import Rotation

import anatomy_mocap
from anatomy_mocap.blender.files.rig_files import load_rig
from anatomy_mocap.blender.ui import preferences
from anatomy_mocap.core.take import save_take
from anatomy_mocap.core.take_from_joints import take_from_positions
from tests.support import moving_bodies as bodies
from tests.support.blender_armatures import armature_of
from tests.support.blender_scenes import curves_of, empty_file
from tests.support.made_rigs import Plan, make

FPS = 25.0
WALK, STANDS = bodies.walk(3.0, FPS)
LENGTH = len(WALK)
SIDES = {"left": "l", "right": "r"}
PLACE, SIZE = np.array([1.0, 2.0, 0.5]), 0.8
ARMS = {f"{part}_{side}" for side in "lr" for part in ("upperarm", "lowerarm")}
LEGS = {f"{part}_{side}" for side in "lr" for part in ("thigh", "calf")}
TWISTS = {"upperarm": "lowerarm", "lowerarm": "hand", "thigh": "calf", "calf": "foot"}
AT = 0.6
"""Where along its limb a twist bone begins."""


@pytest.fixture(autouse=True)
def _registered(tmp_path, monkeypatch):
    """Register the add-on in an empty file, with its takes in a folder of the test."""
    empty_file()
    anatomy_mocap.register()
    (tmp_path / "takes").mkdir()
    monkeypatch.setattr(preferences, "takes_folder", lambda create=True: tmp_path / "takes")
    settings().smoothing = settings().ground = 0.0
    yield
    anatomy_mocap.unregister()


@pytest.fixture
def man(root):
    """Load a character with short thighs and long shins, smaller than a person and not at the origin."""
    armature = load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")
    with editing(armature) as bones:
        for side in "lr":
            shift = 0.25 * (bones[f"thigh_{side}"].head - bones[f"calf_{side}"].head)
            bones[f"calf_{side}"].head += shift
    armature.matrix_world = Matrix.Translation(PLACE) @ Matrix.Scale(SIZE, 4) @ armature.matrix_world
    bpy.context.view_layer.update()
    settings().armature = armature
    return armature


@pytest.fixture
def twisting(man):
    """Add a twist bone beside each limb's chain to the character, as in game engines' rigs."""
    add_twist_bones(man)
    return man


@contextlib.contextmanager
def editing(armature):
    """Enter edit mode and give the armature's edit bones."""
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    yield armature.data.edit_bones
    bpy.ops.object.mode_set(mode="OBJECT")


def add_twist_bones(armature):
    with editing(armature) as bones:
        for side in "lr":
            for limb, following in TWISTS.items():
                start, end = bones[f"{limb}_{side}"].head.copy(), bones[f"{following}_{side}"].head.copy()
                bone = bones.new(f"{limb}_twist_01_{side}")
                bone.head, bone.tail, bone.roll = start.lerp(end, AT), end, 0.7
                bone.parent = bones[f"{limb}_{side}"]


def settings():
    return bpy.context.scene.anatomy_mocap


def performer(positions=WALK):
    """Return the walk with forearms held forward, so that the hands are within reach of any arm."""
    positions = positions.copy()
    for side, out in (("left", 0.3), ("right", -0.3)):
        elbow, wrist, knuckle = (bodies.index(f"{side}_{joint}") for joint in ("elbow", "wrist", "knuckle"))
        way = bodies.unit(np.array([out, -1.0, 0.2]))
        positions[:, wrist] = positions[:, elbow] + 0.25 * way
        positions[:, knuckle] = positions[:, wrist] + 0.09 * way
    return positions


def load(tmp_path, positions):
    file = save_take(take_from_positions(positions, FPS), tmp_path / "walk.npz")
    assert bpy.ops.anatomy_mocap.load_take(filepath=str(file)) == {"FINISHED"}


def retargeted(armature, frames=LENGTH, **options):
    """Run Retarget with these options and return {bone: world matrices (T, 4, 4)} as Blender evaluates them."""
    for name, value in options.items():
        setattr(settings(), name, value)
    assert bpy.ops.anatomy_mocap.retarget() == {"FINISHED"}
    return evaluated(armature, frames)


def evaluated(armature, frames):
    found = []
    for frame in range(1, frames + 1):
        bpy.context.scene.frame_set(frame)
        found.append([armature.matrix_world @ bone.matrix for bone in armature.pose.bones])
    return dict(zip(armature.pose.bones.keys(), np.array(found).swapaxes(0, 1), strict=True))


def at(world, bone):
    return world[bone][:, :3, 3]


def rest_heads(armature):
    return {bone.name: np.array(armature.matrix_world @ bone.head_local) for bone in armature.data.bones}


def scale_of(armature):
    """Return the ratio of the character's legs to the performer's."""
    heads = rest_heads(armature)
    chain = [heads[name] for name in ("thigh_l", "calf_l", "foot_l")]
    theirs = bodies.LENGTHS[[bodies.index("left_knee"), bodies.index("left_ankle")]].sum()
    return np.linalg.norm(np.diff(chain, axis=0), axis=-1).sum() / theirs


def joint(positions, name):
    return positions[:, bodies.index(name)]


def steady(stands):
    """Return the frames of a stance without its first and last frames."""
    return np.convolve(stands, np.ones(9), "same") > 8.5


def unmoved(before, after, but):
    """Assert that all bones except `but` have the same world matrices."""
    moved = {name for name in before if np.abs(before[name] - after[name]).max() > 2e-5}
    return moved <= but and moved


# Feet

def soles(armature, world, side):
    """Return the middle of the foot (T, 3) in the world, between ankle and ball, relative to its rest height."""
    heads = rest_heads(armature)
    middle = (at(world, f"foot_{SIDES[side]}") + at(world, f"ball_{SIDES[side]}")) / 2
    return middle - (0, 0, (heads[f"foot_{SIDES[side]}"][2] + heads[f"ball_{SIDES[side]}"][2]) / 2)


def test_feet_in_space_stand_where_the_performers_do(tmp_path, man):
    positions = performer()
    load(tmp_path, positions)
    plain, placed = retargeted(man), retargeted(man, feet="space")
    slid = {"plain": [], "placed": []}
    for column, (side, letter) in enumerate(SIDES.items()):
        stand = steady(STANDS[:, column])
        theirs = (joint(positions, f"{side}_ankle") + joint(positions, f"{side}_toe")) / 2
        wanted = PLACE[:2] + scale_of(man) * theirs[:, :2]
        found = soles(man, placed, side)
        assert np.abs(found[stand, :2] - wanted[stand]).max() < 0.004
        assert np.abs(found[stand, 2]).max() < 0.003
        ankle = at(placed, f"foot_{letter}")[stand, 2]
        assert np.abs(ankle - rest_heads(man)[f"foot_{letter}"][2]).max() < 0.003
        both = stand[1:] & stand[:-1]
        for name, world in (("plain", plain), ("placed", placed)):
            slid[name].append(np.linalg.norm(np.diff(at(world, f"foot_{letter}"), axis=0)[both], axis=-1).max())
    assert max(slid["placed"]) < 0.001 and max(slid["plain"]) > 3 * max(slid["placed"]), slid


def test_feet_in_space_move_legs_alone_and_feet_keep_their_turn(tmp_path, man):
    load(tmp_path, performer())
    plain, placed = retargeted(man), retargeted(man, feet="space")
    ends = {name for name in plain if name.startswith(("foot", "ball")) or "leaf" in name}
    assert unmoved(plain, placed, LEGS | ends) >= LEGS
    for name in ("foot_l", "foot_r", "ball_l", "ball_r"):
        assert np.allclose(plain[name][:, :3, :3], placed[name][:, :3, :3], atol=2e-5)


# Hands

def test_hands_in_space_are_where_the_performers_are(tmp_path, man):
    positions = performer()
    load(tmp_path, positions)
    plain, placed = retargeted(man), retargeted(man, hands="space")
    for side, letter in SIDES.items():
        wanted = PLACE + scale_of(man) * joint(positions, f"{side}_wrist")
        assert np.abs(at(placed, f"hand_{letter}") - wanted).max() < 0.002
        assert np.linalg.norm(at(plain, f"hand_{letter}") - wanted, axis=-1).max() > 0.01


def test_hands_from_the_chest_are_as_far_from_it_as_the_performers(tmp_path, man):
    positions = performer()
    load(tmp_path, positions)
    placed, heads = retargeted(man, hands="chest"), rest_heads(man)
    arm = [np.linalg.norm(np.diff([heads[f"{part}_{letter}"] for part in ("upperarm", "lowerarm", "hand")], axis=0),
                          axis=-1).sum() for letter in "lr"]
    width = np.linalg.norm(heads["upperarm_l"] - heads["upperarm_r"])
    span = sum(bodies.LENGTHS[bodies.index(f"left_{part}")] for part in ("elbow", "wrist", "shoulder"))
    size = (sum(arm) + width) / 2 / span
    middle = (at(placed, "upperarm_l") + at(placed, "upperarm_r")) / 2
    theirs = (joint(positions, "left_shoulder") + joint(positions, "right_shoulder")) / 2
    for side, letter in SIDES.items():
        wanted = middle + size * (joint(positions, f"{side}_wrist") - theirs)
        assert np.abs(at(placed, f"hand_{letter}") - wanted).max() < 0.002


@pytest.mark.parametrize("way", ["chest", "space"])
def test_hands_in_place_move_arms_alone_and_hands_keep_their_turn(tmp_path, man, way):
    load(tmp_path, performer())
    plain, placed = retargeted(man), retargeted(man, hands=way)
    below = {bone.name for letter in "lr" for bone in man.data.bones[f"hand_{letter}"].children_recursive}
    assert unmoved(plain, placed, ARMS | {"hand_l", "hand_r"} | below) >= ARMS
    for name in ("hand_l", "hand_r"):
        assert np.allclose(plain[name][:, :3, :3], placed[name][:, :3, :3], atol=2e-5)


def test_places_key_the_same_channels(tmp_path, man):
    load(tmp_path, performer())
    retargeted(man)
    plain = set(curves_of(man))
    retargeted(man, hands="space", feet="space")
    assert set(curves_of(man)) == plain


# Twist bones

FRAMES = 9
SWINGS = {"hand": 80.0, "upperarm": 50.0}


def follow_a_twisting_one(armature, root):
    """Use the bundled armature as the source; its left arm and hand twist by `twists` (T,), -1 to 1."""
    source = load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")
    ends = {"upperarm": "lowerarm", "hand": "lowerarm"}
    steps = np.linspace(-1, 1, FRAMES)
    for part, most in SWINGS.items():
        bone, other = source.pose.bones[f"{part}_l"], source.data.bones[f"{ends[part]}_l"]
        line = source.data.bones["hand_l"].head_local - other.head_local if part == "hand" \
            else other.head_local - source.data.bones["upperarm_l"].head_local
        axis = np.array(source.data.bones[f"{part}_l"].matrix_local.to_3x3().inverted() @ line)
        bone.rotation_mode = "QUATERNION"
        for frame, step in enumerate(steps, start=1):
            x, y, z, w = Rotation.from_rotvec(np.radians(step * most) * bodies.unit(axis)).as_quat()
            bone.rotation_quaternion = (w, x, y, z)
            bone.keyframe_insert("rotation_quaternion", frame=frame)
    settings().armature, settings().motion_from, settings().source_armature = armature, "ARMATURE", source
    return steps


def twist_between(armature, world, upper, lower, line):
    """Return the twist (T,) in degrees of `lower` against `upper` from rest, about the line between their heads."""
    rest = {bone.name: np.array((armature.matrix_world @ bone.matrix_local).to_3x3().normalized())
            for bone in armature.data.bones}
    turns = [Rotation.from_matrix(world[name][:, :3, :3] / size_of(world[name]) @ rest[name].T)
             for name in (upper, lower)]
    heads = rest_heads(armature)
    x, y, z, w = (turns[0].inv() * turns[1]).as_quat().T
    axis = bodies.unit(heads[line[1]] - heads[line[0]])
    return (np.degrees(2 * np.arctan2(np.stack([x, y, z], -1) @ axis, w)) + 180) % 360 - 180


def size_of(matrices):
    return np.cbrt(np.linalg.det(matrices[:, :3, :3]))[:, None, None]


def twist_names(armature):
    return {bone.name for bone in armature.data.bones if "_twist_" in bone.name}


def keyed_bones(armature):
    return {path.split('"')[1] for path, _ in curves_of(armature)}


def test_twist_bones_are_keyed_only_if_asked_for(tmp_path, twisting):
    load(tmp_path, performer())
    plain = retargeted(twisting)
    keyed = keyed_bones(twisting)
    assert len(twist_names(twisting)) == 8 and not keyed & twist_names(twisting)
    shared = retargeted(twisting, twist_bones=True)
    assert keyed_bones(twisting) == keyed | twist_names(twisting)
    paths = {path for path, _ in curves_of(twisting) if "_twist_" in path}
    assert all(path.endswith("rotation_quaternion") for path in paths)
    assert unmoved(plain, shared, twist_names(twisting)), "only the twist bones move"


def test_twist_bones_take_their_share(twisting, root):
    steps = follow_a_twisting_one(twisting, root)
    world = retargeted(twisting, FRAMES, twist_bones=True)
    hand = twist_between(twisting, world, "lowerarm_l", "hand_l", ("lowerarm_l", "hand_l"))
    assert np.allclose(hand, SWINGS["hand"] * steps, atol=0.1)
    forearm = twist_between(twisting, world, "lowerarm_l", "lowerarm_twist_01_l", ("lowerarm_l", "hand_l"))
    assert np.allclose(forearm, AT * hand, atol=0.1)
    arm = twist_between(twisting, world, "clavicle_l", "upperarm_l", ("upperarm_l", "lowerarm_l"))
    assert np.allclose(arm, SWINGS["upperarm"] * steps, atol=0.1)
    upper = twist_between(twisting, world, "clavicle_l", "upperarm_twist_01_l", ("upperarm_l", "lowerarm_l"))
    assert np.allclose(upper, AT * arm, atol=0.1)
    for name in ("lowerarm_r", "thigh_r", "calf_l"):
        still = world[f"{name[:-2]}_twist_01{name[-2:]}"]
        assert np.abs(still - still[:1]).max() < 1e-4


def test_twist_bones_go_back_when_the_option_is_off_again(twisting, root):
    """A removed action leaves its last pose. A twist bone must not keep its twist."""
    follow_a_twisting_one(twisting, root)
    plain = retargeted(twisting, FRAMES)
    retargeted(twisting, FRAMES, twist_bones=True)
    for way in ("NEW", "UPDATE"):
        retargeted(twisting, FRAMES, twist_bones=True, destination="NEW")
        again = retargeted(twisting, FRAMES, twist_bones=False, destination=way)
        assert not keyed_bones(twisting) & twist_names(twisting)
        assert all(np.abs(plain[name] - again[name]).max() < 2e-5 for name in plain), way


def test_a_rig_without_twist_bones_is_keyed_as_ever(tmp_path, man):
    load(tmp_path, performer())
    plain, curves = retargeted(man), set(curves_of(man))
    shared = retargeted(man, twist_bones=True)
    assert set(curves_of(man)) == curves
    assert all(np.abs(plain[name] - shared[name]).max() < 1e-6 for name in plain)


# The way over the ground

def moved_bones(armature):
    return {path.split('"')[1] for path, _ in curves_of(armature) if path.endswith(".location")}


def test_the_root_bone_takes_the_way_and_the_hips_keep_their_height(tmp_path, man):
    load(tmp_path, performer())
    plain, curves = retargeted(man), set(curves_of(man))
    ground = retargeted(man, ground_on_root=True)
    assert moved_bones(man) == {"root", "pelvis"}
    assert set(curves_of(man)) == curves | {('pose.bones["root"].location', index) for index in range(3)}
    others = {name for name in plain if name != "root"}
    assert all(np.abs(plain[name] - ground[name]).max() < 2e-5 for name in others if "leaf" not in name)
    way = at(ground, "root") - rest_heads(man)["root"]
    middle = sum(at(ground, f"thigh_{side}") - rest_heads(man)[f"thigh_{side}"] for side in "lr") / 2
    assert np.abs(way[:, 2]).max() < 1e-5 and np.ptp(way[:, 1]) > 1.0
    assert np.abs(way[:, :2] - middle[:, :2]).max() < 2e-5
    height = at(ground, "pelvis")[:, 2]
    assert np.ptp(height) > 0.005 and np.abs(height - at(plain, "pelvis")[:, 2]).max() < 1e-5


@pytest.mark.parametrize("way", ["NEW", "UPDATE"])
def test_the_hips_take_the_way_back_when_the_option_is_off_again(tmp_path, man, way):
    load(tmp_path, performer())
    plain = retargeted(man)
    retargeted(man, ground_on_root=True)
    again = retargeted(man, ground_on_root=False, destination=way)
    assert moved_bones(man) == {"pelvis"}
    assert all(np.abs(plain[name] - again[name]).max() < 2e-5 for name in plain)


def test_without_a_root_bone_it_is_refused_in_words_and_nothing_changes(tmp_path, man):
    load(tmp_path, performer())
    with editing(man) as bones:
        bones.remove(bones["root"])
    settings().ground_on_root = True
    bpy.context.scene.render.fps = 30
    with pytest.raises(RuntimeError, match=r"no bone above 'pelvis' that could take the way .* let the hips") as told:
        bpy.ops.anatomy_mocap.retarget()
    assert "Traceback" not in str(told.value)
    assert not bpy.data.actions and bpy.context.scene.render.fps == 30
    retargeted(man, ground_on_root=False)


# All together, and rigs that lack what is asked for

def test_all_options_at_once(tmp_path, twisting):
    positions = performer()
    load(tmp_path, positions)
    world = retargeted(twisting, hands="space", feet="space", twist_bones=True, ground_on_root=True)
    assert moved_bones(twisting) == {"root", "pelvis"} and twist_names(twisting) <= keyed_bones(twisting)
    for side, letter in SIDES.items():
        wanted = PLACE + scale_of(twisting) * joint(positions, f"{side}_wrist")
        assert np.abs(at(world, f"hand_{letter}") - wanted).max() < 0.002
    assert np.ptp(at(world, "root")[:, 1]) > 1.0


def test_a_rig_without_hands_toes_and_twist_bones_takes_what_it_can(tmp_path):
    load(tmp_path, performer())
    settings().armature = armature = armature_of(make(Plan(seed=1, hands=False, toes=False)).rig)
    plain = retargeted(armature)
    placed = retargeted(armature, hands="space", feet="space", twist_bones=True)
    legs = {f"{side}_{part}" for side in SIDES for part in ("upper_leg", "lower_leg", "foot")}
    assert unmoved(plain, placed, legs), "arms without hands point as the performer's"
