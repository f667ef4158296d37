"""Destinations of keys: ranges of an action, NLA tracks, start frames, parts of the body. All other data stays."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.blender.keys import key_places
from anatomy_mocap.blender.keys.body_parts import PARTS, keys_of_parts
from anatomy_mocap.blender.keys.key_data import read_keys
from anatomy_mocap.blender.keys.key_places import write_curves
from anatomy_mocap.blender.keys.keyframes import bone_curves, key_frames
from anatomy_mocap.blender.keys.merged_curves import blend_weights, blended, merged, straight_keys
from anatomy_mocap.blender.perform import perform
from anatomy_mocap.blender.rigs.armature import read_rig
from anatomy_mocap.bone_maps.match import match
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.settings import KeySettings
from tests.support import moving_bodies as bodies
from tests.support.blender_scenes import curves_of, empty_file, make_armature, make_keys

FPS = 25.0
NAMES = ("hips", "spine", "head")


@pytest.fixture(autouse=True)
def _empty():
    empty_file()
    bpy.context.scene.render.fps = int(FPS)


def write(armature, keys, frames, way, name="new", blend=0.0):
    frames, settings = np.asarray(frames, float), KeySettings(way, blend=blend)
    return write_curves(armature, bone_curves(armature, keys), frames, name, settings)[0]


def animated(modes=("QUATERNION", "XYZ", "AXIS_ANGLE")):
    armature = make_armature(NAMES, modes)
    write(armature, make_keys(NAMES, 100), np.arange(1, 101), "NEW", "old")
    return armature


def all_keys(armature, action=None):
    return {key: read_keys(curve) for key, curve in curves_of(armature, action).items()}


def shown(armature, frames) -> np.ndarray:
    """Return the bones' local matrices (T, B, 4, 4) as the scene evaluates them."""
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(int(frame))
        found.append(np.array([np.array(armature.pose.bones[name].matrix_basis) for name in NAMES]))
    return np.array(found)


def test_keys_outside_the_range_are_the_same_to_the_bit():
    armature = animated()
    for curve in curves_of(armature).values():  # as a user would have: curved, with handles of their own
        curve.keyframe_points[10].interpolation = "BEZIER"
        curve.keyframe_points[10].handle_left_type = curve.keyframe_points[10].handle_right_type = "FREE"
        curve.keyframe_points[10].handle_right = (11.3, curve.keyframe_points[10].co[1] + 0.2)
        curve.update()
    before, pose = all_keys(armature), shown(armature, [*range(1, 40), *range(72, 101)])
    action = armature.animation_data.action
    keys = make_keys(NAMES, 31, seed=4)
    assert write(armature, keys, np.arange(40, 71), "INTO") == action
    after = all_keys(armature)
    assert before.keys() == after.keys()
    for key in before:
        for name, values in before[key].values.items():
            kept = (before[key].frames < 40) | (before[key].frames > 70)
            now = after[key].values[name][(after[key].frames < 40) | (after[key].frames > 70)]
            own = np.ones(kept.sum(), bool)
            if name in ("handle_left", "handle_right"):  # Blender itself sets automatic handles after their neighbours
                own = before[key].values[f"{name}_type"][kept, 0] == 0
            assert np.array_equal(values[kept][own], now[own]), (key, name)
    assert np.array_equal(pose, shown(armature, [*range(1, 40), *range(72, 101)]))
    inside = shown(armature, range(40, 71))
    write(armature, keys, np.arange(40, 71), "NEW")
    assert np.abs(inside - shown(armature, range(40, 71))).max() < 1e-5


def test_a_bone_that_was_not_keyed_keeps_its_pose_outside_the_range():
    armature = make_armature(NAMES)
    write(armature, make_keys(("hips",), 60), np.arange(1, 61), "NEW", "old")
    armature.pose.bones["spine"].rotation_quaternion = (0.8, 0.6, 0, 0)
    write(armature, make_keys(("hips", "spine"), 11, seed=2), np.arange(20, 31), "INTO")
    for frame in (1, 19, 31, 60):
        bpy.context.scene.frame_set(frame)
        assert tuple(armature.pose.bones["spine"].rotation_quaternion) == pytest.approx((0.8, 0.6, 0, 0))
    bpy.context.scene.frame_set(25)
    assert abs(armature.pose.bones["spine"].rotation_quaternion[0] - 0.8) > 0.01


def test_margins_go_over_from_the_old_motion_to_the_new():
    armature = animated()
    old = shown(armature, range(1, 101))
    write(armature, make_keys(NAMES, 41, seed=7), np.arange(30, 71), "INTO", blend=8.0)
    now = shown(armature, range(1, 101))
    assert np.abs(now[28:30] - old[28:30]).max() < 1e-5, "no jump where the range begins"
    assert np.abs(now[69:71] - old[69:71]).max() < 1e-5, "nor where it ends"
    assert np.abs(now[49] - old[49]).max() > 0.1


def test_a_range_without_an_action_or_of_a_linked_one_is_refused():
    armature = make_armature(NAMES)
    with pytest.raises(MocapError, match="no action whose range"):
        write(armature, make_keys(NAMES, 5), np.arange(5), "INTO")
    assert armature.animation_data is None and not bpy.data.actions


