"""A known motion on real characters: directions of the evaluated armature in Blender, against the motion's."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix

from anatomy_mocap.blender.armature import read_rig
from anatomy_mocap.blender.keyframes import write_keys
from anatomy_mocap.blender.rig_files import load_rig
from anatomy_mocap.bone_maps.matcher import match
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.known import take_from_positions
from anatomy_mocap.core.retarget import retarget
from anatomy_mocap.core.solve import solve
from tests.blender.rigs import heads, mpfb_armature
from tests.blender.stage import empty_file
from tests.core import bodies

FILES = ("mixamo/animations-mixamo-default.glb", "unreal/human-male.glb", "unreal/human-female.glb",
         "rigify/human-skeleton.glb", "vrm/basic_armature.vrm", "vrm/basic_armature_vrm1.vrm", "quaternius/Casual.glb",
         "gdquest_mannequin/mannequiny-0.3.0.glb", "bvh/cmu_06_01.bvh", "bvh/wave_hello.bvh")
MPFB = ("default", "default_no_toes", "game_engine", "cmu_mb", "mixamo", "mixamo_unity", "human")
LIMBS = {"upper_arm": ("lower_arm", "elbow"), "lower_arm": ("hand", "wrist"), "upper_leg": ("lower_leg", "knee"),
         "lower_leg": ("foot", "ankle")}
FPS = 25.0
TAKE = take_from_positions(bodies.random_poses(30, seed=5, spread=0.9), FPS)
MOTION = solve(TAKE)


@pytest.fixture(autouse=True)
def _empty():
    empty_file()
    bpy.context.scene.render.fps = int(FPS)


def errors(armature, bone_map, frames=(1, 8, 17, 30)) -> dict[str, float]:
    """Limb -> the largest angle in degrees between the evaluated armature's and the motion's direction."""
    found: dict[str, float] = {}
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        for side in ("left", "right"):
            for limb, (following, joint) in LIMBS.items():
                start, end = heads(armature, [bone_map.bones[f"{side}_{part}"][0] for part in (limb, following)])
                wanted = MOTION.directions[frame - 1, bodies.index(f"{side}_{joint}")]
                way = bodies.unit(end - start)
                angle = np.degrees(np.arctan2(np.linalg.norm(np.cross(way, wanted)), way @ wanted))
                found[f"{side}_{limb}"] = max(found.get(f"{side}_{limb}", 0.0), float(angle))
    return found


def perform(armature):
    rig = read_rig(armature)
    bone_map = match(rig)
    keys = retarget(MOTION, rig, bone_map)
    return bone_map, keys, write_keys(armature, keys, TAKE, "dance")


@pytest.mark.parametrize("file", FILES)
def test_files(shared_data, file):
    armature = load_rig(shared_data / "rigs" / file)
    bone_map, _, _ = perform(armature)
    assert not bone_map.warnings
    assert max(errors(armature, bone_map).values()) < 0.02


@pytest.mark.parametrize("definition", MPFB)
def test_makehuman_rigs(shared_data, definition):
    armature = mpfb_armature(shared_data / "rigs" / "mpfb2" / f"rig.{definition}.json")
    bone_map, _, _ = perform(armature)
    assert not bone_map.warnings
    assert max(errors(armature, bone_map).values()) < 0.02


def bundled(root):
    return load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")


@pytest.mark.parametrize("mode", ["XYZ", "ZXY", "YZX", "AXIS_ANGLE"])
def test_any_rotation_mode(root, mode):
    armature = bundled(root)
    for bone in armature.pose.bones:
        bone.rotation_mode = mode
    bone_map, _, _ = perform(armature)
    assert max(errors(armature, bone_map).values()) < 0.02
    assert {bone.rotation_mode for bone in armature.pose.bones} == {mode}


@pytest.mark.parametrize("matrix", [
    Matrix.Translation((3, -2, 1)) @ Euler((0.4, 1.1, 2.5)).to_matrix().to_4x4() @ Matrix.Scale(0.013, 4),
    Matrix.Diagonal((-1, 1, 1, 1)),
    Euler((0, 0, 1.0)).to_matrix().to_4x4() @ Matrix.Diagonal((1.5, 0.7, 1.1, 1)),
], ids=["turned and small", "mirrored", "uneven"])
def test_any_object_transform(root, matrix):
    armature = bundled(root)
    holder = bpy.data.objects.new("holder", None)
    bpy.context.scene.collection.objects.link(holder)
    holder.matrix_world = matrix
    armature.parent = holder
    bpy.context.view_layer.update()
    bone_map, _, _ = perform(armature)
    assert max(errors(armature, bone_map).values()) < 0.05


def test_the_rig_itself_is_untouched(root):
    armature = bundled(root)
    old = bpy.data.actions.new("older")
    old.use_fake_user = True

    def state():
        rest = {bone.name: (np.array(bone.matrix_local).tolist(), bone.length) for bone in armature.data.bones}
        pose = {bone.name: (bone.rotation_mode, len(bone.constraints)) for bone in armature.pose.bones}
        return rest, pose, np.array(armature.matrix_world).tolist(), armature.parent

    before = state()
    _, keys, action = perform(armature)
    assert state() == before and "older" in bpy.data.actions and action != old
    curves = action.layers[0].strips[0].channelbags[0].fcurves
    assert len(curves) == 4 * len(keys.bone_names) + 3
    keyed = {curve.data_path.split('"')[1] for curve in curves}
    assert keyed == set(keys.bone_names) and not any("thumb" in name or "leaf" in name for name in keyed)


def test_feet_of_the_bundled_character_stay_on_the_floor(root):
    """A walk: the lower foot is on the floor in every frame, neither sunk nor floating."""
    armature = bundled(root)
    positions, _ = bodies.walk(3.0, FPS)
    take = take_from_positions(positions, FPS)
    rig = read_rig(armature)
    bone_map = match(rig)
    write_keys(armature, retarget(solve(take), rig, bone_map), take, "walk")
    at_rest = rig.in_world(rig.heads)[[rig.index("ball_l"), rig.index("foot_l")], 2]
    lowest = []
    for frame in range(1, len(positions) + 1):
        bpy.context.scene.frame_set(frame)
        now = heads(armature, ["ball_l", "ball_r", "foot_l", "foot_r"])[:, 2]
        lowest.append(min(now[:2].min() - at_rest[0], now[2:].min() - at_rest[1]))
    assert min(lowest) > -0.02 and max(lowest) < 0.03


def test_a_rig_without_a_body_is_refused():
    bpy.ops.object.armature_add()
    with pytest.raises(MocapError, match="too few bones are recognised"):
        match(read_rig(bpy.context.object))
