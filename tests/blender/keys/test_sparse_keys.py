"""Sparse keys, as Blender evaluates them: error, types, handles, update, every place of keys."""

from __future__ import annotations

from dataclasses import replace

import bpy
import numpy as np
import pytest

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.blender.keys.constraints_and_drivers import evaluated
from anatomy_mocap.blender.keys.key_data import read_keys
from anatomy_mocap.blender.keys.merged_curves import ALIGNED, BEZIER
from anatomy_mocap.blender.keys.plan_keys import Marks
from anatomy_mocap.blender.keys.written_curves import pairs_of
from anatomy_mocap.blender.perform import perform
from anatomy_mocap.blender.retarget_onto import Target, retarget_onto, source_of_take
from anatomy_mocap.blender.rigs.armature import read_rig
from anatomy_mocap.bone_maps.match import match
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.settings import KeySettings
from anatomy_mocap.touch.contacts import find_contacts
from tests.support import moving_bodies as bodies
from tests.support.blender_scenes import curves_of, empty_file

FPS = 30.0
THIGH = "thigh_l"


@pytest.fixture
def man(root):
    from anatomy_mocap.blender.files.rig_files import load_rig

    empty_file()
    bpy.context.scene.render.fps = int(FPS)
    return load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")


def walk(armature, seconds=1.5, **chosen):
    take = take_from_positions(bodies.walk(seconds, FPS)[0], FPS)
    rig, motion = read_rig(armature), solve(take)
    frames = 1.0 + np.arange(len(motion))
    doubted = np.zeros((len(motion), 22), bool)
    doubted[20:30, 15:18] = True  # the left arm
    return perform(armature, rig, match(rig), motion, frames, "walk",
                   KeySettings(**{"destination": "NEW"} | chosen), None, None,
                   Marks(find_contacts(motion).feet, doubted))


def errors(armature, done, dense, sparse):
    """(largest degrees, largest millimetres at a joint) of the keyed bones."""
    names = [bone.name for bone in armature.pose.bones]
    chosen = [names.index(name) for name in done.keys.bone_names]
    first, second = dense[:, chosen], sparse[:, chosen]
    scale = np.linalg.norm(np.array(armature.matrix_world)[:3, 0])
    place = np.linalg.norm(first[..., :3, 3] - second[..., :3, 3], axis=-1).max() * scale * 1000
    turn = np.einsum("tbji,tbjk->tbik", first[..., :3, :3], second[..., :3, :3])
    trace = np.trace(turn, axis1=2, axis2=3) / (np.linalg.norm(first[..., :3, 0], axis=-1) ** 2)
    return np.degrees(np.arccos(np.clip((trace - 1) / 2, -1, 1))).max(), place


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ"])
def test_blender_evaluates_the_pose_within_the_stated_error(man, mode):
    for bone in man.pose.bones:
        bone.rotation_mode = mode
    done = walk(man)
    dense, count = evaluated(man, done.frames), sum(len(c.keyframe_points) for c in curves_of(man).values())
    walk(man, density="SPARSE")
    degrees, place = errors(man, done, dense, evaluated(man, done.frames))
    few = sum(len(curve.keyframe_points) for curve in curves_of(man).values())
    assert degrees <= 1.02 and place <= 5.05 and few < 0.4 * count
    walk(man, density="SPARSE", key_angle=np.radians(4.0), key_distance=25.0)
    degrees, place = errors(man, done, dense, evaluated(man, done.frames))
    assert degrees <= 4.05 and place <= 25.2
    assert sum(len(curve.keyframe_points) for curve in curves_of(man).values()) < few


def test_all_channels_of_a_bone_have_their_keys_on_the_same_frames_with_aligned_handles(man):
    walk(man, density="SPARSE")
    frames = {}
    for (path, _), curve in curves_of(man).items():
        keys = read_keys(curve)
        frames.setdefault(path.split('"')[1], []).append(tuple(keys.frames))
        assert (keys.values["interpolation"] == BEZIER).all() and keys.frames[0] == 1 and keys.frames[-1] == 45
        assert (keys.values["handle_left_type"] == ALIGNED).all()
        assert (keys.values["handle_left"][:, 0] < keys.frames).all()
    assert all(len(set(each)) == 1 for each in frames.values())


