"""Rigs and motion files as people have them, through the command line: each with its right value."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import bpy
import numpy as np
import pytest
from mathutils import Vector
from scipy.spatial.transform import Rotation

import anatomy_mocap
from anatomy_mocap.cli import main
from anatomy_mocap.core.take import save_take
from tests.support.field_rigs import editing, person, rig_with_hidden_switches, save, walking_take


@pytest.fixture(scope="module")
def take_file(tmp_path_factory):
    """Write a take of a person who steps in place."""
    path = tmp_path_factory.mktemp("take") / "steps.npz"
    save_take(walking_take(), path)
    return path


def retarget(source, rig, output, capsys, *words):
    """Run the command; returns its facts."""
    capsys.readouterr()  # what the test itself printed
    code = main(["retarget", str(source), "--rig", str(rig), "-o", str(output), "--json", "--quiet", *words])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return json.loads(captured.out)


def open_result(path):
    """Open a result; returns its armature, evaluated at its last frame."""
    bpy.ops.wm.open_mainfile(filepath=str(path))
    armature = next(item for item in bpy.context.scene.objects if item.type == "ARMATURE")
    return armature


@pytest.fixture
def incomplete(tmp_path):
    """Save a character whose texture and font are not there any more, and one more texture that is."""
    armature = person()
    mesh = bpy.data.objects.new("Body", bpy.data.meshes.new("Body"))
    bpy.context.scene.collection.objects.link(mesh)
    mesh.parent = armature
    there = bpy.data.images.new("there", 4, 4)
    there.filepath_raw, there.file_format = str(tmp_path / "there.png"), "PNG"
    there.save()
    gone = bpy.data.images.new("gone", 4, 4)
    gone.filepath_raw, gone.file_format = str(tmp_path / "gone.png"), "PNG"
    gone.save()
    for image in (there, gone):
        image.source = "FILE"
        material = bpy.data.materials.new(image.name)
        material.use_nodes = True
        material.node_tree.nodes.new("ShaderNodeTexImage").image = image
        mesh.data.materials.append(material)
    path = save(tmp_path / "rig.blend")
    (tmp_path / "gone.png").unlink()
    return path


@pytest.mark.parametrize("suffix", [".blend", ".fbx", ".glb", ".bvh"])
def test_a_missing_side_file_loses_no_result(take_file, incomplete, tmp_path, capsys, suffix):
    facts = retarget(take_file, incomplete, tmp_path / f"out{suffix}", capsys)
    warnings = [text for text in facts["warnings"] if "were not found" in text]
    assert (tmp_path / f"out{suffix}").stat().st_size > 1000
    if suffix == ".bvh":
        assert not warnings, "a BVH holds no textures"
        return
    assert len(warnings) == 1 and "gone.png" in warnings[0] and "there.png" not in warnings[0]
    if suffix == ".blend":
        open_result(tmp_path / "out.blend")
        assert bpy.data.images["there"].packed_file


def test_json_is_alone_on_stdout(take_file, incomplete, tmp_path, root):
    run = subprocess.run([sys.executable, "-m", "anatomy_mocap", "retarget", str(take_file), "--rig", str(incomplete),
                          "-o", str(tmp_path / "out.blend"), "--json"], capture_output=True, text=True, cwd=root,
                         env={**os.environ, "PYTHONPATH": str(root)})
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["frames"] == 24
    info = subprocess.run([sys.executable, "-m", "anatomy_mocap", "info", str(tmp_path / "out.blend"), "--json"],
                          capture_output=True, text=True, cwd=root)
    assert json.loads(info.stdout)["kind"] == "rig"


def places(armature, *names):
    """World places (T, N, 3) of the heads of bones over the scene's frames."""
    scene, found = bpy.context.scene, []
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
        found.append([armature.matrix_world @ armature.pose.bones[name].head for name in names])
    return np.array(found)


