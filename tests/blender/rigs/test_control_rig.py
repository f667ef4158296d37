"""Control rigs: exact FK keys, keyed switches, matched IK, and no change of the user's data."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.blender.keys.keyframes import key_frames
from anatomy_mocap.blender.perform import perform
from anatomy_mocap.blender.rigs.armature import read_rig
from anatomy_mocap.blender.rigs.control_rig import is_control_rig, read_controls
from anatomy_mocap.blender.rigs.ik_limbs import find_ik
from anatomy_mocap.bone_maps.match import match
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.settings import KeySettings, RetargetSettings
from tests.support import control_rigs
from tests.support import moving_bodies as bodies
from tests.support.blender_scenes import curves_of, empty_file, values_of

FPS = 25.0
POSES = take_from_positions(bodies.random_poses(30, seed=5, spread=0.9), FPS)
WALK = take_from_positions(bodies.walk(2.0, FPS)[0], FPS)
FRAMES = (1, 8, 17, 30)
JOINTS = (("upper_arm", "forearm", "elbow"), ("forearm", "hand", "wrist"), ("thigh", "shin", "knee"),
          ("shin", "foot", "ankle"))
RIGIFY_LIMBS = {(f"DEF-{start}.{letter}", f"DEF-{end}.{letter}"): f"{side}_{joint}"
                for side, letter in (("left", "L"), ("right", "R")) for start, end, joint in JOINTS}
SKIN = [f"DEF-{name}.{letter}" for letter in "LR"
        for name in ("upper_arm", "forearm", "hand", "thigh", "shin", "foot", "toe")]


@pytest.fixture(scope="session")
def rigify_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("rigify") / "rig.blend"
    control_rigs.save_rigify(path)
    return path


@pytest.fixture
def rigify(rigify_file):
    armature = control_rigs.open_rig(rigify_file)
    bpy.context.scene.render.fps = int(FPS)
    return armature


def dance(armature, take=POSES, bone_map=None, placing=None, **settings):
    rig = read_rig(armature)
    motion = solve(take)
    done = perform(armature, rig, bone_map or match(rig), motion, key_frames(take.times, bpy.context.scene), "dance",
                   KeySettings(**settings), placing)
    return motion, done


def constant(armature, path):
    """Return the value of a switch's only key."""
    _, values = values_of(curves_of(armature)[path, 0])
    assert len(values) == 1
    return values[0]


def test_rigify_deform_bones_point_as_the_motion(rigify):
    motion, done = dance(rigify)
    assert not done.warnings and done.action == rigify.animation_data.action
    assert max(control_rigs.direction_errors(rigify, RIGIFY_LIMBS, motion, FRAMES).values()) < 0.01
    joints = motion.joint_positions()
    for frame in FRAMES:
        [[neck, left, right]] = control_rigs.positions(rigify, ("DEF-spine.004", "DEF-thigh.L", "DEF-thigh.R"), [frame])
        torso, wanted = neck - (left + right) / 2, joints[frame - 1, bodies.index("thorax")] - joints[frame - 1, 0]
        assert np.degrees(np.arccos(bodies.unit(torso) @ bodies.unit(wanted))) < 0.05


def test_rigify_keys_fk_controls_and_switches_only(rigify):
    _, done = dance(rigify)
    paths = {path for path, _ in curves_of(rigify)}
    bones = {path.split('"')[1] for path in paths if "rotation" in path or path.endswith("location")}
    assert {"torso", "upper_arm_fk.L", "shin_fk.R", "head", "spine_fk.003"} <= bones and len(bones) == done.bones
    assert not any("ik" in name or name.startswith(("DEF", "ORG", "MCH")) for name in bones)
    for limb in ("upper_arm_parent", "thigh_parent"):
        for letter in "LR":
            assert constant(rigify, f'pose.bones["{limb}.{letter}"]["IK_FK"]') == 1.0
    assert constant(rigify, 'pose.bones["torso"]["neck_follow"]') == 1.0
    assert not any("IK_Stretch" in path or "parent\"" in path or "FK_limb_follow" in path for path in paths)


