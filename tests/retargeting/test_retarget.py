"""Retargeting onto procedural rigs: directions, twists, feet, root, settings, unusual rigs."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.motion import Motion
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.maths.rotations import about, angle_between
from anatomy_mocap.retargeting.retarget import BoneKeys, retarget
from anatomy_mocap.retargeting.take_armature import motion_keys, motion_rig
from anatomy_mocap.rigs.forward_kinematics import pose_matrices
from anatomy_mocap.rigs.t_pose_alignment import AT_EASE
from anatomy_mocap.settings import RetargetSettings
from tests.support import made_rigs as zoo
from tests.support import moving_bodies as bodies
from tests.support.made_rigs import ENDS, SIDES, Plan, make, placed

LIMBS = ("upper_arm", "lower_arm", "upper_leg", "lower_leg")
NEXT = {"upper_arm": "lower_arm", "lower_arm": "hand", "hand": "middle_finger", "upper_leg": "lower_leg",
        "lower_leg": "foot", "foot": "toes"}
UP = Rotation.identity()
DANCE = solve(take_from_positions(bodies.random_poses(20, seed=3, spread=0.8), 30.0))
WALK = solve(take_from_positions(bodies.walk(3.0)[0], 30.0))

angles = st.floats(-1, 1)
rotations = st.builds(lambda vector: Rotation.from_rotvec(np.array(vector) * np.pi), st.tuples(angles, angles, angles))
# A body is modelled along the armature's axes, whichever they are, and may face anywhere.
bodies_in_armature = st.builds(
    lambda axis, yaw: Rotation.from_rotvec(np.array(axis) * np.pi / 2) * Rotation.from_rotvec([0, 0, yaw * np.pi]),
    st.sampled_from([(0, 0, 0), (1, 0, 0), (-1, 0, 0), (0, 1, 0), (2, 0, 0)]), angles)
worlds = st.builds(lambda turn, size, x, y, z: placed(turn, 10.0**size, (x, y, z)),
                   rotations, st.floats(-2, 2), angles, angles, angles)
plans = st.builds(
    Plan, arm_drop=st.floats(0, 80), arm_forward=st.floats(-25, 45), elbow=st.sampled_from([0.0, 3.0, 20.0, 60.0]),
    leg_spread=st.floats(0, 20), knee=st.sampled_from([0.0, 3.0, 25.0]), arm_twist=st.floats(-40, 40),
    leg_twist=st.floats(-30, 30), spine=st.integers(1, 6), neck=st.integers(0, 3), clavicles=st.booleans(),
    toes=st.booleans(), hands=st.booleans(), straight=st.booleans(), seed=st.integers(0, 10**6),
    body_from_armature=bodies_in_armature, world=worlds, flags=st.booleans(), legs_on_root=st.booleans(),
    halves=st.booleans())


def posed(made, keys: BoneKeys) -> np.ndarray:
    """Return the world matrices (T, B, 4, 4) of every bone under the keys."""
    rig = made.rig
    rotations, locations = full_channels(rig, keys)
    return rig.world_from_armature @ pose_matrices(rig, rotations, locations)


def full_channels(rig, keys: BoneKeys):
    frames = len(keys.rotations)
    rotations = np.tile([1.0, 0, 0, 0], (frames, len(rig), 1))
    locations = np.zeros((frames, len(rig), 3))
    rotations[:, [rig.index(name) for name in keys.bone_names]] = keys.rotations
    for name, values in {keys.root_bone: keys.root_locations, **keys.more_locations}.items():
        locations[:, rig.index(name)] = values
    return rotations, locations


def degrees_between(first, second) -> np.ndarray:
    first, second = bodies.unit(first), bodies.unit(second)
    return np.degrees(np.arctan2(np.linalg.norm(np.cross(first, second), axis=-1), (first * second).sum(-1)))


def along(made, world, start: str, end: str) -> np.ndarray:
    return world[:, made.rig.index(end), :3, 3] - world[:, made.rig.index(start), :3, 3]


def limb_errors(made, world, motion: Motion, limbs=LIMBS) -> dict[str, np.ndarray]:
    """Return limb -> angles (T,) in degrees between the rig's and the motion's world directions."""
    names, errors = made.rig.bone_names, {}
    for side in SIDES:
        for limb in limbs:
            if f"{side}_{NEXT[limb]}" in names and f"{side}_{limb}" in names:
                wanted = motion.directions[:, bodies.index(f"{side}_{ENDS[limb]}")]
                found = along(made, world, f"{side}_{limb}", f"{side}_{NEXT[limb]}")
                errors[f"{side}_{limb}"] = degrees_between(found, wanted)
    return errors


def run(made, motion: Motion, detail=None, **settings):
    keys = retarget(motion, made.rig, SimpleNamespace(bones=made.bones), RetargetSettings(**settings), detail)
    return keys, posed(made, keys)


@given(plans)
def test_limbs_point_as_the_motions_do(plan):
    made = make(plan)
    _, world = run(made, DANCE)
    for limb, error in limb_errors(made, world, DANCE, (*LIMBS, "hand")).items():
        assert error.max() < 0.01, limb


@given(plans)
def test_torso_leans_as_the_motions_does(plan):
    made = make(plan)
    _, world = run(made, DANCE)
    centre = np.mean([world[:, made.rig.index(f"{side}_upper_leg"), :3, 3] for side in SIDES], axis=0)
    neck = made.bones.get("neck", made.bones["head"])[0]
    joints = DANCE.joint_positions()
    wanted = joints[:, bodies.index("thorax")] - joints[:, 0]
    assert degrees_between(world[:, made.rig.index(neck), :3, 3] - centre, wanted).max() < 0.01


@given(plans, st.sampled_from(["", "near", "far"]))
def test_limbs_twist_as_the_motions_do(plan, bent):
    """Full rotations agree if the rest pose reveals the hinges or is a plain A-pose."""
    if bent == "near":
        # Turned by more, such bends are as likely a carrying angle.
        plan = replace(plan, elbow=21.0, knee=21.0, arm_twist=plan.arm_twist * 0.35, leg_twist=plan.leg_twist * 0.3)
    elif bent == "far":
        plan = replace(plan, elbow=80.0, knee=80.0, arm_twist=plan.arm_twist / 2 + 57,
                       leg_twist=plan.leg_twist / 2 - 55, hands=True)
    else:
        plan = replace(plan, elbow=0.0, knee=0.0, arm_forward=0.0, arm_twist=0.0, leg_twist=0.0)
    made = make(plan if plan.straight else replace(plan, hands=True))
    _, world = run(made, DANCE)
    turn = zoo.proper(plan.world[:3, :3])
    for part, at_rest in made.rest_turns.items():
        limb = part.partition("_")[2]
        if limb not in LIMBS:
            continue
        rest = Rotation.from_matrix(turn @ made.rig.rest[made.rig.index(part), :3, :3])
        now = Rotation.from_matrix(proper_all(world[:, made.rig.index(part), :3, :3]))
        found = now * rest.inv()
        source = DANCE.rotations[:, bodies.index(f"{part.partition('_')[0]}_{ENDS[limb]}")]
        wanted = Rotation.from_quat(source, scalar_first=True) * at_rest.inv()
        assert np.degrees((found * wanted.inv()).magnitude()).max() < 0.1, part


def proper_all(matrices):
    return matrices / np.cbrt(np.linalg.det(matrices))[:, None, None]


@given(plans, st.sampled_from([np.diag([-1.0, 1, 1]), np.diag([-2.0, -2, -2]), np.diag([1, 1, -0.5])]))
def test_mirrored_rigs(plan, mirror):
    """Under a mirroring object the bones named left are on the right: the body decides the sides, not the names."""
    made = make(replace(plan, toes=True))
    world = made.rig.world_from_armature.copy()
    world[:3, :3] = world[:3, :3] @ mirror
    made = replace(made, rig=replace(made.rig, world_from_armature=world))
    keys = retarget(DANCE, made.rig, SimpleNamespace(bones=made.bones))
    swap = {"left": "right", "right": "left"}
    matrices = posed(made, keys)
    for side in SIDES:
        for limb in LIMBS:
            if f"{side}_{NEXT[limb]}" not in made.rig.bone_names:
                continue
            found = along(made, matrices, f"{side}_{limb}", f"{side}_{NEXT[limb]}")
            wanted = DANCE.directions[:, bodies.index(f"{swap[side]}_{ENDS[limb]}")]
            assert degrees_between(found, wanted).max() < 0.02


@given(plans, st.tuples(st.floats(0.3, 3), st.floats(0.3, 3), st.floats(0.3, 3)))
def test_unevenly_scaled_objects(plan, scales):
    made = make(plan)
    world = made.rig.world_from_armature.copy()
    world[:3, :3] = world[:3, :3] @ np.diag(scales)
    made = replace(made, rig=replace(made.rig, world_from_armature=world))
    _, matrices = run(made, DANCE)
    for limb, error in limb_errors(made, matrices, DANCE).items():
        assert error.max() < 0.02, limb


def test_an_object_scaled_to_nothing_is_refused():
    made = make(Plan(world=np.diag([1.0, 1, 0, 1])))
    with pytest.raises(MocapError, match="scale of zero"):
        run(made, DANCE)


@given(plans)
def test_only_mapped_bones_are_keyed(plan):
    made = make(plan)
    keys, _ = run(made, DANCE)
    mapped = {name for names in made.bones.values() for name in names}
    carrier = "root" if plan.legs_on_root else "hips"
    assert set(keys.bone_names) <= mapped | {carrier}
    assert keys.root_bone == carrier and carrier in keys.bone_names
    order = [made.rig.index(name) for name in keys.bone_names]
    assert order == sorted(order)
    assert np.allclose(np.linalg.norm(keys.rotations, axis=-1), 1)
    assert ((keys.rotations[1:] * keys.rotations[:-1]).sum(-1) >= 0).all()
    assert keys.rotations.shape == (len(DANCE), len(keys.bone_names), 4)
    assert keys.root_locations.shape == (len(DANCE), 3)


def test_helper_bones_ride_along_unkeyed():
    made = make(Plan(halves=True))
    keys, world = run(made, DANCE)
    assert "left_upper_arm_half" not in keys.bone_names
    half, whole = (along(made, world, "left_upper_arm", name) for name in ("left_upper_arm_half", "left_lower_arm"))
    assert np.allclose(half, whole / 2, atol=1e-9)


def test_a_motion_on_its_own_rig_is_itself():
    rig = motion_rig(DANCE)
    own = {"hips": ("pelvis",), "spine_chain": ("spine", "thorax"), "neck": ("neck",), "head": ("head",)}
    own |= {f"{side}_{limb}": (f"{side}_{joint}",) for side in SIDES
            for limb, joint in (*ENDS.items(), ("shoulder", "shoulder"))}
    # Upper legs begin at the hip joints: bone right_knee does, as the bone right_hip ends there.
    keys = retarget(DANCE, rig, SimpleNamespace(bones=own), RetargetSettings(keep_posture=False))
    rotations, locations = full_channels(rig, keys)
    world = pose_matrices(rig, rotations, locations)
    for side in SIDES:
        for joint in ("elbow", "wrist", "knuckle", "knee", "ankle"):
            found = world[:, rig.index(f"{side}_{joint}"), :3, 1]
            assert degrees_between(found, DANCE.directions[:, bodies.index(f"{side}_{joint}")]).max() < 0.01


def test_motion_keys_put_every_joint_where_the_motion_has_it():
    rig, keys = motion_rig(DANCE), motion_keys(DANCE)
    rotations, locations = full_channels(rig, keys)
    matrices = pose_matrices(rig, rotations, locations)
    tails = matrices[..., :3, 3] + matrices[..., :3, 1] * rig.lengths[:, None]
    joints = DANCE.joint_positions()
    assert np.allclose(matrices[:, 0, :3, 3], joints[:, 0], atol=1e-9)
    assert np.allclose(tails[:, 1:], joints[:, 1:], atol=1e-9)


@given(st.integers(0, 10**6), st.floats(0.3, 3.0), st.booleans(), st.floats(-0.5, 0.5))
def test_feet_stand_on_the_rigs_floor(seed, size, toes, height):
    """In a walk the standing foot is flat on the rig's floor and does not slide, with all proportions."""
    made = make(Plan(seed=seed, toes=toes, arm_drop=45, world=placed(UP, size, (1, 2, height))))
    _, world = run(made, WALK)
    _, stands = bodies.walk(3.0)
    rig = made.rig
    scale = leg_length(made) * size / sum(bodies.LENGTHS[[bodies.index("left_knee"), bodies.index("left_ankle")]])
    for column, side in enumerate(SIDES):
        foot = rig.index(f"{side}_foot")
        ankle = world[:, foot, :3, 3]
        over_floor = (ankle[:, 2] - height) - size * rig.heads[foot, 2]
        alone = stands[:, column] & ~stands[:, 1 - column]
        assert over_floor[alone].min() > -0.015 * scale and over_floor[alone].max() < 0.04 * scale
        assert np.median(np.abs(over_floor[alone])) < 0.005 * scale
        turned = Rotation.from_matrix(world[:, foot, :3, :3] / size @ rig.rest[foot, :3, :3].T)
        tilt = degrees_between(turned.apply([0, 0, 1.0])[stands[:, column]], np.array([0, 0, 1.0]))
        assert tilt.max() < 0.5
        inner = np.convolve(alone, np.ones(7), "same") > 6.5
        speed = np.linalg.norm(np.gradient(ankle, axis=0), axis=-1) * WALK.fps
        assert np.median(speed[inner]) < 0.15 * scale


