"""Update replaces the keys that we wrote, and nothing else: raw data of curves before and after are compared."""

from __future__ import annotations

import json

import bpy
import numpy as np
import pytest

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.blender.keys import update_curves as module
from anatomy_mocap.blender.keys.key_data import read_keys
from anatomy_mocap.blender.keys.key_places import write_curves
from anatomy_mocap.blender.keys.keyframes import bone_curves, key_frames
from anatomy_mocap.blender.keys.written_curves import MADE_BY, curves_in, record_of
from anatomy_mocap.blender.perform import perform
from anatomy_mocap.blender.rigs.armature import read_rig
from anatomy_mocap.bone_maps.match import match
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


def write(armature, names=NAMES, count=20, seed=0, start=1, destination="UPDATE", take="dance", parts=None):
    """Write made keys; returns (action, what the update did)."""
    curves = bone_curves(armature, make_keys(names, count, seed))
    return write_curves(armature, curves, np.arange(count) + float(start), take,
                        KeySettings(destination, parts=parts))


def raw(curve):
    """All that a curve has, as plain data."""
    keys = {name: values.tobytes() for name, values in read_keys(curve).values.items()}
    modifiers = [(each.type, [getattr(each, item.identifier) for item in each.bl_rna.properties
                              if item.type in ("FLOAT", "INT", "BOOLEAN", "ENUM")])
                 for each in curve.modifiers]
    return (keys, modifiers, curve.group.name if curve.group else "", curve.extrapolation, curve.lock, curve.mute,
            curve.color_mode, tuple(curve.color), curve.auto_smoothing)


def theirs(armature, path, index=0, frames=(3, 40, 200)):
    """Key a curve as an animator would: curved, with handles and an easing of its own."""
    data = armature.animation_data
    bag = data.action.layers[0].strips[0].channelbag(data.action_slot)
    curve = bag.fcurves.find(path, index=index) or bag.fcurves.new(path, index=index)
    for frame in frames:
        point = curve.keyframe_points.insert(frame, 0.1 * frame)
        point.interpolation, point.handle_left_type, point.handle_right_type = "ELASTIC", "FREE", "FREE"
        point.handle_right, point.amplitude, point.period, point.back = (frame + 0.4, 2.0), 0.7, 3.0, 1.5
        point.type, point.easing = "BREAKDOWN", "EASE_IN_OUT"
    curve.update()
    return curve


def snapshot(armature):
    return {channel: raw(curve) for channel, curve in curves_of(armature).items()}


def man(root):
    from anatomy_mocap.blender.files.rig_files import load_rig

    return load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")


def dance(armature, seconds=1.0, **chosen):
    take = take_from_positions(bodies.walk(seconds, FPS)[0], FPS)
    rig = read_rig(armature)
    return perform(armature, rig, match(rig), solve(take), key_frames(take.times, bpy.context.scene), "dance",
                   KeySettings(**{"destination": "UPDATE"} | chosen))


def test_what_the_animator_added_survives_to_the_bit(root):
    armature = man(root)
    dance(armature)
    added = [theirs(armature, 'pose.bones["index_01_l"].rotation_quaternion', index) for index in range(4)]
    added += [theirs(armature, "location", index) for index in range(3)]
    bag = armature.animation_data.action.layers[0].strips[0].channelbag(armature.animation_data.action_slot)
    group = bag.groups.new("mine")
    for curve in added:
        curve.group, curve.lock, curve.color_mode, curve.color = group, True, "CUSTOM", (0.1, 0.2, 0.3)
    path = 'pose.bones["upperarm_l"].rotation_quaternion'
    path = path if bag.fcurves.find(path) else 'pose.bones["upperarm_l"].rotation_euler'
    noise = bag.fcurves.find(path, index=1)
    noise.modifiers.new("NOISE").strength = 0.25
    noise.extrapolation, noise.color_mode, noise.color = "LINEAR", "CUSTOM", (1, 0, 0)
    before = snapshot(armature)
    action = armature.animation_data.action
    done = dance(armature, 0.8)
    after = snapshot(armature)
    assert done.action == action and not done.warnings and before.keys() == after.keys()
    mine = {(curve.data_path, curve.array_index) for curve in added}
    for channel in before:
        if channel in mine:
            assert before[channel] == after[channel]
        else:
            assert before[channel][1:] == after[channel][1:] and before[channel][0]["co"] != after[channel][0]["co"]
    assert after[path, 1][1], "the modifier is still there"