def test_follow_switches_that_a_user_has_set_do_not_spoil_it(rigify):
    """Limbs and a head that keep their world rotation: their switches are keyed, and the result is exact."""
    for name in ("upper_arm_parent", "thigh_parent"):
        for letter in "LR":
            rigify.pose.bones[f"{name}.{letter}"]["FK_limb_follow"] = 0.7
    rigify.pose.bones["torso"]["head_follow"] = 0.3
    motion, done = dance(rigify)
    assert not done.warnings
    assert constant(rigify, 'pose.bones["thigh_parent.L"]["FK_limb_follow"]') == 0.0
    assert max(control_rigs.direction_errors(rigify, RIGIFY_LIMBS, motion, FRAMES).values()) < 0.01


def test_reading_a_control_rig_leaves_everything_as_it_was(rigify):
    rng = np.random.default_rng(0)
    for bone in rigify.pose.bones:
        if bone.custom_shape:
            bone.location, bone.rotation_quaternion = rng.normal(size=3) * 0.01, rng.normal(size=4)
    rigify.pose.bones["upper_arm_parent.L"]["IK_FK"] = 0.25
    bpy.context.view_layer.update()
    before = control_rigs.state_of(rigify)
    rig = read_rig(rigify)
    bones = match(rig).bones
    controls = read_controls(rigify, rig, bones, find_ik(rigify, bones))
    assert control_rigs.state_of(rigify) == before
    assert {switch.name for switch in controls.switches} >= {"IK_FK", "pole_vector", "neck_follow"}
    rigify.animation_data.action = bpy.data.actions.new("users")
    assert control_rigs.state_of(rigify) == before