@pytest.mark.parametrize("density", ["DENSE", "SPARSE"])
def test_key_types_mark_contacts_and_doubtful_frames(man, density):
    walk(man, density=density)
    curves = curves_of(man)
    path = f'pose.bones["{THIGH}"].rotation_'
    leg = next(curve for (each, _), curve in curves.items() if each.startswith(path))
    stands = find_contacts(solve(take_from_positions(bodies.walk(1.5, FPS)[0], FPS))).feet[:, 0]
    steps = np.flatnonzero(np.diff(stands.astype(int)))
    wanted = {int(t) + (2 if stands[t + 1] else 1) for t in steps}
    assert wanted and {int(key.co[0]) for key in leg.keyframe_points if key.type == "EXTREME"} == wanted
    arm = next(curve for (each, _), curve in curves.items() if 'upperarm_l"' in each)
    doubted = {int(key.co[0]) for key in arm.keyframe_points if key.type == "JITTER"}
    assert doubted and doubted <= set(range(21, 31)) and not any(key.type == "JITTER" for key in leg.keyframe_points)


def test_update_replaces_sparse_keys_and_keeps_those_of_the_animator(man):
    walk(man, destination="UPDATE", density="SPARSE")
    action = man.animation_data.action
    channel, curve = next((key, each) for key, each in curves_of(man).items() if THIGH in key[0])
    first = pairs_of(curve)
    assert not walk(man, destination="UPDATE", density="SPARSE").warnings
    assert man.animation_data.action == action and np.array_equal(pairs_of(curves_of(man)[channel]), first)
    gap = int(np.diff(first[:, 0]).argmax())
    own = float(first[gap, 0]) + 1.5
    curves_of(man)[channel].keyframe_points.insert(own, 0.25)
    curves_of(man)[channel].keyframe_points.insert(80.0, 0.5)
    done = walk(man, destination="UPDATE", density="SPARSE", key_angle=np.radians(2.0), key_distance=10.0)
    now = {round(float(frame), 2): value for frame, value in pairs_of(curves_of(man)[channel])}
    assert now[own] == pytest.approx(0.25) and now[80.0] == pytest.approx(0.5)
    [warning] = done.warnings
    assert "added by hand between ours were kept" in warning and THIGH in warning
    walk(man, destination="UPDATE")
    dense = {round(float(frame), 2) for frame, _ in pairs_of(curves_of(man)[channel])}
    assert dense == {float(frame) for frame in range(1, 46)} | {own, 80.0}
    walk(man, destination="UPDATE", density="SPARSE", seconds=1.0)
    assert all(len(c.keyframe_points) < 31 for key, c in curves_of(man).items() if key != channel)


def test_changed_sparse_keys_are_replaced_and_told(man):
    walk(man, destination="UPDATE", density="SPARSE")
    channel = next(key for key in curves_of(man) if THIGH in key[0])
    before = pairs_of(curves_of(man)[channel])
    curves_of(man)[channel].keyframe_points[1].co[1] += 0.3
    done = walk(man, destination="UPDATE", density="SPARSE")
    assert "changed by hand" in done.warnings[0] and np.array_equal(pairs_of(curves_of(man)[channel]), before)


@pytest.mark.parametrize("destination", ["NLA", "INTO"])
def test_other_places_of_keys_take_sparse_keys_too(man, destination):
    done = walk(man)
    dense = evaluated(man, done.frames)
    walk(man, destination=destination, density="SPARSE", blend=5.0)
    if destination == "NLA":
        man.animation_data.action = None
    degrees, place = errors(man, done, dense, evaluated(man, done.frames))
    assert degrees <= 1.1 and place <= 5.3


@pytest.mark.parametrize("density", ["DENSE", "SPARSE"])
def test_long_gaps_are_left_without_keys_on_request_and_keys_in_them_stay(man, density):
    take = take_from_positions(bodies.walk(3.0, FPS)[0], FPS)
    confidence = take.confidence.copy()
    confidence[30:60], confidence[70:74] = 0.0, 0.0
    source = source_of_take(replace(take, confidence=confidence), "walk")
    rig = read_rig(man)
    target = Target(rig, match(rig), keys=KeySettings("UPDATE", density=density, gaps="EMPTY"))
    assert not retarget_onto(man, source, target).warnings
    for curve in curves_of(man).values():
        frames = read_keys(curve).frames
        if len(frames) == 1:  # fingers that keep their curl
            continue
        assert not ((frames > 30.5) & (frames < 60.5)).any() and {30, 61} <= set(frames.astype(int))
        assert curve.evaluate(45) == pytest.approx((curve.evaluate(30) + curve.evaluate(60.999)) / 2, abs=0.02)
    channel = next(key for key in curves_of(man) if THIGH in key[0])
    curves_of(man)[channel].keyframe_points.insert(45.0, 0.25)
    retarget_onto(man, source, target)
    assert 45 in read_keys(curves_of(man)[channel]).frames.astype(int)
    kept = Target(rig, match(rig), keys=KeySettings("NEW", density=density))
    retarget_onto(man, source, kept)
    assert any(((read_keys(curve).frames > 30.5) & (read_keys(curve).frames < 60.5)).any()
               for curve in curves_of(man).values())
