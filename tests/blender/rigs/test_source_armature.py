"""Other armatures as sources of motion: retargeting to another armature and back, with their own rate and size."""

from __future__ import annotations

import json
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from mathutils import Matrix

import anatomy_mocap
from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.blender.files.rig_files import load_rig
from anatomy_mocap.blender.keys.keyframes import key_frames
from anatomy_mocap.blender.perform import perform
from anatomy_mocap.blender.retarget_onto import build_take_armature, source_warnings
from anatomy_mocap.blender.rigs.armature import read_rig
from anatomy_mocap.blender.rigs.source_armature import frame_range, record, recorded_motion, source_map
from anatomy_mocap.blender.ui import jobs
from anatomy_mocap.bone_maps.match import match
from anatomy_mocap.cli import main
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.settings import OF_ARMATURES, KeySettings
from tests.support import control_rigs
from tests.support import made_rigs as zoo
from tests.support import moving_bodies as bodies
from tests.support.blender_armatures import armature_of, heads
from tests.support.blender_scenes import curves_of, empty_file

FPS = 25.0
TAKE = take_from_positions(bodies.random_poses(20, seed=5, spread=0.7), FPS)
FRAMES = (1, 8, 20)
LIMBS = ("upper_arm", "lower_arm", "upper_leg", "lower_leg")
NEXT = {"upper_arm": "lower_arm", "lower_arm": "hand", "upper_leg": "lower_leg", "lower_leg": "foot"}


@pytest.fixture(autouse=True)
def _empty():
    empty_file()
    bpy.context.scene.render.fps = int(FPS)


def man(root):
    return load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")


def animate(armature):
    rig = read_rig(armature)
    perform(armature, rig, match(rig), solve(TAKE), key_frames(TAKE.times, bpy.context.scene), "source")


def follow(source, armature, first=1, last=20):
    """Retarget the motion of `source` onto `armature` at the same frames."""
    recording = drain(record(source, first, last))
    seen, unit = recorded_motion(recording, source_map(recording.rig))
    rig = read_rig(armature)
    return perform(armature, rig, match(rig), seen.motion, recording.frames, "followed", detail=seen.detail), unit


def directions(armature, frames=FRAMES, bone_map=None) -> np.ndarray:
    """Return the unit world directions (T, L, 3) of arms and legs."""
    bones = (bone_map or match(read_rig(armature))).bones
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        found.append([])
        for side in ("left", "right"):
            for limb in LIMBS:
                start, end = heads(armature, [bones[f"{side}_{part}"][0] for part in (limb, NEXT[limb])])
                found[-1].append((end - start) / np.linalg.norm(end - start))
    return np.array(found)


def turns(armature, frames=FRAMES) -> np.ndarray:
    """Return the armature-space rotations (T, B, 3, 3) of the mapped bones."""
    names = [name for names in match(read_rig(armature)).bones.values() for name in names]
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        found.append(np.array([np.array(armature.pose.bones[name].matrix)[:3, :3] for name in names]))
    return np.array(found)


def largest_angle(first, second) -> float:
    sines = np.linalg.norm(np.cross(first, second), axis=-1)
    return float(np.degrees(np.arctan2(sines, (first * second).sum(-1))).max())


def other_rig(**plan):
    return armature_of(zoo.make(zoo.Plan(**{"seed": 4, "arm_drop": 40.0, "spine": 2, **plan})).rig)


def test_round_trip_from_one_rig_to_another_and_back(root):
    first = man(root)
    animate(first)
    wanted, limbs, places = turns(first), directions(first), control_rigs.positions(first, ["pelvis"], FRAMES)
    second = other_rig(spine=3)
    follow(first, second)
    assert largest_angle(directions(first), directions(second)) < 0.05
    first.animation_data.action = None
    for bone in first.pose.bones:
        bone.matrix_basis = Matrix()
    follow(second, first)
    back = turns(first)
    angles = np.degrees(np.arccos(np.clip((np.einsum("tbij,tbij->tb", back, wanted) - 1) / 2, -1, 1)))
    assert angles.max() < 2.5, "full rotations, twist included; the spines divide their bend at other places"
    assert largest_angle(directions(first), limbs) < 0.05
    assert np.linalg.norm(control_rigs.positions(first, ["pelvis"], FRAMES) - places, axis=-1).max() < 0.02