@pytest.mark.parametrize("name", ["Pivot", "Heel", "Extra", "Bone9"])
def test_a_bone_behind_the_ankle_turns_nobody_round(take_file, tmp_path, capsys, name):
    """The hip line stays across: left is at +X, and nothing is said about sides."""
    armature = person()
    with editing(armature) as bones:
        for side, x in (("Left", 1), ("Right", -1)):
            bones.remove(bones[f"{side}ToeBase"])
            heel = bones.new(f"{side}{name}")
            heel.head, heel.tail, heel.parent = (.09 * x, .17, 0), (.12 * x, .17, 0), bones[f"{side}Foot"]
    facts = retarget(take_file, save(tmp_path / "rig.blend"), tmp_path / "out.blend", capsys)
    assert not [text for text in facts["warnings"] if "left and right" in text]
    hips = places(open_result(tmp_path / "out.blend"), "LeftUpLeg", "RightUpLeg")
    line = hips[:, 0] - hips[:, 1]
    assert np.degrees(np.arctan2(line[:, 1], line[:, 0])) == pytest.approx(0, abs=1)
    armature = bpy.context.scene.objects["Armature"]
    feet = np.array([armature.pose.bones[f"{side}Foot"].tail - armature.pose.bones[f"{side}Foot"].head
                     for side in ("Left", "Right")])
    assert feet[:, 1].max() < 0, "the feet point ahead"


def test_toes_behind_swap_the_sides_and_it_is_said(take_file, tmp_path, capsys):
    armature = person(lambda name: name.replace("Left", "@").replace("Right", "Left").replace("@", "Right"))
    facts = retarget(take_file, save(tmp_path / "rig.blend"), tmp_path / "out.blend", capsys)
    assert [text for text in facts["warnings"] if "left and right are swapped" in text]
    assert armature


@pytest.mark.parametrize("tail", [(.09, -1.2, .05), (.09, .01, -.6), (.09, -.5, .4)])
def test_the_tail_of_an_end_foot_is_not_believed(take_file, tmp_path, capsys, tail):
    """Ankles are as high above the floor as with the right tail, within 5 cm."""
    heights = []
    for end in (None, tail):
        armature = person()
        with editing(armature) as bones:
            for side, x in (("Left", 1), ("Right", -1)):
                bones.remove(bones[f"{side}ToeBase"])
                if end:
                    bones[f"{side}Foot"].tail = (end[0] * x, *end[1:])
        retarget(take_file, save(tmp_path / "rig.blend"), tmp_path / "out.blend", capsys)
        heights.append(places(open_result(tmp_path / "out.blend"), "LeftFoot", "RightFoot")[..., 2])
    assert np.abs(heights[0] - heights[1]).max() < 0.05


JOINTS = [("Hips", None, (0, 0, 0)), ("Spine", "Hips", (12, 0, 0)), ("Chest", "Spine", (15, 0, 0)),
          ("Neck", "Chest", (22, 0, 0)), ("Head", "Neck", (10, 0, 0))]
for _side, _way in (("L", 1), ("R", -1)):
    JOINTS += [(f"Shoulder_{_side}", "Chest", (18, -_way, -5 * _way)),
               (f"UpperArm_{_side}", f"Shoulder_{_side}", (12 * _way, 0, 0)),
               (f"LowerArm_{_side}", f"UpperArm_{_side}", (27 * _way, 0, 0)),
               (f"Hand_{_side}", f"LowerArm_{_side}", (25 * _way, 0, 0)),
               (f"UpperLeg_{_side}", "Hips", (-2, 0, -8 * _way)),
               (f"LowerLeg_{_side}", f"UpperLeg_{_side}", (41 * _way, 0, 0)),
               (f"Foot_{_side}", f"LowerLeg_{_side}", (40 * _way, 0, 0)),
               (f"Toes_{_side}", f"Foot_{_side}", (13 * _way, 0, 0))]
TURNS = {"Hips": (90, 0, 0), "UpperLeg_L": (180, 0, 0), "UpperArm_L": (150, 0, 0), "UpperArm_R": (-30, 0, 0),
         "Foot_L": (0, 70, 0), "Foot_R": (0, 70, 0)}


