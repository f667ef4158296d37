"""Keys: Blender evaluates the written values, and no other data changes."""

from __future__ import annotations

import time
from dataclasses import replace

import bpy
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_mocap.blender.keys import keyframes
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.sparse_keys.rotation_channels import rotation_channels
from tests.support.blender_scenes import (
    curves_of,
    empty_file,
    make_armature,
    make_keys,
    times_of,
    values_of,
    write_keys,
)

EULER_ORDERS = ("XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX")
MODES = ("QUATERNION", "AXIS_ANGLE", *EULER_ORDERS)
NAMES = tuple(f"bone {mode}" for mode in MODES)


@pytest.fixture(autouse=True)
def _empty():
    empty_file()


def write(armature, keys, fps=30.0, name="take", start=0.0, destination="NEW"):
    return write_keys(armature, keys, times_of(len(keys.rotations), fps, start), name, destination)


def test_evaluated_pose_is_the_written_pose_in_every_rotation_mode():
    armature, keys = make_armature(NAMES, MODES), make_keys(NAMES, 60)
    take = times_of(60, 30.0)
    keyframes.set_scene_timing(bpy.context.scene, take)
    write_keys(armature, keys, take, "take")
    for frame in range(60):
        bpy.context.scene.frame_set(frame + 1)
        for index, name in enumerate(NAMES):
            basis = np.array(armature.pose.bones[name].matrix_basis)
            wanted = Rotation.from_quat(np.roll(keys.rotations[frame, index], -1)).as_matrix()
            assert np.abs(basis[:3, :3] - wanted).max() < 2e-6, (name, frame)
        assert np.allclose(armature.pose.bones[NAMES[0]].location, keys.root_locations[frame], atol=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_channels_change_no_faster_than_the_rotation(mode):
    quaternions = make_keys(("one",), 2000).rotations[:, 0] * np.where(np.arange(2000) % 3, 1, -1)[:, None]
    _, values = rotation_channels(quaternions, mode)
    steps = np.abs(np.diff(values, axis=0)).max(axis=1)
    # An Euler angle or an axis may whirl where its rotation passes a pole; a jump of a branch would be near pi or 2.
    assert steps.max() < {"QUATERNION": 0.05, "AXIS_ANGLE": 1.6}.get(mode, 1.6)


@pytest.mark.parametrize("order", EULER_ORDERS)
def test_eulers_stay_continuous_over_whole_turns(order):
    """Three turns about the first axis, and a path over the middle axis' pole: neither jumps to another branch."""
    first, middle = "XYZ".index(order[0]), "XYZ".index(order[1])
    angles = np.zeros((400, 3))
    angles[:, first], angles[:, middle] = np.linspace(0, 6 * np.pi, 400), np.linspace(0.1, 2.9, 400)
    turned = Rotation.from_euler(order.lower(), angles[:, ["XYZ".index(axis) for axis in order]])
    _, values = rotation_channels(np.roll(turned.as_quat(), 1, axis=-1), order)
    assert np.abs(np.diff(values, axis=0)).max() < 0.2
    assert np.ptp(values[:, first]) == pytest.approx(6 * np.pi, abs=0.01)


def test_quaternions_that_differ_by_sign_only_give_one_curve():
    quaternions = make_keys(("one",), 50).rotations[:, 0]
    _, plain = rotation_channels(quaternions, "QUATERNION")
    _, flipped = rotation_channels(-quaternions * np.where(np.arange(50) % 2, 1, -1)[:, None], "QUATERNION")
    assert np.allclose(plain, flipped)


def test_axis_is_held_where_nothing_turns():
    still = np.tile([1.0, 0, 0, 0], (5, 1))
    _, values = rotation_channels(still, "AXIS_ANGLE")
    assert np.allclose(values[:, 0], 0) and np.allclose(np.linalg.norm(values[:, 1:], axis=1), 1)
    turned = still.copy()
    turned[2] = np.roll(Rotation.from_rotvec([0.5, 0, 0]).as_quat(), 1)
    _, values = rotation_channels(turned, "AXIS_ANGLE")
    assert np.allclose(values[:, 1:], [1, 0, 0])


def test_curves_are_linear_grouped_by_bone_and_only_what_was_asked():
    names = ("hips", "spine", "head")
    armature = make_armature(names, ("QUATERNION", "XYZ", "AXIS_ANGLE"))
    action = write(armature, make_keys(names[:2], 9))
    curves = curves_of(armature)
    paths = {path for path, _ in curves}
    assert paths == {'pose.bones["hips"].rotation_quaternion', 'pose.bones["hips"].location',
                     'pose.bones["spine"].rotation_euler'}
    assert len(curves) == 4 + 3 + 3
    for (path, _), curve in curves.items():
        assert curve.group.name == ("hips" if "hips" in path else "spine")
        assert {point.interpolation for point in curve.keyframe_points} == {"LINEAR"}
        assert len(curve.keyframe_points) == 9
    assert action.use_fake_user
    assert armature.animation_data.action == action
    assert armature.animation_data.action_slot.identifier == "OBRig"


def test_the_same_numbers_in_every_blender():
    """The stored values equal those of rotation_channels.py to float32's last digit. Blender is not the reference."""
    armature, keys = make_armature(NAMES, MODES), make_keys(NAMES, 200)
    write(armature, keys)
    curves = curves_of(armature)
    for index, (name, mode) in enumerate(zip(NAMES, MODES, strict=True)):
        path, wanted = rotation_channels(keys.rotations[:, index], mode)
        for axis in range(wanted.shape[1]):
            frames, values = values_of(curves[f'pose.bones["{name}"].{path}', axis])
            assert np.array_equal(values.astype(np.float32), wanted[:, axis].astype(np.float32))
            assert np.all(np.diff(frames) > 0)


def test_names_with_quotes_and_other_scripts():
    names = ('say "hips"', "腰\\2")
    armature, keys = make_armature(names), make_keys(names, 4)
    write(armature, keys, fps=24.0)
    bpy.context.scene.frame_set(3)
    for index, name in enumerate(names):
        quaternion = np.array(armature.pose.bones[name].matrix_basis.to_quaternion())
        assert abs(quaternion @ keys.rotations[2, index]) > 1 - 1e-4


def test_a_new_action_each_time_and_the_older_ones_untouched():
    armature, keys = make_armature(), make_keys(("hips", "spine"), 5)
    first = write(armature, keys, name="dance")
    before = {key: values_of(curve) for key, curve in curves_of(armature).items()}
    second = write(armature, make_keys(("hips", "spine"), 7, seed=1), name="dance")
    assert first != second and {first, second} <= set(bpy.data.actions)
    assert armature.animation_data.action == second
    after = {key: values_of(curve) for key, curve in curves_of(armature, first).items()}
    assert before.keys() == after.keys()
    assert all(np.array_equal(before[key], after[key]) for key in before)


def test_update_replaces_the_keys_of_our_own_action_only():
    armature = make_armature()
    users = bpy.data.actions.new("by hand")
    armature.animation_data_create().action = users
    made = write(armature, make_keys(("hips", "spine"), 5), destination="UPDATE")
    assert made != users  # not ours, so a new one
    updated = write(armature, make_keys(("hips", "head"), 8, seed=2), destination="UPDATE")
    assert updated == made and updated.name == "take" and len(bpy.data.actions) == 2
    assert {path.split('"')[1] for path, _ in curves_of(armature)} == {"hips", "head"}
    assert all(len(curve.keyframe_points) == 8 for curve in curves_of(armature).values())
    other = write(armature, make_keys(("hips", "head"), 8), name="other", destination="UPDATE")
    assert other != made and len(bpy.data.actions) == 3, "the result of another take is not replaced"


@pytest.mark.parametrize("destination", ["NEW", "UPDATE"])
def test_nothing_half_made_stays_when_writing_fails(monkeypatch, destination):
    armature = make_armature()
    before = write(armature, make_keys(("hips", "spine"), 5))
    keys_before = {key: values_of(curve) for key, curve in curves_of(armature).items()}
    slot = armature.animation_data.action_slot
    real, calls = keyframes.add_curve, []

    def breaks_at_the_third(*args):
        calls.append(args)
        if len(calls) == 3:
            raise RuntimeError("disk on fire")
        real(*args)

    monkeypatch.setattr(keyframes, "add_curve", breaks_at_the_third)
    with pytest.raises(RuntimeError, match="disk on fire"):
        write(armature, make_keys(("hips", "spine", "head"), 6), name="broken", destination=destination)
    assert list(bpy.data.actions) == [before]
    assert armature.animation_data.action == before and armature.animation_data.action_slot == slot
    keys_after = {key: values_of(curve) for key, curve in curves_of(armature).items()}
    assert keys_before.keys() == keys_after.keys()
    assert all(np.array_equal(keys_before[key], keys_after[key]) for key in keys_before)


def test_failing_assignment_brings_the_action_before_back(monkeypatch):
    armature = make_armature()
    before = write(armature, make_keys(("hips",), 5))
    real, calls = keyframes._set_action, []

    def fails_once(data, action, slot):
        calls.append(action)
        real(data, action, slot)
        if len(calls) == 1:
            raise RuntimeError("no")

    monkeypatch.setattr(keyframes, "_set_action", fails_once)
    with pytest.raises(RuntimeError):
        write(armature, make_keys(("hips",), 6), name="broken")
    assert armature.animation_data.action == before and list(bpy.data.actions) == [before]


def test_what_an_older_action_left_in_the_pose_does_not_bend_the_new_one():
    names = ("top", "hips", "spine", "finger")
    armature = make_armature(names)
    for name in names:
        bone = armature.pose.bones[name]
        bone.location, bone.scale, bone.rotation_quaternion = (1, 2, 3), (2, 2, 2), (0, 1, 0, 0)
    write(armature, make_keys(("hips", "spine"), 5))
    bpy.context.scene.frame_set(2)
    pose = armature.pose.bones
    assert tuple(pose["top"].rotation_quaternion) == (1, 0, 0, 0) and tuple(pose["top"].scale) == (1, 1, 1)
    assert tuple(pose["spine"].location) == (0, 0, 0) and tuple(pose["spine"].scale) == (1, 1, 1)
    assert tuple(pose["finger"].location) == (1, 2, 3) and tuple(pose["finger"].scale) == (2, 2, 2)


@pytest.mark.parametrize(("fps", "whole", "base"), [
    (25, 25, 1.0), (30000 / 1001, 30, 1.001), (60000 / 1001, 60, 1.001), (24000 / 1001, 24, 1.001), (29.97, 30, 1.001),
    (59.94, 60, 1.001), (12.5, 13, 13 / 12.5), (15.0, 15, 1.0), (0.5, 1, 2.0), (119.88, 120, 1.001)])
def test_scene_timing_is_the_videos(fps, whole, base):
    scene, take = bpy.context.scene, times_of(300, fps)
    keyframes.set_scene_timing(scene, take)
    assert scene.render.fps == whole and scene.render.fps_base == pytest.approx(base, rel=1e-6)
    assert (scene.frame_start, scene.frame_end, scene.frame_current) == (1, 300, 1)
    seconds = (np.arange(300)) * scene.render.fps_base / scene.render.fps
    assert np.abs(seconds - take.times).max() < 0.05 / fps


def test_keys_lie_at_video_time_whatever_the_scenes_rate():
    scene, armature = bpy.context.scene, make_armature()
    scene.render.fps, scene.render.fps_base = 24, 1.0
    write(armature, make_keys(("hips",), 31), fps=30.0, start=2.0)
    frames, _ = values_of(next(iter(curves_of(armature).values())))
    assert np.allclose(frames, 1 + 24 * (2 + np.arange(31) / 30), atol=1e-4)


def test_a_take_that_starts_later_keeps_its_place_on_the_timeline():
    scene, armature, take = bpy.context.scene, make_armature(), times_of(10, 25.0, start=2.0)
    keyframes.set_scene_timing(scene, take)
    write_keys(armature, make_keys(("hips",), 10), take, "late")
    frames, _ = values_of(next(iter(curves_of(armature).values())))
    assert frames.tolist() == list(range(51, 61)) and (scene.frame_start, scene.frame_end) == (51, 60)


def test_one_frame_is_enough():
    armature = make_armature()
    write(armature, make_keys(("hips",), 1))
    assert all(len(curve.keyframe_points) == 1 for curve in curves_of(armature).values())


@pytest.mark.parametrize("fault", ["nan", "bone", "root"])
def test_unusable_keys_are_refused_in_words_and_leave_nothing(fault):
    armature, keys = make_armature(), make_keys(("hips", "spine"), 5)
    if fault == "nan":
        keys.rotations[2, 1] = np.nan
    elif fault == "bone":
        keys = replace(keys, bone_names=("hips", "tail"))
    else:
        keys = replace(keys, root_bone="tail")
    with pytest.raises(MocapError, match="spine" if fault == "nan" else "tail"):
        write(armature, keys)
    assert not bpy.data.actions and armature.animation_data is None


def test_not_an_armature():
    with pytest.raises(MocapError, match="choose an armature"):
        keyframes.require_editable(bpy.data.objects.new("Lamp", None))


def test_linked_armature_is_refused_and_its_override_works(tmp_path):
    make_armature()
    file = tmp_path / "rig.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file), copy=True, check_existing=False)
    empty_file()
    with bpy.data.libraries.load(str(file), link=True) as (_, target):
        target.objects = ["Rig"]
    linked = target.objects[0]
    bpy.context.scene.collection.objects.link(linked)
    with pytest.raises(MocapError, match="library override"):
        write(linked, make_keys(("hips",), 5))
    override = linked.override_create(remap_local_usages=True)
    override.override_library.is_system_override = False
    keys = make_keys(("hips", "spine"), 5)
    write(override, keys, fps=24.0)
    bpy.context.scene.frame_set(4)
    shown = np.array(override.pose.bones["hips"].matrix_basis.to_quaternion())
    assert override.animation_data.action is not None and abs(shown @ keys.rotations[3, 0]) > 0.99
    override.override_library.is_system_override = True
    with pytest.raises(MocapError, match="not editable"):
        write(override, keys)


def test_edit_mode_is_refused():
    armature = make_armature()
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(MocapError, match="leave edit mode"):
        write(armature, make_keys(("hips",), 5))
    bpy.ops.object.mode_set(mode="POSE")
    write(armature, make_keys(("hips",), 5))


def test_an_action_of_ours_that_was_emptied_is_not_updated():
    armature = make_armature()
    action = write(armature, make_keys(("hips",), 5))
    action.layers.remove(action.layers[0])
    assert write(armature, make_keys(("hips",), 5), destination="UPDATE") != action


def test_nla_tweak_mode_is_refused():
    armature = make_armature()
    write(armature, make_keys(("hips",), 5))
    data = armature.animation_data
    track = data.nla_tracks.new()
    action = data.action
    data.action = None
    track.strips.new("strip", 1, action).select = True
    data.nla_tracks.active = track
    data.use_tweak_mode = True
    if not data.use_tweak_mode:
        pytest.skip("this Blender can't enter tweak mode from a script")
    with pytest.raises(MocapError, match="tweak mode"):
        write(armature, make_keys(("hips",), 5))


def test_long_takes_are_written_at_once():
    """3000 frames x 60 bones. Separate calls per key would exceed the limit (over a minute)."""
    names = tuple(f"b{i}" for i in range(60))
    armature, keys = make_armature(names), make_keys(names, 3000)
    started = time.perf_counter()
    write(armature, keys)
    seconds = time.perf_counter() - started
    print(f"3000 frames x 60 bones: {seconds:.2f} s in Blender {bpy.app.version_string}")
    assert seconds < 15