def leg_length(made) -> float:
    heads = made.rig.heads
    thigh, shin, foot = (heads[made.rig.index(f"left_{part}")] for part in ("upper_leg", "lower_leg", "foot"))
    return float(np.linalg.norm(shin - thigh) + np.linalg.norm(foot - shin))


def test_toes_stay_flat_while_the_heel_is_up():
    positions = bodies.walk(2.0)[0][:1].repeat(40, axis=0)
    ankle, toe = (positions[31:, bodies.index(f"left_{part}")] for part in ("ankle", "toe"))
    length = np.linalg.norm(toe - ankle, axis=-1)[:, None]
    pitch = np.radians(np.linspace(20, 60, 9))[:, None]
    ankle[:] = toe + length * np.concatenate([0 * pitch, np.cos(pitch), np.sin(pitch)], axis=-1)
    motion = solve(take_from_positions(positions, 10.0))
    made = make(Plan())
    _, world = run(made, motion)
    toes = world[:, made.rig.index("left_toes"), :3, :3] @ made.rig.rest[made.rig.index("left_toes"), :3, :3].T
    foot = world[:, made.rig.index("left_foot"), :3, :3] @ made.rig.rest[made.rig.index("left_foot"), :3, :3].T
    assert degrees_between(foot[-1] @ [0, -1.0, 0], [0, -1.0, 0]) > 30
    assert degrees_between(toes[:-2, :, 1] * -1, [0, -1.0, 0]).max() < 8