def test_parts_that_are_not_chosen_stay_to_the_bit(root):
    armature = man(root)
    dance(armature)
    before = snapshot(armature)
    dance(armature, 0.8, parts=frozenset({"LEFT_ARM"}))
    after = snapshot(armature)
    arm = {"clavicle_l", "upperarm_l", "lowerarm_l", "hand_l"}
    assert before.keys() == after.keys()
    changed = {channel for channel in before if before[channel] != after[channel]}
    assert {path.split('"')[1] for path, _ in changed} == arm
    dance(armature, 0.6)
    assert all(after[channel] != value for channel, value in snapshot(armature).items()), "all parts are still ours"


def test_keys_beside_our_frames_on_our_curves_stay():
    armature = make_armature()
    write(armature, start=30)
    curve = theirs(armature, 'pose.bones["hips"].location', 2, (5, 80))
    before = dict(zip(read_keys(curve).frames, points_of(curve), strict=True))
    _, updated = write(armature, seed=3, start=30, count=15)
    now = curves_of(armature)['pose.bones["hips"].location', 2]
    after = dict(zip(read_keys(now).frames, points_of(now), strict=True))
    assert list(after) == [5, *range(30, 45), 80] and not updated.warnings
    assert after[5] == before[5] and after[80] == before[80]


def points_of(curve):
    keys = read_keys(curve)
    return [{name: values[index].tobytes() for name, values in keys.values.items()} for index in range(len(keys))]


def test_changes_on_our_own_frames_are_replaced_and_told():
    armature = make_armature()
    write(armature)
    curve = curves_of(armature)['pose.bones["spine"].rotation_quaternion', 1]
    curve.keyframe_points[4].co[1] += 0.5
    _, updated = write(armature)
    [warning] = updated.warnings
    assert "changed by hand" in warning and "spine" in warning and "hips" not in warning
    assert not write(armature)[1].warnings


def test_keys_that_were_moved_are_still_ours():
    armature = make_armature()
    write(armature)
    for curve in curves_of(armature).values():
        for point in curve.keyframe_points:
            point.co[0] += 13
        curve.update()
    _, updated = write(armature, seed=1)
    assert all(len(curve.keyframe_points) == 20 for curve in curves_of(armature).values())
    assert "changed by hand" in updated.warnings[0]


@pytest.mark.parametrize("why", ["made by the animator", "locked", "group locked"])
def test_a_curve_that_is_not_ours_or_locked_is_kept_and_told(why):
    armature = make_armature()
    write(armature, ("hips", "spine") if why == "made by the animator" else NAMES)
    path = 'pose.bones["head"].rotation_quaternion'
    curve = theirs(armature, path) if why == "made by the animator" else curves_of(armature)[path, 0]
    if why == "locked":
        curve.lock = True
    elif why == "group locked":
        curve.group.lock = True
    before = raw(curve)
    _, updated = write(armature, seed=4)
    assert raw(curves_of(armature)[path, 0]) == before
    assert any("kept as they are: head" in warning for warning in updated.warnings)
    assert sum(each == path for each, _ in curves_of(armature)) == (1 if why == "made by the animator" else 4)


@pytest.mark.parametrize("change", ["action", "armature", "bone", "slot", "appended", "copied"])
def test_our_curves_are_known_after_a_renaming_and_an_append(change, tmp_path):
    armature = make_armature()
    action, _ = write(armature)
    theirs(armature, "location")
    names = NAMES
    if change == "action":
        action.name = "final"
    elif change == "armature":
        armature.name = armature.data.name = "Hero"
    elif change == "bone":
        armature.data.bones["spine"].name = "chest"
        names = ("hips", "chest", "head")
    elif change == "slot":
        armature.animation_data.action_slot.name_display = "other"
    elif change == "copied":
        armature.animation_data.action = action.copy()
    else:
        file = tmp_path / "shot.blend"
        bpy.ops.wm.save_as_mainfile(filepath=str(file), copy=True, check_existing=False)
        empty_file()
        with bpy.data.libraries.load(str(file)) as (_, target):
            target.objects = ["Rig"]
        [armature] = target.objects
        bpy.context.scene.collection.objects.link(armature)
    actions = len(bpy.data.actions)
    before = snapshot(armature)
    _, updated = write(armature, names, seed=2)
    after = snapshot(armature)
    assert updated is not None and not updated.warnings and len(bpy.data.actions) == actions
    assert before.keys() == after.keys() and {path.split('"')[1] for path, _ in after if '"' in path} == set(names)
    assert [channel for channel in before if before[channel] == after[channel]] == [("location", 0)]


