"""Retargeting a known motion onto real characters: compares the evaluated armature's directions with the motion's."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix
from scipy.spatial.transform import Rotation

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.blender.files.rig_files import load_rig
from anatomy_mocap.blender.keys.keyframes import key_frames
from anatomy_mocap.blender.perform import perform
from anatomy_mocap.blender.rigs.armature import read_rig
from anatomy_mocap.bone_maps.match import match
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.retargeting.read_rig_motion import read_rig_motion
from anatomy_mocap.retargeting.retarget import retarget
from anatomy_mocap.settings import RetargetSettings
from tests.retargeting.test_retarget import limb_errors, posed
from tests.rigs.test_loose_parts import CUTS, cut, whole
from tests.support import moving_bodies as bodies
from tests.support.blender_armatures import armature_of, heads, mpfb_armature
from tests.support.blender_scenes import empty_file
from tests.support.made_rigs import SIDES, Plan, make, placed
from tests.support.remodelled_rigs import random_pose, remodelled, rotation_errors

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
    """Return limb -> largest angle in degrees between the evaluated armature's direction and the motion's."""
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


def dance(armature, bone_map=None, motion=MOTION, detail=None, settings=None):
    """(bone map, action) of a motion that is put on an armature."""
    rig = read_rig(armature)
    bone_map = bone_map or match(rig)
    frames = key_frames(np.arange(len(motion)) / FPS, bpy.context.scene)
    return bone_map, perform(armature, rig, bone_map, motion, frames, "dance", placing=settings, detail=detail).action


def map_of(made):
    return SimpleNamespace(bones=made.bones, warnings=())


@pytest.mark.parametrize("file", FILES)
def test_files(shared_data, file):
    armature = load_rig(shared_data / "rigs" / file)
    bone_map, _ = dance(armature)
    assert not bone_map.warnings
    assert max(errors(armature, bone_map).values()) < 0.02


@pytest.mark.parametrize("definition", MPFB)
def test_makehuman_rigs(shared_data, definition):
    armature = mpfb_armature(shared_data / "rigs" / "mpfb2" / f"rig.{definition}.json")
    bone_map, _ = dance(armature)
    assert not bone_map.warnings
    assert max(errors(armature, bone_map).values()) < 0.02


def bundled(root):
    return load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")


@pytest.mark.parametrize("mode", ["XYZ", "ZXY", "YZX", "AXIS_ANGLE"])
def test_any_rotation_mode(root, mode):
    armature = bundled(root)
    for bone in armature.pose.bones:
        bone.rotation_mode = mode
    bone_map, _ = dance(armature)
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
    bone_map, _ = dance(armature)
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
    bone_map, action = dance(armature)
    keys = retarget(MOTION, read_rig(armature), bone_map)
    assert state() == before and "older" in bpy.data.actions and action != old
    curves = action.layers[0].strips[0].channelbags[0].fcurves
    assert len(curves) == 4 * len(keys.bone_names) + 3
    keyed = {curve.data_path.split('"')[1] for curve in curves}
    assert keyed == set(keys.bone_names) and not any("thumb" in name or "leaf" in name for name in keyed)


def test_feet_of_the_bundled_character_stay_on_the_floor(root):
    """In a walk the lower foot is on the floor in every frame."""
    armature = bundled(root)
    positions, _ = bodies.walk(3.0, FPS)
    take = take_from_positions(positions, FPS)
    rig = read_rig(armature)
    dance(armature, motion=solve(take))
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


PLANS = [
    Plan(seed=1, arm_drop=45, straight=False, halves=True),
    Plan(seed=2, arm_drop=70, elbow=20, knee=15, spine=1, neck=0, clavicles=False, toes=False, flags=True),
    Plan(seed=3, arm_drop=10, spine=6, neck=3, legs_on_root=True, world=placed(Rotation.from_rotvec([-1.57, 0, 0.4])),
         body_from_armature=Rotation.from_rotvec([np.pi / 2, 0, 0])),
    Plan(seed=4, arm_drop=30, straight=False, flags=True,
         world=placed(Rotation.from_rotvec([0, 0, 2.0]), 0.01, (1, 2, 0))),
    Plan(seed=5, arm_drop=50, twists="beside", world=placed(Rotation.identity()) @ np.diag([-1.0, 1, 1, 1])),
    Plan(seed=6, arm_drop=50, twists="inside", spine=2, world=np.diag([1.3, 1.3, 1.3, 1.0])),
    Plan(seed=7, arm_drop=40, world=np.diag([1.5, 0.8, 1.1, 1.0])),
]
SETTINGS = [{}, {"twist_bones": True}, {"hands": "chest", "feet": "space"}, {"hands": "space", "twist_bones": True}]


def with_odd_flags(made, seed):
    """Connect bones whose heads are at their parents' tails, and set all kinds of inherit_scale and local_location."""
    rig, random = made.rig, np.random.default_rng(seed)
    above = np.maximum(rig.parents, 0)
    meets = (np.linalg.norm(rig.heads - rig.tails[above], axis=-1) < 1e-6) & (rig.parents >= 0)
    modes = ("FULL", "NONE", "ALIGNED", "AVERAGE", "FIX_SHEAR", "NONE_LEGACY")
    rig = replace(rig, connected=meets & (np.arange(len(rig)) != rig.index("hips")),
                  local_location=random.random(len(rig)) > 0.3,
                  inherit_scale=tuple(modes[random.integers(len(modes))] for _ in rig.bone_names))
    return replace(made, rig=rig)