def test_settings_turn_hold_and_scale():
    made = make(Plan())
    _, plain = run(made, WALK)
    _, turned = run(made, WALK, turn=np.pi / 2)
    quarter = Rotation.from_rotvec([0, 0, np.pi / 2]).as_matrix()
    assert np.allclose(turned[..., :3, 3], plain[..., :3, 3] @ quarter.T, atol=1e-6)
    hips = made.rig.index("hips")
    _, held = run(made, WALK, in_place=True)
    assert np.ptp(held[:, hips, 1, 3]) < 0.25 * np.ptp(plain[:, hips, 1, 3])
    _, twice = run(made, WALK, scale=2.0)
    assert np.ptp(twice[:, hips, 1, 3]) > 1.5 * np.ptp(plain[:, hips, 1, 3])


@given(plans)
def test_directions_of_all_when_the_posture_is_the_performers(plan):
    made = make(plan)
    _, world = run(made, DANCE, keep_posture=False)
    for limb, error in limb_errors(made, world, DANCE, (*LIMBS, "hand", "foot")).items():
        assert error.max() < 0.01, limb
    if plan.clavicles:
        for side in SIDES:
            wanted = DANCE.directions[:, bodies.index(f"{side}_shoulder")]
            assert degrees_between(along(made, world, f"{side}_shoulder", f"{side}_upper_arm"), wanted).max() < 0.01
    if plan.neck:
        wanted = DANCE.directions[:, bodies.index("neck")]
        assert degrees_between(along(made, world, "neck_1", "head"), wanted).max() < 0.01


