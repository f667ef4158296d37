"""RigDetail: it moves with its motion, and no function that changes a motion can hand on an old one."""

from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace

import numpy as np

from anatomy_mocap.animation.animate import clean_up
from anatomy_mocap.core.motion import Motion, in_place_shift, make_in_place, rotate_about_vertical
from anatomy_mocap.maths.rotations import about, angle_between, rotation
from anatomy_mocap.retargeting.read_rig_motion import read_rig_motion
from anatomy_mocap.retargeting.rig_detail import RigMotion, match_limb_twists
from anatomy_mocap.rigs.rest_pose import read_rest_pose
from tests.support.made_rigs import Plan, make
from tests.support.remodelled_rigs import random_pose

ANGLE = 0.8


def read(seed=4):
    made = make(Plan(seed=seed))
    pose = random_pose(made.rig, made.bones, np.random.default_rng(seed))
    return made, pose, read_rig_motion(made.rig, SimpleNamespace(bones=made.bones), pose, 30.0)


def assert_alike(found: RigMotion, wanted: RigMotion):
    assert np.abs(found.motion.root_positions - wanted.motion.root_positions).max() < 1e-9
    assert angle_between(found.motion.rotations, wanted.motion.rotations).max() < 1e-6
    assert np.abs(found.detail.positions - wanted.detail.positions).max() < 1e-9
    assert found.detail.turns.keys() == wanted.detail.turns.keys()
    for part, turn in wanted.detail.turns.items():
        assert angle_between(found.detail.turns[part], turn).max() < 1e-6, part
    for side, points in wanted.detail.soles.items():
        for name, at in points.items():
            assert np.abs(found.detail.soles[side][name] - at).max() < 1e-9


def test_rotated_together_is_as_read_from_the_rotated_rig():
    made, pose, seen = read()
    turn = np.eye(4)
    turn[:3, :3] = rotation(about((0, 0, 1.0), ANGLE)).as_matrix()
    wanted = read_rig_motion(made.rig, SimpleNamespace(bones=made.bones), turn @ pose, 30.0)
    found = RigMotion(rotate_about_vertical(seen.motion, ANGLE), seen.detail.rotate_about_vertical(ANGLE))
    assert_alike(found, wanted)


def test_in_place_together_is_as_read_from_the_shifted_rig():
    made, pose, seen = read()
    shift = in_place_shift(seen.motion)
    moved = pose.copy()
    moved[..., :3, 3] += shift[:, None]
    wanted = read_rig_motion(made.rig, SimpleNamespace(bones=made.bones), moved, 30.0)
    assert_alike(RigMotion(make_in_place(seen.motion), seen.detail.shift(shift)), wanted)


def test_a_changed_motion_has_no_place_for_a_detail():
    _, _, seen = read()
    changed = clean_up(seen.motion, smoothing=0.2, grounding=1.0)
    assert isinstance(changed, Motion) and changed is not seen.motion
    assert "detail" not in {field.name for field in fields(Motion)}


def test_without_a_detail_there_are_no_twists_to_match():
    made, _, seen = read()
    matched = match_limb_twists(seen.motion, None, read_rest_pose(made.rig, made.bones))
    assert matched.motion is seen.motion and matched.detail is None and matched.twists == {}