def bvh(path, joints, turns, places):
    """Write a BVH of (name, parent, offset) joints. turns: name -> Z, Y, X degrees. places: root's, one a frame."""
    lines, order = ["HIERARCHY"], []

    def write(name):
        order.append(name)
        offset = next(joint[2] for joint in joints if joint[0] == name)
        below = [joint[0] for joint in joints if joint[1] == name]
        first = len(order) == 1
        lines.extend([f"{'ROOT' if first else 'JOINT'} {name}", "{", "OFFSET {} {} {}".format(*offset),
                      "CHANNELS " + ("6 Xposition Yposition Zposition " if first else "3 ")
                      + "Zrotation Yrotation Xrotation"])
        for each in below:
            write(each)
        if not below:
            lines.extend(["End Site", "{", "OFFSET {} 0 0".format(-5 if name.endswith("_R") else 5), "}"])
        lines.append("}")

    write(joints[0][0])
    lines += ["MOTION", f"Frames: {len(places)}", "Frame Time: 0.0333333"]
    lines += [" ".join(f"{value:.5f}" for value in (*place, *(v for name in order for v in turns.get(name, (0, 0, 0)))))
              for place in places]
    path.write_text("\n".join(lines) + "\n")
    return path


def ankles_of_result(source, rig, output, capsys):
    """Heights of the ankles (T, 2) on the test's own person who follows a source."""
    retarget(source, rig, output, capsys)
    return places(open_result(output), "LeftFoot", "RightFoot")[..., 2]


@pytest.fixture
def follower(tmp_path):
    """Save the test's own person."""
    person()
    return save(tmp_path / "rig.blend")


def test_a_rest_along_one_axis_is_no_standing_body(follower, tmp_path, capsys):
    source = bvh(tmp_path / "bind.bvh", JOINTS, TURNS, [(2 * np.sin(f * .2), 90, 0) for f in range(20)])
    ankles = ankles_of_result(source, follower, tmp_path / "out.blend", capsys)
    assert np.abs(ankles - 0.09).max() < 0.02


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_hips_at_the_origin_at_rest_stand_on_the_floor(follower, tmp_path, capsys, scale):
    """The rest pose hangs below the origin, the motion stands on it."""
    armature = person()
    with editing(armature) as bones:
        for bone in bones:
            bone.use_connect = False
        for bone in bones:
            bone.head = scale * (bone.head - Vector((0, 0, .95)))
            bone.tail = scale * (bone.tail - Vector((0, 0, .95)))
    hips = armature.pose.bones["Hips"]
    for frame in (1, 20):
        hips.location = hips.bone.matrix_local.to_quaternion().inverted() @ Vector((0, 0, scale * .95))
        hips.keyframe_insert("location", frame=frame)
    source = save(tmp_path / "source.blend")
    ankles = ankles_of_result(source, follower, tmp_path / "out.blend", capsys)
    assert np.abs(ankles - 0.09).max() < 0.02


def test_a_rest_in_mid_stride_does_not_sink(follower, tmp_path, capsys):
    """The rest has one leg lifted; the motion stands on both."""
    standing = {"UpperLeg_L": (0, 0, 0)}
    offsets = {"Hips": (0, 0, 0), "Spine": (0, 12, 0), "Chest": (0, 15, 0), "Neck": (0, 22, 0), "Head": (0, 10, 0)}
    joints = [(name, parent, offsets.get(name, offset)) for name, parent, offset in JOINTS]
    sides = {"Shoulder": (3, 18, 0), "UpperArm": (12, 0, 0), "LowerArm": (27, 0, 0), "Hand": (25, 0, 0),
             "UpperLeg": (9, -3, 0), "LowerLeg": (0, -41, 0), "Foot": (0, -40, 0), "Toes": (0, -7, 13)}
    joints = [(name, parent, offset if name in offsets else tuple(
        np.multiply(sides[name[:-2]], (1 if name.endswith("L") else -1, 1, 1)))) for name, parent, offset in joints]
    lifted = {"LowerLeg_L": (0, -20, 35.8), "Foot_L": (0, -24, -32)}
    joints = [(name, parent, lifted.get(name, offset)) for name, parent, offset in joints]
    turns = {"UpperLeg_L": (0, 0, 60.8), "LowerLeg_L": (0, 0, -97.7), "Foot_L": (0, 0, 36.9)}
    source = bvh(tmp_path / "stride.bvh", joints, standing | turns, [(0, 91, 0)] * 12)
    ankles = ankles_of_result(source, follower, tmp_path / "out.blend", capsys)
    assert np.abs(ankles - 0.09).max() < 0.03