def test_reading_that_fails_brings_the_pose_back(rigify, monkeypatch):
    from anatomy_mocap.blender.rigs import control_rig

    rigify.pose.bones["hand_ik.L"].location = (0.1, 0.2, 0.3)
    before = control_rigs.state_of(rigify)
    monkeypatch.setattr(control_rig, "rigid_parents", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        dance(rigify)
    assert control_rigs.state_of(rigify) == before and not bpy.data.actions


def test_poses_that_bend_the_chain_are_brought_to_rest(rigify):
    """Controls above the keyed ones lose the pose of an older action, which would bend the result. Others keep it."""
    for name in ("chest", "hips", "tweak_spine"):
        rigify.pose.bones[name].rotation_quaternion = (0.9, 0.3, 0.2, 0.1)
    rigify.pose.bones["upper_arm_tweak.L.001"].location = (0.0, 0.0, 0.02)
    motion, _ = dance(rigify)
    assert tuple(rigify.pose.bones["chest"].rotation_quaternion) == (1, 0, 0, 0)
    assert tuple(rigify.pose.bones["upper_arm_tweak.L.001"].location) == pytest.approx((0.0, 0.0, 0.02))
    assert max(control_rigs.direction_errors(rigify, RIGIFY_LIMBS, motion, FRAMES).values()) < 0.01


def test_matched_ik_leaves_the_pose_when_the_switch_is_thrown(rigify):
    motion, done = dance(rigify, WALK, match_ik=True)
    frames = range(1, len(WALK) + 1, 3)
    by_fk = control_rigs.positions(rigify, SKIN, frames)
    for (path, _), curve in curves_of(rigify).items():
        if path.endswith('["IK_FK"]'):
            curve.keyframe_points[0].co[1] = 0.0
            curve.update()
    by_ik = control_rigs.positions(rigify, SKIN, frames)
    assert np.ptp(by_fk, axis=0).max() > 0.2, "the rig walks"
    assert np.linalg.norm(by_ik - by_fk, axis=-1).max() < 0.001
    bones = {path.split('"')[1] for path, _ in curves_of(rigify)}
    assert {"hand_ik.L", "foot_ik.R", "toe_ik.L", "upper_arm_ik_target.R", "thigh_ik_target.L"} <= bones


def test_ik_may_play(rigify):
    motion, _ = dance(rigify, WALK, limbs="IK")
    assert constant(rigify, 'pose.bones["thigh_parent.L"]["IK_FK"]') == 0.0
    errors = control_rigs.direction_errors(rigify, RIGIFY_LIMBS, motion, range(1, len(WALK) + 1, 5))
    assert max(errors.values()) < 0.1


def test_way_on_the_root_control_and_no_twist_bones(rigify):
    """Rigify distributes twist itself. Its root carries the ground motion, and the IK controls allow for it."""
    options = RetargetSettings(ground_on_root=True, twist_bones=True)
    motion, _ = dance(rigify, WALK, match_ik=True, placing=options)
    paths = {path for path, _ in curves_of(rigify)}
    assert 'pose.bones["root"].location' in paths and 'pose.bones["torso"].location' in paths
    assert not any('"DEF-' in path or '"ORG-' in path for path in paths)
    frames = range(1, len(WALK) + 1, 6)
    assert max(control_rigs.direction_errors(rigify, RIGIFY_LIMBS, motion, frames).values()) < 0.01
    by_fk = control_rigs.positions(rigify, SKIN, frames)
    for (path, _), curve in curves_of(rigify).items():
        if path.endswith('["IK_FK"]'):
            curve.keyframe_points[0].co[1] = 0.0
            curve.update()
    assert np.linalg.norm(control_rigs.positions(rigify, SKIN, frames) - by_fk, axis=-1).max() < 0.001


def test_parts_of_a_control_rig_key_their_own_switches_only(rigify):
    _, done = dance(rigify, parts=frozenset({"LEFT_ARM", "HEAD"}), match_ik=True)
    paths = {path for path, _ in curves_of(rigify)}
    bones = {path.split('"')[1] for path in paths if "rotation" in path}
    assert bones == {"shoulder.L", "upper_arm_fk.L", "forearm_fk.L", "hand_fk.L", "hand_ik.L", "neck", "head",
                     "upper_arm_ik_target.L"}
    assert 'pose.bones["upper_arm_parent.L"]["IK_FK"]' in paths
    assert not any("thigh" in path or "upper_arm_parent.R" in path for path in paths)


def test_control_rig_that_is_not_evaluated_is_refused_in_words(rigify):
    rigify.hide_set(True)
    with pytest.raises(MocapError, match="hidden.*show it"):
        dance(rigify)
    rigify.hide_set(False)
    rigify.data.pose_position = "REST"
    with pytest.raises(MocapError, match="rest position.*Pose Position"):
        dance(rigify)
    assert not bpy.data.actions


def test_a_hidden_control_rig_of_a_file_is_tried_out_and_stays_hidden(rigify, tmp_path, capsys):
    from anatomy_mocap.cli import main
    from anatomy_mocap.core.take import save_take

    rigify.hide_viewport = True
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "hidden.blend"), check_existing=False)
    save_take(WALK, tmp_path / "walk.npz")
    assert main(["retarget", str(tmp_path / "walk.npz"), "--rig", str(tmp_path / "hidden.blend"), "-o",
                 str(tmp_path / "out.blend"), "--armature", "rig", "--match-ik", "--parts", "upper", "--start", "11",
                 "--nla", "--quiet"]) == 0
    capsys.readouterr()
    armature = control_rigs.open_rig(tmp_path / "out.blend")
    [track] = armature.animation_data.nla_tracks
    assert armature.hide_viewport and armature.animation_data.action is None
    assert (track.strips[0].frame_start, track.strips[0].frame_end) == (11, 10 + len(WALK))
    bag = track.strips[0].action.layers[0].strips[0].channelbags[0]
    keyed = {curve.data_path.split('"')[1] for curve in bag.fcurves if "rotation" in curve.data_path}
    assert {"hand_ik.L", "upper_arm_fk.R", "head"} <= keyed and not keyed & {"torso", "thigh_fk.L", "foot_ik.R"}