def test_a_bare_body_will_do():
    """Without neck, head, collars, hands and feet, the existing limbs have the right directions."""
    made = make(Plan(arm_drop=40, elbow=20, knee=20))
    left_out = ("neck", "head", "shoulder", "hand", "foot", "toes")
    made = replace(made, bones={part: names for part, names in made.bones.items() if not part.endswith(left_out)})
    _, world = run(made, DANCE)
    errors = limb_errors(made, world, DANCE, ("upper_arm", "upper_leg"))
    assert len(errors) == 4 and max(error.max() for error in errors.values()) < 0.01


def test_thighs_below_the_spine():
    """As in old Biped rigs: the spine bone above the legs stays, the rest bends, directions are right."""
    made = make(Plan(spine=3))
    parents = made.rig.parents.copy()
    for side in SIDES:
        parents[made.rig.index(f"{side}_upper_leg")] = made.rig.index("spine_1")
    order = reordered(parents)
    rig = replace(made.rig, bone_names=tuple(made.rig.bone_names[bone] for bone in order), rest=made.rig.rest[order],
                  parents=np.array([order.index(parents[bone]) if parents[bone] >= 0 else -1 for bone in order]),
                  lengths=made.rig.lengths[order])
    made = replace(made, rig=rig)
    keys, world = run(made, DANCE)
    assert "spine_1" not in keys.bone_names and "spine_2" in keys.bone_names and keys.root_bone == "hips"
    assert max(error.max() for error in limb_errors(made, world, DANCE).values()) < 0.01