def test_collapsed_joints_are_refused(take_file, tmp_path, capsys):
    armature = person()
    with editing(armature) as bones:
        for bone in bones:
            bone.use_connect = False
        for side in ("Left", "Right"):
            bones[f"{side}Leg"].head = bones[f"{side}UpLeg"].head
    code = main(["retarget", str(take_file), "--rig", str(save(tmp_path / "rig.blend")), "-o",
                 str(tmp_path / "out.blend")])
    assert code == 2 and "its rest pose is no body" in capsys.readouterr().err


def with_action(armature, name="Idle"):
    """Key the arms of the armature's present action, 60 degrees off; returns the action."""
    armature.animation_data_create().action = bpy.data.actions.new(name)
    for frame in (1, 20):
        for side in ("LeftArm", "RightArm"):
            bone = armature.pose.bones[side]
            bone.rotation_quaternion = (0.866, 0, 0.3 + frame / 100, 0.2)
            bone.keyframe_insert("rotation_quaternion", frame=frame)
    return armature.animation_data.action


@pytest.mark.parametrize(("case", "words"), [
    ("solo", "plays solo"), ("ADD", "blended (add"), ("COMBINE", "blended (combine"), ("influence", "influence 0.5"),
    ("rest", "rest position"), ("none", "")])
def test_what_hides_the_new_keys_is_said(take_file, tmp_path, capsys, case, words):
    armature = person()
    action = with_action(armature)
    data = armature.animation_data
    if case in ("solo", "ADD", "COMBINE", "influence"):
        data.action = None
        track = data.nla_tracks.new()
        track.strips.new("Idle", 1, action).frame_end = 60
        track.is_solo = case == "solo"
    if case == "influence":
        data.action = bpy.data.actions.new("x")
        data.action_influence = 0.5
    elif case == "rest":
        armature.data.pose_position = "REST"
    elif case in ("ADD", "COMBINE"):
        data.action = bpy.data.actions.new("x")
        data.action_blend_type = case
    facts = retarget(take_file, save(tmp_path / "rig.blend"), tmp_path / "out.blend", capsys)
    hidden = [text for text in facts["warnings"] if "NLA" in text or "rest position" in text]
    told = [text for text in facts["warnings"] if "do not follow the motion" in text]
    assert len(told) == bool(words), "whatever hides the keys, the check of the result tells the limbs"
    assert len(hidden) == bool(words) and all(words in text for text in hidden), facts["warnings"]


def test_a_source_in_rest_position_and_the_slot_with_its_bones(follower, tmp_path, capsys):
    """The action's first slot moves another object, and is longer; the armature is shown at rest."""
    armature = person()
    armature.location = (0, 0, 0)
    other = bpy.data.objects.new("Other", None)
    bpy.context.scene.collection.objects.link(other)
    action = bpy.data.actions.new("Both")
    other.animation_data_create().action = action
    for frame in (1, 200):
        other.location.x = frame
        other.keyframe_insert("location", frame=frame)
    own = with_action(armature, "Own")
    armature.animation_data.action = action
    slot = action.slots.new(id_type="OBJECT", name="Rig")
    bpy.context.view_layer.update()
    armature.animation_data.action_slot = slot
    for frame in (1, 20):
        bone = armature.pose.bones["LeftArm"]
        bone.rotation_quaternion = (0.866, 0, 0, 0.5)
        bone.keyframe_insert("rotation_quaternion", frame=frame)
    armature.animation_data.action = None
    bpy.data.actions.remove(own)
    armature.data.pose_position = "REST"
    facts = retarget(save(tmp_path / "source.blend"), follower, tmp_path / "out.blend", capsys)
    assert facts["frames"] == 20
    arm = places(open_result(tmp_path / "out.blend"), "LeftArm", "LeftForeArm")
    assert np.degrees(np.arccos((arm[:, 1] - arm[:, 0])[:, 0] / 0.28)).min() > 30