def test_override_of_a_linked_control_rig(rigify_file):
    """The rig is linked from another file. Its override gets an action of this file."""
    empty_file()
    bpy.context.scene.render.fps = int(FPS)
    with bpy.data.libraries.load(str(rigify_file), link=True) as (_, target):
        target.objects = ["rig"]
    linked = target.objects[0]
    bpy.context.scene.collection.objects.link(linked)
    with pytest.raises(MocapError, match="linked from .*library override"):
        dance(linked)
    override = linked.override_create(remap_local_usages=True)
    override.override_library.is_system_override = False
    bpy.context.view_layer.update()
    motion, done = dance(override, match_ik=True)
    assert done.action.library is None and override.data.library is not None
    assert max(control_rigs.direction_errors(override, RIGIFY_LIMBS, motion, FRAMES).values()) < 0.01


@pytest.mark.parametrize(("owner", "fk_is", "limits"), [
    ("bones", 1.0, (0.0, 1.0)), ("bones", 0.0, (0.0, 1.0)), ("object", 0.0, (0.0, 1.0)),
    ("object", 100.0, (0.0, 100.0)), ("bones", -1.0, (-1.0, 1.0))])
def test_switches_of_any_name_and_sense(owner, fk_is, limits):
    empty_file()
    bpy.context.scene.render.fps = int(FPS)
    armature, bone_map, made = control_rigs.home_made(owner, fk_is, limits)
    rig = read_rig(armature)
    assert is_control_rig(armature, rig, bone_map.bones)
    before = control_rigs.state_of(armature)
    controls = read_controls(armature, rig, bone_map.bones)
    assert control_rigs.state_of(armature) == before
    assert {switch.value for switch in controls.switches if switch.name.startswith("switch")} == {fk_is}
    assert len([switch for switch in controls.switches if switch.kind == "limb"]) == 4
    motion, done = dance(armature, bone_map=bone_map)
    assert not done.warnings
    limbs = {(made.bones[f"{side}_{start}"][0], made.bones[f"{side}_{end}"][0]): f"{side}_{joint}"
             for side in ("left", "right")
             for start, end, joint in (("upper_arm", "lower_arm", "elbow"), ("lower_arm", "hand", "wrist"),
                                       ("upper_leg", "lower_leg", "knee"), ("lower_leg", "foot", "ankle"))}
    assert max(control_rigs.direction_errors(armature, limbs, motion, FRAMES).values()) < 0.02


def test_controls_that_move_nothing_are_told():
    """Deform bones follow IK with a constant influence: a warning reports that there is no switch."""
    empty_file()
    armature, bone_map, made = control_rigs.home_made("object", 0.0)
    for bone in armature.pose.bones:
        for constraint in bone.constraints:
            if constraint.name.startswith("to IK"):
                constraint.driver_remove("influence")
                constraint.influence = 1.0
    _, done = dance(armature, bone_map=bone_map)
    assert any("do not move the character" in warning and "FK-" in warning for warning in done.warnings)


def test_plain_rigs_are_not_tried_out(root):
    from anatomy_mocap.blender.files.rig_files import load_rig

    empty_file()
    armature = load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")
    rig = read_rig(armature)
    assert not is_control_rig(armature, rig, match(rig).bones)


@pytest.mark.parametrize("limbs", ["FK", "IK"])
def test_sparse_keys_on_controls_leave_the_joints_within_the_stated_error(rigify, limbs):
    dance(rigify, WALK, limbs=limbs)
    frames = range(1, len(WALK) + 1, 2)
    wanted = control_rigs.positions(rigify, SKIN, frames)
    count = sum(len(curve.keyframe_points) for curve in curves_of(rigify).values())
    dance(rigify, WALK, limbs=limbs, density="SPARSE")
    assert sum(len(curve.keyframe_points) for curve in curves_of(rigify).values()) < 0.5 * count
    assert np.linalg.norm(control_rigs.positions(rigify, SKIN, frames) - wanted, axis=-1).max() < 0.0055