def reordered(parents) -> list[int]:
    """Return the indices in an order with parents first."""
    order: list[int] = []
    while len(order) < len(parents):
        order += [bone for bone, parent in enumerate(parents) if bone not in order and (parent < 0 or parent in order)]
    return order


def test_one_frame():
    made = make(Plan(arm_drop=40))
    single = replace(DANCE, rotations=DANCE.rotations[:1], root_positions=DANCE.root_positions[:1])
    keys, world = run(made, single)
    assert keys.rotations.shape[0] == 1
    assert max(error.max() for error in limb_errors(made, world, single).values()) < 0.01


def test_no_frames_is_refused():
    nothing = replace(DANCE, rotations=DANCE.rotations[:0], root_positions=DANCE.root_positions[:0])
    with pytest.raises(MocapError, match="no frames"):
        run(make(Plan()), nothing)


def test_a_map_without_limbs_is_refused_by_name():
    made = make(Plan())
    bones = {part: names for part, names in made.bones.items() if part != "left_lower_leg"}
    with pytest.raises(MocapError, match="lacks left_lower_leg"):
        retarget(DANCE, made.rig, SimpleNamespace(bones=bones))
    with pytest.raises(MocapError, match="no bone 'elsewhere'"):
        retarget(DANCE, made.rig, SimpleNamespace(bones=made.bones | {"head": ("elsewhere",)}))