@pytest.mark.parametrize("fk_end", [1.0, 0.0])
def test_switches_behind_mechanism_bones(take_file, tmp_path, capsys, fk_end):
    """The end of each switch is keyed at which the deform limbs follow the FK controls."""
    rig_with_hidden_switches(fk_end)
    retarget(take_file, save(tmp_path / "rig.blend"), tmp_path / "out.blend", capsys)
    armature, worst = open_result(tmp_path / "out.blend"), 0.0
    for frame in range(1, 24, 4):
        bpy.context.scene.frame_set(frame)
        for side in "lr":
            for part in ("arm", "forearm", "hand", "thigh", "leg", "foot"):
                own, control = (armature.pose.bones[f"{name}.{side}"].matrix.col[1].to_3d()
                                for name in (part, f"c_{part}_fk"))
                worst = max(worst, np.degrees(own.angle(control)))
    assert worst < 0.5
    assert armature.pose.bones["c_hand_ik.l"]["ik_fk_switch"] == fk_end


@pytest.mark.parametrize("end", ["Foot", "Hand", "ToeBase"])
def test_feet_and_hands_on_another_root_stay_on_their_limb(take_file, tmp_path, capsys, end):
    """Each end is where it is at rest on its limb, within 1 mm, in all frames."""
    armature, limb = person(), {"Foot": "Leg", "Hand": "ForeArm", "ToeBase": "Foot"}[end]
    with editing(armature) as bones:
        root = bones.new("Root")
        root.tail = (0, .2, 0)
        bones["Hips"].parent = root
        for side in ("Left", "Right"):
            bones[side + end].use_connect, bones[side + end].parent = False, root
    retarget(take_file, save(tmp_path / "rig.blend"), tmp_path / "out.blend", capsys)
    armature = open_result(tmp_path / "out.blend")
    for frame in range(1, 24, 3):
        bpy.context.scene.frame_set(frame)
        for side in ("Left", "Right"):
            bone, above = armature.pose.bones[side + end], armature.pose.bones[side + limb]
            assert (bone.head - above.tail).length < 1e-3


def test_the_armature_that_deforms_a_mesh_is_chosen(take_file, tmp_path, capsys):
    armature = person()
    prop = bpy.data.objects.new("A prop", armature.data.copy())
    mesh = bpy.data.objects.new("Body", bpy.data.meshes.new("Body"))
    for item in (prop, mesh):
        bpy.context.scene.collection.objects.link(item)
    mesh.modifiers.new("Armature", "ARMATURE").object = armature
    facts = retarget(take_file, save(tmp_path / "rig.blend"), tmp_path / "out.blend", capsys)
    assert facts["armature"] == "Armature"


UP = {"Y": np.eye(3), "Z": np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0.]]),
      "X": np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1.]]), "-Y": np.diag([1, -1, -1.])}
STANDING = [("Hips", None, (0, 0, 0)), ("Spine", "Hips", (0, 12, 0)), ("Chest", "Spine", (0, 15, 0)),
            ("Neck", "Chest", (0, 22, 0)), ("Head", "Neck", (0, 10, 0))]
for _side, _way in (("L", 1), ("R", -1)):
    STANDING += [(f"Shoulder_{_side}", "Chest", (3 * _way, 18, 0)),
                 (f"UpperArm_{_side}", f"Shoulder_{_side}", (12 * _way, 0, 0)),
                 (f"LowerArm_{_side}", f"UpperArm_{_side}", (27 * _way, 0, 0)),
                 (f"Hand_{_side}", f"LowerArm_{_side}", (25 * _way, 0, 0)),
                 (f"UpperLeg_{_side}", "Hips", (9 * _way, -3, 0)),
                 (f"LowerLeg_{_side}", f"UpperLeg_{_side}", (0, -41, 0)),
                 (f"Foot_{_side}", f"LowerLeg_{_side}", (0, -40, 0)), (f"Toes_{_side}", f"Foot_{_side}", (0, -7, 13))]