def test_actions_of_earlier_versions_know_their_curves_by_their_form():
    armature = make_armature()
    action, _ = write(armature)
    action[MADE_BY] = "dance"  # as earlier versions did
    theirs(armature, "location")
    theirs(armature, 'pose.bones["head"].scale', frames=(1, 5))
    before = snapshot(armature)
    _, updated = write(armature, ("hips", "head"), seed=5)
    after = snapshot(armature)
    assert updated is not None and not any("spine" in path for path, _ in after)
    assert after["location", 0] == before["location", 0]
    assert after['pose.bones["head"].scale', 0] == before['pose.bones["head"].scale', 0]
    assert json.loads(action[MADE_BY])["take"] == "dance"


@pytest.mark.parametrize("damage", ["{", "{}", '{"slots": 3}', '{"slots": {}}', '{"slots": {"x": []}}', 7])
def test_a_damaged_record_never_costs_a_curve(damage):
    armature = make_armature()
    action, _ = write(armature)
    action[MADE_BY] = damage
    before = snapshot(armature)
    made, _ = write(armature, seed=5)
    assert made != action and before == {channel: raw(curve) for channel, curve in curves_of(armature, action).items()}


def test_other_slots_of_the_action_stay():
    armature = make_armature()
    action, _ = write(armature)
    other = action.slots.new(id_type="OBJECT", name="Lamp")
    bag = action.layers[0].strips[0].channelbag(other, ensure=True)
    bag.fcurves.new("location", index=1).keyframe_points.insert(4, 2.0)
    before = {channel: raw(curve) for channel, curve in curves_in(action, other).items()}
    write(armature, seed=5)
    assert {channel: raw(curve) for channel, curve in curves_in(action, other).items()} == before
    assert record_of(action, other) is None


def test_curves_of_ours_that_are_not_keyed_any_more_go_unless_they_carry_something():
    armature = make_armature()
    write(armature)
    curves_of(armature)['pose.bones["head"].rotation_quaternion', 0].modifiers.new("NOISE")
    head = {channel: value for channel, value in snapshot(armature).items() if "head" in channel[0]}
    _, updated = write(armature, ("hips",), seed=5)
    after = snapshot(armature)
    assert {path.split('"')[1] for path, _ in after} == {"hips", "head"}
    assert {channel: after[channel] for channel in head} == head and "head" in updated.warnings[0]
    assert updated.removed == ('pose.bones["spine"].rotation_quaternion',)


def test_a_failing_update_puts_all_back(monkeypatch):
    armature = make_armature()
    write(armature, ("hips", "spine"))
    theirs(armature, 'pose.bones["hips"].location', 2, (5, 80))
    before, record = snapshot(armature), armature.animation_data.action[MADE_BY]
    real, calls = module.write_keys_of, []

    def breaks(curve, keys):
        calls.append(curve)
        if len(calls) == 6:
            raise RuntimeError("disk on fire")
        real(curve, keys)

    monkeypatch.setattr(module, "write_keys_of", breaks)
    with pytest.raises(RuntimeError, match="disk on fire"):
        write(armature, seed=5)
    assert snapshot(armature) == before and armature.animation_data.action[MADE_BY] == record


def test_the_pose_that_the_animator_set_beside_our_keys_stays(root):
    armature = man(root)
    dance(armature)
    bone = armature.pose.bones["upperarm_l"]
    bone.scale = (1.2, 1.2, 1.2)
    dance(armature, 0.8)
    assert tuple(bone.scale) == pytest.approx((1.2, 1.2, 1.2))