@pytest.mark.parametrize("settings", SETTINGS, ids=["plain", "twist", "reach", "space and twist"])
@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"plan {plan.seed}")
def test_made_rigs_are_evaluated_as_the_core_thinks(plan, settings):
    """Blender and rigs/forward_kinematics.py agree on every bone of a procedural rig, and limbs match the motion."""
    made = with_odd_flags(make(plan), plan.seed)
    armature = armature_of(made.rig)
    made = replace(made, rig=read_rig(armature))
    dance(armature, map_of(made), settings=RetargetSettings(**settings))
    wanted = posed(made, retarget(MOTION, made.rig, map_of(made), RetargetSettings(**settings)))
    size = np.linalg.norm(made.rig.world_from_armature[:3, :3], axis=0).max()
    for frame in (1, 13, 30):
        bpy.context.scene.frame_set(frame)
        found = np.array([armature.matrix_world @ armature.pose.bones[name].matrix for name in made.rig.bone_names])
        assert np.abs(found - wanted[frame - 1]).max() < 2e-5 * (1 + size)
    if not {"hands", "feet"} & set(settings) and np.linalg.det(made.rig.world_from_armature[:3, :3]) > 0:
        assert max(error.max() for error in limb_errors(made, wanted, MOTION).values()) < 0.02


def test_the_root_bone_is_keyed_with_the_way_over_the_ground():
    made = make(Plan(seed=8))
    armature = armature_of(made.rig)
    _, action = dance(armature, map_of(made), settings=RetargetSettings(ground_on_root=True))
    curves = action.layers[0].strips[0].channelbags[0].fcurves
    moved = {curve.data_path.split('"')[1] for curve in curves if curve.data_path.endswith("location")}
    assert moved == {"root", "hips"}
    wanted = posed(made, retarget(MOTION, made.rig, map_of(made)))
    bpy.context.scene.frame_set(30)
    found = np.array([armature.pose.bones[name].matrix for name in made.rig.bone_names])
    assert np.abs(found[1:] - wanted[29, 1:]).max() < 1e-5
    assert np.abs(found[0, :2, 3] - wanted[29, 0, :2, 3]).max() > 1e-3


@pytest.mark.parametrize("local", [True, False], ids=["local", "world"])
@pytest.mark.parametrize("where", CUTS)
def test_a_rig_in_pieces_holds_together_in_blender(where, local):
    """Limbs with separate roots: each bone is where the whole rig's is, and no unnecessary bone is keyed."""
    made = whole(Plan(seed=4, arm_drop=40, world=placed(Rotation.from_rotvec([0.1, 0.2, 1.0]), 0.6, (1, 0, 2))))
    pieces = cut(made, CUTS[where])
    pieces = replace(pieces, rig=replace(pieces.rig, local_location=np.full(len(pieces.rig), local)))
    armature = armature_of(pieces.rig)
    dance(armature, map_of(made))
    wanted = posed(made, retarget(MOTION, made.rig, map_of(made)))
    for frame in (1, 13, 30):
        bpy.context.scene.frame_set(frame)
        for name in (name for names in made.bones.values() for name in names):
            found = np.array(armature.matrix_world @ armature.pose.bones[name].matrix)
            assert np.abs(found - wanted[frame - 1, made.rig.index(name)]).max() < 2e-5, name


@pytest.mark.parametrize("mirror", [1.0, -1.0], ids=["plain", "mirrored"])
@pytest.mark.parametrize("seed", range(3))
def test_a_twin_turns_as_the_dancer_in_blender(seed, mirror):
    """Compare full rotations of all body parts with a twin: other rest pose, rolls and placement, some mirrored."""
    made, random = make(Plan(seed=seed, spine=2 + seed, neck=1 + seed % 2)), np.random.default_rng(seed)
    turns = {f"{side}_foot": Rotation.identity() for side in SIDES}
    for side, sign in zip(SIDES, (1, -1), strict=True):
        arm = Rotation.from_euler("xzy", (20, -sign * 15, sign * 50), degrees=True)
        elbow = Rotation.from_euler("z", -sign * 30, degrees=True)
        turns |= {f"{side}_upper_arm": arm, f"{side}_lower_arm": arm * elbow,
                  f"{side}_upper_leg": Rotation.from_euler("y", -sign * 8, degrees=True)}
    world = placed(Rotation.from_rotvec([0.2, 0.1, 1.0]), 1.4, (1, 0, 2)) @ np.diag([mirror, 1, 1, 1])
    twin = remodelled(made.rig, turns, random, "roll", world)
    armature = armature_of(twin)
    poses = random_pose(made.rig, made.bones, random, 20)
    dance(armature, map_of(made), *read_rig_motion(made.rig, map_of(made), poses, FPS))
    found = np.empty_like(poses)
    for frame in range(20):
        bpy.context.scene.frame_set(frame + 1)
        found[frame] = [armature.matrix_world @ armature.pose.bones[name].matrix for name in twin.bone_names]
    names = {name: other(name) if mirror < 0 else name for found_ in made.bones.values() for name in found_}
    errors = rotation_errors(made.rig, poses, twin, found, turns, names)
    assert max(error.max() for error in errors.values()) < 0.05, {n: e.max() for n, e in errors.items()}


def other(name: str) -> str:
    side, _, rest = name.partition("_")
    return {"left": f"right_{rest}", "right": f"left_{rest}"}.get(side, name)