def test_a_rest_pose_that_is_no_body_is_refused():
    made = make(Plan())
    rest = made.rig.rest.copy()
    for name in ("neck_1", "head"):
        rest[made.rig.index(name), :3, 3] = (1.0, 0, 1)
    with pytest.raises(MocapError, match="no body"):
        retarget(DANCE, replace(made.rig, rest=rest), SimpleNamespace(bones=made.bones))


def test_hips_connected_to_their_parent_move_by_it():
    made = make(Plan())
    connected = made.rig.connected.copy()
    connected[made.rig.index("hips")] = True
    made = replace(made, rig=replace(made.rig, connected=connected))
    keys, world = run(made, WALK)
    free, expected = run(make(Plan()), WALK)
    assert keys.root_bone == "root" and free.root_bone == "hips"
    assert np.allclose(world[:, 1:, :3, 3], expected[:, 1:, :3, 3], atol=1e-9)


def test_hips_without_local_location():
    made = make(Plan(world=placed(Rotation.from_rotvec([0.3, 0.2, 0.1]), 2.0, (1, 2, 3))))
    flags = made.rig.local_location.copy()
    flags[made.rig.index("hips")] = False
    other = replace(made, rig=replace(made.rig, local_location=flags))
    assert np.allclose(run(made, WALK)[1], run(other, WALK)[1], atol=1e-9)


def test_at_ease_the_character_keeps_its_carriage():
    """A performer who stands at ease, as in the mocap set, leaves spine, neck, head and collars in their rest pose."""
    rotations = np.tile([1.0, 0, 0, 0], (4, len(MOCAP22), 1))
    for joint, pitch in AT_EASE.items():
        rotations[:, bodies.index(joint)] = about((1.0, 0, 0), np.radians(pitch))
    motion = Motion(rotations, np.full((4, 3), (0, 0, 0.9)), bodies.LENGTHS, 30.0)
    made = make(Plan(spine=4, neck=2))
    keys, _ = run(made, motion)
    turns = np.degrees(angle_between(keys.rotations[0], np.array([1.0, 0, 0, 0])))
    moved = dict(zip(keys.bone_names, turns, strict=True))
    for name in ("left_shoulder", "right_shoulder"):
        assert moved[name] < 1e-6
    assert max(moved[name] for name in ("spine_2", "spine_3", "spine_4", "neck_2")) < 3
    assert moved["neck_1"] + moved["head"] < 10


def test_the_bend_is_shared_along_the_spine():
    """A bend of 60 degrees between pelvis and chest is shared by all six spine bones."""
    rotations = np.tile([1.0, 0, 0, 0], (2, len(MOCAP22), 1))
    bow = about((1.0, 0, 0), np.radians(60))
    rotations[:, bodies.index("spine")] = about((1.0, 0, 0), np.radians(20))
    for joint in ("thorax", "neck", "head"):
        rotations[:, bodies.index(joint)] = bow
    motion = Motion(rotations, np.full((2, 3), (0, 0, 0.9)), bodies.LENGTHS, 30.0)
    made = make(Plan(spine=6))
    keys, _ = run(made, motion)
    bends = {name: np.degrees(angle_between(turn, np.array([1.0, 0, 0, 0])))
             for name, turn in zip(keys.bone_names, keys.rotations[0], strict=True) if name.startswith("spine")}
    assert len(bends) == 6 and max(bends.values()) < 30
    assert sum(bend > 3 for bend in bends.values()) >= 4