def trunk_of_result(path):
    """Direction of the trunk (T, 3) in a result on the test's own person."""
    hips, head = np.moveaxis(places(open_result(path), "Hips", "Head"), 1, 0)
    return (head - hips) / np.linalg.norm(head - hips, axis=-1, keepdims=True)


@pytest.mark.parametrize(("motion", "rest"), [("Y", "Y"), ("Z", "Z"), ("Z", "Y"), ("X", "X"), ("-Y", "-Y")])
def test_a_bvh_with_another_axis_up_is_stood_up_and_said(follower, tmp_path, capsys, motion, rest):
    """The offsets have one axis up, the motion one; between them the root turns the body."""
    joints = [(name, parent, tuple(UP[rest] @ np.array(offset))) for name, parent, offset in STANDING]
    turn = Rotation.from_matrix(UP[motion] @ UP[rest].T).as_euler("ZYX", degrees=True)
    path = [tuple(UP[motion] @ np.array((0, 91, 2.0 * frame))) for frame in range(12)]
    source = bvh(tmp_path / "walk.bvh", joints, {"Hips": tuple(turn)}, path)
    facts = retarget(source, follower, tmp_path / "out.blend", capsys)
    assert bool([text for text in facts["warnings"] if "it was stood up" in text]) == (motion != "Y")
    assert trunk_of_result(tmp_path / "out.blend")[:, 2].min() > 0.99
    ankles = places(open_result(tmp_path / "out.blend"), "LeftFoot", "RightFoot")[..., 2]
    assert np.abs(ankles - 0.09).max() < 0.04


def test_a_person_who_lies_all_the_time_lies_and_it_is_said(follower, tmp_path, capsys):
    source = bvh(tmp_path / "sleep.bvh", STANDING, {"Hips": (0, 0, -90)}, [(0, 15, 0)] * 12)
    facts = retarget(source, follower, tmp_path / "out.blend", capsys)
    assert [text for text in facts["warnings"] if "nearly all the time" in text]
    assert np.abs(trunk_of_result(tmp_path / "out.blend")[:, 2]).max() < 0.1


def heights_of_export(path):
    """(height of the armature's head bone in the world, frames per second) of an FBX file as Blender imports it."""
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.import_scene.fbx(filepath=str(path))
    armature = next(item for item in bpy.context.scene.objects if item.type == "ARMATURE")
    return (armature.matrix_world @ armature.data.bones["Head"].head_local).z, bpy.context.scene.render.fps


@pytest.mark.parametrize(("system", "unit", "fps"), [("METRIC", 0.01, 25), ("IMPERIAL", 0.0254, 60), ("NONE", 1.0, 12)])
def test_the_units_and_the_rate_of_the_rigs_file_are_kept(take_file, tmp_path, capsys, system, unit, fps):
    """The FBX is as large as Blender's own export of that file; no scene of the file is left in the result."""
    armature, scene = person(), bpy.context.scene
    with editing(armature) as bones:
        for bone in bones:
            bone.use_connect = False
        for bone in bones:
            bone.head, bone.tail = bone.head / unit, bone.tail / unit
    scene.unit_settings.system, scene.unit_settings.scale_length, scene.render.fps = system, unit, fps
    rig = save(tmp_path / "rig.blend")
    bpy.ops.export_scene.fbx(filepath=str(tmp_path / "own.fbx"), add_leaf_bones=False)
    own = heights_of_export(tmp_path / "own.fbx")
    facts = retarget(take_file, rig, tmp_path / "out.fbx", capsys)
    assert heights_of_export(tmp_path / "out.fbx") == pytest.approx(own, rel=0.02)
    keys = 24 if fps == 60 else int(np.floor(23 / 30 * fps + 1e-3)) + 1  # frames of 30 Hz are whole ones of 60 Hz
    assert facts["frames"] == keys and not facts["warnings"]
    retarget(take_file, rig, tmp_path / "out.blend", capsys)
    open_result(tmp_path / "out.blend")
    found = bpy.context.scene
    assert found.unit_settings.system == system and found.render.fps == fps and len(bpy.data.scenes) == 1
    assert found.unit_settings.scale_length == pytest.approx(unit)