def test_the_armature_built_from_a_take_is_a_source(root):
    """Its bones have the names of the joints at their ends: left_knee is the thigh."""
    direct = man(root)
    animate(direct)
    wanted = directions(direct)
    built, character = build_take_armature(TAKE, "built", OF_ARMATURES, KeySettings()), man(root)
    assert match(read_rig(built)).convention == "own_take"
    follow(built, character)
    assert largest_angle(directions(character), wanted) < 0.05


@pytest.mark.parametrize("size", [0.01, 1.0, 39.37])
def test_a_source_of_any_size_gives_the_same_motion(root, size):
    plain, sized = man(root), man(root)
    animate(plain)
    animate(sized)
    sized.matrix_world = Matrix.Scale(size, 4) @ sized.matrix_world
    bpy.context.view_layer.update()
    first, second = other_rig(), other_rig()
    _, unit = follow(plain, first)
    assert unit == 1.0
    _, unit = follow(sized, second)
    assert unit == pytest.approx(1.0 if size == 1.0 else 1.0 / size, rel=0.2)
    assert largest_angle(directions(first), directions(second)) < 0.05
    names = [bone.name for bone in first.pose.bones]
    apart = control_rigs.positions(first, names, FRAMES) - control_rigs.positions(second, names, FRAMES)
    assert np.abs(apart).max() < 0.03


def test_motion_on_the_object_itself_counts(root):
    """Some motion packs key the armature object instead of its bones."""
    source = man(root)
    animate(source)
    bpy.context.scene.frame_set(1)
    holder = bpy.data.objects.new("cart", None)
    bpy.context.scene.collection.objects.link(holder)
    source.parent = holder
    for frame, place in ((1, 0.0), (20, 4.0)):
        holder.location = (place, 0, 0)
        holder.keyframe_insert("location", frame=frame)
    target = man(root)
    follow(source, target)
    went = control_rigs.positions(target, ["pelvis"], (1, 20))[:, 0]
    own = control_rigs.positions(source, ["pelvis"], (1, 20))[:, 0]
    world = np.array(target.matrix_world)[:3, :3]
    assert np.allclose(world @ (went[1] - went[0] - own[1] + own[0]), (4, 0, 0), atol=0.1)


def test_a_control_rig_is_read_by_its_skeleton():
    """Rigify is animated by IK: the FK controls stand still, so the deform bones are read."""
    armature, bone_map, made = control_rigs.home_made("object", 0.0)
    rig = read_rig(armature)
    perform(armature, rig, bone_map, solve(TAKE), key_frames(TAKE.times, bpy.context.scene), "x", KeySettings())
    recording = drain(record(armature, 1, len(TAKE)))
    (motion, _), _ = recorded_motion(recording, type(bone_map)("manual", made.bones))
    wanted = solve(TAKE).directions
    for joint in ("left_elbow", "right_wrist", "left_knee", "right_ankle"):
        index = bodies.index(joint)
        assert largest_angle(motion.directions[:, index], wanted[:, index]) < 0.05


def test_rigifys_own_deform_bones_are_read(tmp_path):
    """They have several roots, since constraints place them."""
    control_rigs.save_rigify(tmp_path / "rig.blend")
    armature = control_rigs.open_rig(tmp_path / "rig.blend")
    bpy.context.scene.render.fps = int(FPS)
    rig = read_rig(armature)
    perform(armature, rig, match(rig), solve(TAKE), key_frames(TAKE.times, bpy.context.scene), "x", KeySettings())
    target = other_rig()
    follow(armature, target)
    assert largest_angle(directions(target), directions(armature)) < 0.05
    assert source_map(rig).convention == "rigify_deform" and match(rig).convention == "rigify_control"


def test_the_scene_is_as_before_and_reading_can_be_stopped(root):
    source = man(root)
    animate(source)
    scene = bpy.context.scene
    scene.frame_set(7, subframe=0.5)
    assert frame_range(source) == (1, 20)
    recording = drain(record(source, 1, 20))
    assert (scene.frame_current, scene.frame_subframe) == (7, 0.5) and recording.world.shape[0] == 20
    steps = record(source, 1, 20)
    next(steps)
    next(steps)
    assert scene.frame_current == 2
    steps.close()
    assert (scene.frame_current, scene.frame_subframe) == (7, 0.5)