def test_failing_in_a_range_leaves_the_action_as_it_was(monkeypatch):
    armature = animated()
    before = all_keys(armature)
    real, calls = key_places.write_keys_of, []

    def breaks(curve, keys):
        calls.append(curve)
        if len(calls) == 4:
            raise RuntimeError("disk on fire")
        real(curve, keys)

    monkeypatch.setattr(key_places, "write_keys_of", breaks)
    with pytest.raises(RuntimeError, match="disk on fire"):
        write(armature, make_keys(NAMES, 31), np.arange(40, 71), "INTO")
    after = all_keys(armature)
    assert before.keys() == after.keys()
    assert all(np.array_equal(before[key].values["co"], after[key].values["co"]) for key in before)


def test_nla_track_plays_and_the_active_action_stays():
    armature = animated()
    action = armature.animation_data.action
    made = write(armature, make_keys(NAMES, 31, seed=4), np.arange(31) + 20.0, "NLA", "layer")
    assert armature.animation_data.action == action and made != action
    [track] = armature.animation_data.nla_tracks
    [strip] = track.strips
    assert (track.name, strip.action, strip.frame_start, strip.frame_end) == ("layer", made, 20.0, 50.0)
    armature.animation_data.action = None
    by_strip = shown(armature, range(20, 51))
    armature.animation_data.nla_tracks.remove(track)
    write(armature, make_keys(NAMES, 31, seed=4), np.arange(31) + 20.0, "NEW")
    assert np.abs(by_strip - shown(armature, range(20, 51))).max() < 1e-5


def test_failing_nla_leaves_nothing(monkeypatch):
    armature = make_armature(NAMES)
    write(armature, make_keys(("hips",), 5), np.arange(5), "NEW", "old")
    monkeypatch.setattr(key_places, "int", lambda _: 1 / 0, raising=False)
    with pytest.raises(ZeroDivisionError):
        write(armature, make_keys(NAMES, 5), np.arange(5), "NLA")
    assert not armature.animation_data.nla_tracks and [action.name for action in bpy.data.actions] == ["old"]


@given(st.lists(st.integers(-200, 600).map(lambda quarter: quarter / 4), min_size=1, max_size=30, unique=True),
       st.floats(0, 80), st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_merging_never_touches_what_lies_outside(frames, start, count):
    old = straight_keys(np.sort(np.array(frames, np.float32)), np.arange(len(frames)))
    new = straight_keys(start + np.arange(count), np.full(count, -1.0))
    result = merged(old, new)
    low, high = new.frames.min() - 0.01, new.frames.max() + 0.01
    outside = (result.frames < low) | (result.frames > high)
    kept = (old.frames < low) | (old.frames > high)
    assert np.array_equal(result.values["co"][outside], old.values["co"][kept])
    assert (np.diff(result.frames) > 0).all() and (result.values["co"][~outside, 1] == -1).all()


def test_blending_takes_the_near_sign_and_the_near_turn():
    frames = np.arange(21.0)
    weights = blend_weights(frames, 5.0)
    assert weights[0] == weights[-1] == 0 and (weights[5:16] == 1).all()
    turns = make_keys(("one",), 21).rotations[:, 0]
    same = blended(-turns, turns, weights, "rotation_quaternion")
    assert np.allclose(np.abs((same * turns).sum(-1)), 1)
    angles = np.linspace(0, 1, 21)[:, None] * np.ones(3)
    assert np.allclose(blended(angles + 4 * np.pi, angles, weights, "rotation_euler"), angles)


# Parts of the body

def man(root):
    from anatomy_mocap.blender.files.rig_files import load_rig

    return load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")


def dance(armature, **chosen):
    take = take_from_positions(bodies.walk(1.0, FPS)[0], FPS)
    rig = read_rig(armature)
    return perform(armature, rig, match(rig), solve(take), key_frames(take.times, bpy.context.scene), "dance",
                   KeySettings("NEW", **chosen))


@pytest.mark.parametrize("part", PARTS)
def test_each_part_keys_its_own_bones_with_the_values_of_the_whole(root, part):
    armature = man(root)
    dance(armature)
    whole = all_keys(armature)
    done = dance(armature, parts=frozenset({part}))
    some = all_keys(armature)
    assert 0 < len(some) < len(whole) and set(some) < set(whole)
    assert all(np.array_equal(some[key].values["co"], whole[key].values["co"]) for key in some)
    assert (done.bones == 0) == (part == "ROOT")
    if part == "LEFT_ARM":
        assert {path.split('"')[1] for path, _ in some} == {"clavicle_l", "upperarm_l", "lowerarm_l", "hand_l"}


def test_all_parts_together_are_the_whole(root):
    armature = man(root)
    dance(armature)
    whole = set(all_keys(armature))
    found = set()
    for part in PARTS:
        dance(armature, parts=frozenset({part}))
        assert not found & set(all_keys(armature))
        found |= set(all_keys(armature))
    assert found == whole


def test_a_layer_leaves_the_pose_of_other_parts_alone(root):
    armature = man(root)
    armature.pose.bones["thigh_l"].rotation_mode = "QUATERNION"
    armature.pose.bones["thigh_l"].rotation_quaternion = (0.8, 0.6, 0, 0)
    dance(armature, parts=frozenset({"LEFT_ARM", "RIGHT_ARM"}))
    assert tuple(armature.pose.bones["thigh_l"].rotation_quaternion) == pytest.approx((0.8, 0.6, 0, 0))


def test_start_frame(root):
    armature = man(root)
    done = dance(armature, start_frame=101.5)
    assert done.frames[0] == 101.5 and len(done.frames) == 25
    assert {keys.frames[0] for keys in all_keys(armature).values()} == {101.5}


def test_parts_that_a_character_lacks_are_refused():
    with pytest.raises(MocapError, match="choose parts"):
        keys_of_parts(make_keys(("a",), 2), {"hips": ("a",)}, {"HEAD"})