def test_the_rate_of_a_new_file_gives_way_and_a_rate_that_is_asked_for_wins(take_file, tmp_path, capsys):
    person()
    retarget(take_file, save(tmp_path / "rig.blend"), tmp_path / "out.blend", capsys)
    open_result(tmp_path / "out.blend")
    assert bpy.context.scene.render.fps == 30
    person()
    bpy.context.scene.render.fps = 25
    retarget(take_file, save(tmp_path / "rig.blend"), tmp_path / "out.blend", capsys, "--rate", "video")
    open_result(tmp_path / "out.blend")
    assert bpy.context.scene.render.fps == 30


def told_of(warnings) -> str:
    """The warning of the check; "" for none."""
    return next((text for text in warnings if "do not follow the motion" in text), "")


@pytest.mark.parametrize(("bone", "name"), [("LeftArm", "left upper arm"), ("LeftHand", "left hand"),
                                            ("RightFoot", "right foot"), ("Head", "head"), ("Spine1", "trunk")])
def test_a_part_that_is_off_in_part_of_the_clip_is_told(bone, name):
    """Public Python onto an armature of the open file; an NLA strip or a constraint moves one bone for a while."""
    armature = person()
    constraint = armature.pose.bones[bone].constraints.new("TRANSFORM")
    constraint.target = bpy.data.objects.new("Still", None)
    bpy.context.scene.collection.objects.link(constraint.target)
    constraint.map_to = "ROTATION"
    constraint.mix_mode_rot, constraint.owner_space, constraint.target_space = "ADD", "LOCAL", "LOCAL"
    constraint.to_min_x_rot = constraint.to_max_x_rot = 0.8
    constraint.influence = 0.0
    facts = anatomy_mocap.retarget(walking_take(40), armature)
    assert not told_of(facts["warnings"]), facts["warnings"]
    driver = constraint.driver_add("influence").driver
    driver.type, driver.expression = "SCRIPTED", "1.0 if 14 <= frame <= 26 else 0.0"
    facts = anatomy_mocap.retarget(walking_take(40), armature)
    assert name in told_of(facts["warnings"]), facts["warnings"]


@pytest.mark.parametrize("options", [{"parts": frozenset({"LEFT_ARM"})}, {"destination": "INTO"},
                                     {"destination": "INTO", "blend": 5.0}, {"destination": "NLA"},
                                     {"parts": frozenset({"SPINE", "HEAD"}), "destination": "INTO"}])
def test_the_check_knows_body_parts_and_places_of_keys(options):
    """A clean character is not warned about; with a bone that cannot turn, its part is told."""
    armature = person()
    with_action(armature)
    if options.get("destination") == "NLA":
        armature.animation_data.action = None
    facts = anatomy_mocap.retarget(walking_take(), armature, **options)
    assert not told_of(facts["warnings"]), facts["warnings"]
    stiff = "Head" if "HEAD" in options.get("parts", ()) else "LeftArm"
    limit = armature.pose.bones[stiff].constraints.new("LIMIT_ROTATION")
    limit.use_limit_x = limit.use_limit_y = limit.use_limit_z = True
    limit.owner_space = "LOCAL"
    if options.get("destination") == "NLA":
        armature.animation_data.action = None
    scene = bpy.context.scene
    before = scene.frame_current, len(bpy.data.scenes)
    facts = anatomy_mocap.retarget(walking_take(), armature, **options)
    if stiff == "LeftArm":
        assert "left upper arm" in told_of(facts["warnings"]), facts["warnings"]
    assert (scene.frame_current, len(bpy.data.scenes)) == before