def test_what_can_not_be_read_is_told(root):
    source = man(root)
    with pytest.raises(MocapError, match="not an armature"):
        drain(record(bpy.data.objects.new("Lamp", None), 1, 2))
    with pytest.raises(MocapError, match="frames 5 to 2"):
        drain(record(source, 5, 2))
    source.hide_set(True)
    with pytest.raises(MocapError, match="hidden.*show it"):
        drain(record(source, 1, 2))


# The panel's operator

@pytest.fixture
def scene(root):
    anatomy_mocap.register()
    source, target = man(root), other_rig()
    animate(source)
    settings = bpy.context.scene.anatomy_mocap
    settings.motion_from, settings.source_armature, settings.armature = "ARMATURE", source, target
    yield SimpleNamespace(source=source, target=target, settings=settings)
    anatomy_mocap.unregister()


def test_operator_follows_an_armature_without_any_take(scene):
    assert bpy.ops.anatomy_mocap.retarget() == {"FINISHED"}
    assert largest_angle(directions(scene.source), directions(scene.target)) < 0.05
    assert scene.target.animation_data.action.name == scene.source.name
    assert bpy.context.scene.render.fps == int(FPS) and scene.settings.map_state == "GOOD"
    scene.settings.use_source_range, scene.settings.source_start, scene.settings.source_end = True, 5, 9
    bpy.ops.anatomy_mocap.retarget()
    assert {len(curve.keyframe_points) for curve in curves_of(scene.target).values()} == {5}


def test_operator_says_why_it_can_not_run(scene):
    scene.settings.armature = scene.source
    with pytest.raises(RuntimeError, match="same armature"):
        bpy.ops.anatomy_mocap.retarget()
    scene.settings.source_armature = None
    with pytest.raises(RuntimeError, match="Choose the animated armature first"):
        bpy.ops.anatomy_mocap.retarget()
    scene.settings.source_armature, scene.settings.armature = scene.source, scene.target
    scene.settings.parts = set()
    with pytest.raises(RuntimeError, match="no part of the body is chosen"):
        bpy.ops.anatomy_mocap.retarget()


def reading(monkeypatch, slice_s: float):
    """Start a reading as in a window, whose timer the test drives; returns its job."""
    monkeypatch.setattr(jobs, "has_window", lambda: True)
    monkeypatch.setattr(jobs, "_SLICE", slice_s)
    assert bpy.ops.anatomy_mocap.retarget() == {"FINISHED"}
    return jobs.running()


def test_reading_in_a_window_goes_step_by_step_to_the_same_keys(scene, monkeypatch):
    bpy.context.scene.frame_set(9)
    reading(monkeypatch, 0.0005)  # shorter than two steps on the fastest machine
    assert bpy.context.window_manager.anatomy_mocap.reading and not bpy.ops.anatomy_mocap.retarget.poll()
    slices = 0
    while jobs.tick() is not None:
        slices += 1
        assert bpy.context.scene.frame_current == 9, "the user's frame is shown between two slices"
    assert 1 < slices < 200
    assert largest_angle(directions(scene.source), directions(scene.target)) < 0.05
    assert bpy.ops.anatomy_mocap.retarget.poll()
    assert "frames on" in bpy.context.window_manager.anatomy_mocap.message


@pytest.mark.parametrize("way", ["button", "undo"])
def test_stopping_the_reading_changes_nothing(scene, monkeypatch, way):
    bpy.context.scene.frame_set(9)
    name = scene.target.name
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.ed.undo_push(message="again")
    before = control_rigs.state_of(scene.target)
    reading(monkeypatch, 0.001)
    jobs.tick()
    if way == "button":
        assert bpy.ops.anatomy_mocap.cancel() == {"FINISHED"}
        assert bpy.context.window_manager.anatomy_mocap.message.endswith("cancelled; nothing was kept")
    else:
        bpy.ops.ed.undo()
    target = bpy.data.objects[name]
    assert bpy.context.scene.frame_current == 9 and jobs.tick() is None
    assert target.animation_data is None and control_rigs.state_of(target) == before
    assert bpy.ops.anatomy_mocap.retarget.poll()


# The command line

def test_a_bvh_goes_onto_a_rig_at_its_own_rate(shared_data, root, tmp_path, capsys):
    output = tmp_path / "x.blend"
    rig = root / "tests" / "data" / "rigs" / "human-male.glb"
    code = main(["retarget", str(shared_data / "rigs/bvh/cmu_06_01.bvh"), "--rig", str(rig), "-o", str(output),
                 "--json", "--quiet", "--range", "1", "61", "--turn", "90", "--in-place"])
    assert code == 0
    facts = json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))
    assert facts["frames"] == 61 and facts["source_convention"] == "cmu"
    assert any("times as large as a person" in text for text in facts["warnings"])
    bpy.ops.wm.open_mainfile(filepath=str(output))
    scene = bpy.context.scene
    assert scene.render.fps / scene.render.fps_base == pytest.approx(120, rel=1e-3)
    assert (scene.frame_start, scene.frame_end) == (1, 61)
    armature = next(item for item in scene.objects if item.type == "ARMATURE")
    there = directions(armature, (1, 30, 61))
    empty_file()
    source = load_rig(shared_data / "rigs/bvh/cmu_06_01.bvh")
    wanted = directions(source, (1, 30, 61)) @ np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]]).T
    assert largest_angle(there, wanted) < 0.05


def test_a_bvh_whose_rest_pose_is_no_body_is_read_by_its_joints(shared_data, root):
    source = load_rig(shared_data / "rigs/bvh/rokoko_dance.bvh")
    target = man(root)
    recording = drain(record(source, 400, 460))
    bones = source_map(recording.rig)
    seen, unit = recorded_motion(recording, bones)
    assert unit == pytest.approx(0.01, rel=0.2) and seen.detail is None
    assert any("rest pose is no body" in text for text in source_warnings(bones, recording.rig, seen, unit))
    rig = read_rig(target)
    perform(target, rig, match(rig), seen.motion, recording.frames, "dance")
    frames = (400, 430, 460)
    assert largest_angle(directions(target, frames), directions(source, frames, bones)) < 0.05
    head = match(rig).bones["head"][0]
    chest = control_rigs.positions(target, [head, "pelvis"], frames)
    world = np.array(target.matrix_world)[:3, :3]
    assert ((world @ (chest[:, 0] - chest[:, 1]).T)[2] > 0.4).all(), "upright"


def test_the_result_of_one_run_is_the_source_of_the_next(root, tmp_path, capsys):
    rig = root / "tests" / "data" / "rigs" / "human-male.glb"
    source = man(root)
    animate(source)
    wanted = directions(source)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"), check_existing=False)
    given = tmp_path / "a.blend"
    for suffix in (".fbx", ".glb", ".bvh", ".blend"):
        output = tmp_path / f"out{suffix}"
        assert main(["retarget", str(given), "--rig", str(rig), "-o", str(output), "--quiet"]) == 0
        given = output
    capsys.readouterr()
    bpy.ops.wm.open_mainfile(filepath=str(given))
    assert bpy.context.scene.render.fps in (25, 30)
    armature = next(item for item in bpy.context.scene.objects if item.type == "ARMATURE")
    rate = bpy.context.scene.render.fps / FPS
    start = bpy.context.scene.frame_start
    assert largest_angle(directions(armature, (start,)), wanted[:1]) < 0.5, rate


def test_a_file_without_motion_is_refused(root, tmp_path, capsys):
    rig = root / "tests" / "data" / "rigs" / "human-male.glb"
    assert main(["retarget", str(rig), "--rig", str(rig), "-o", str(tmp_path / "x.blend"), "--quiet"]) == 2
    assert "is not animated; give a file that has an action" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_bad_words_are_told(root, tmp_path, capsys):
    rig = root / "tests" / "data" / "rigs" / "human-male.glb"
    assert main(["retarget", str(rig), "--rig", str(rig), "-o", str(tmp_path / "x.blend"), "--parts", "tail"]) == 2
    assert "'tail' is no part of the body" in capsys.readouterr().err
