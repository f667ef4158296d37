"""Random bodies, the keypoints on them, and what the body hides."""

import numpy as np
import pytest

from anatomy_mocap.core.bone_lengths import body_height
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.fitting.detector_points import detector_points
from tests.support.small_motion_set import moving, rest_body
from training.simulate.anthropometry import draw_bodies, loosely_dressed
from training.simulate.occlusion import hidden

NAMES = CANONICAL.keypoint_names


@pytest.fixture
def points() -> dict[str, np.ndarray]:
    """Return the T-pose's keypoints by name, without individual differences."""
    joints, _ = rest_body()
    bodies = draw_bodies(np.random.default_rng(0), 400, 0.0, modelled=0.0)
    mean = (bodies.offsets / bodies.height[:, None, None]).mean(axis=0) * 1.71
    return dict(zip(NAMES, detector_points(joints[None], mean[None])[0, 0], strict=True))


def test_bodies_are_symmetric_people():
    bodies = draw_bodies(np.random.default_rng(0), 300, modelled=0.0)
    np.testing.assert_array_equal(bodies.lengths, bodies.lengths[:, MOCAP22.mirror])
    assert (bodies.lengths[:, 1:] > 0.02).all() and (bodies.lengths[:, 0] == 0).all()
    heights = np.array([body_height(lengths) for lengths in bodies.lengths])
    assert np.abs(heights / bodies.height - 1).mean() < 0.05
    assert 0.05 < bodies.height.std() < 0.15


def test_loose_clothes_hide_hips_and_leave_the_rest():
    bodies = draw_bodies(np.random.default_rng(0), 4000)
    dressed = loosely_dressed(np.random.default_rng(1), bodies, np.arange(4000) % 2)
    moved = (dressed.offsets - bodies.offsets) / bodies.height[:, None, None] * 100
    assert not moved[::2].any() and (dressed.lengths == bodies.lengths).all()
    hip, knee, wrist = (NAMES.index(f"left_{part}") for part in ("hip", "knee", "wrist"))
    assert not moved[:, wrist].any()
    np.testing.assert_allclose(moved[:, hip], moved[:, NAMES.index("right_hip")], atol=1e-4)
    up = moved[1::2, hip, 1]
    assert -0.6 < up.mean() < -0.4 and 1.1 < up.std() < 1.3 and moved[1::2, knee, 1].std() < 1.0
    share = (np.abs(loosely_dressed(np.random.default_rng(2), bodies).offsets - bodies.offsets) > 0).any(axis=(1, 2))
    assert 0.3 < share.mean() < 0.4


def test_some_bodies_are_built_as_modelled_ones():
    def upper_arm(modelled: float) -> np.ndarray:
        bodies = draw_bodies(np.random.default_rng(0), 2000, modelled=modelled)
        return bodies.lengths[:, MOCAP22.index("left_elbow")] / bodies.height

    people, mixed_bodies = upper_arm(0.0), upper_arm(0.4)
    assert people.min() > 0.155 and people.mean() == pytest.approx(0.182, abs=0.002)
    assert 0.1 < (mixed_bodies < 0.160).mean() < 0.3 and mixed_bodies.mean() < people.mean()


def test_points_of_the_head_and_feet_lie_where_they_are_on_people(points):
    joints, _ = rest_body()
    at = {name: joints[0, MOCAP22.index(name)] for name in MOCAP22.joint_names}
    assert points["left_eye"][0] > points["right_eye"][0]  # facing -Y, the left is +X
    assert points["left_ear"][0] > points["left_eye"][0]
    assert points["nose"][1] < points["left_eye"][1] < points["left_ear"][1]
    assert at["neck"][2] < points["nose"][2] < points["left_eye"][2] < at["head"][2]
    for side in ("left", "right"):
        heel, toe, ankle = points[f"{side}_heel"], points[f"{side}_toe"], at[f"{side}_ankle"]
        assert heel[1] > ankle[1] > toe[1]
        assert heel[2] < ankle[2] and abs(heel[2] - toe[2]) < 0.04
        assert 0.15 < np.linalg.norm(heel - toe) < 0.3
        assert np.linalg.norm(points[f"{side}_knee"] - at[f"{side}_knee"]) < 0.05


def test_points_move_with_the_body():
    joints = moving(30, 0)
    offsets = draw_bodies(np.random.default_rng(0), 1).offsets
    found = detector_points(joints[None], offsets)
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    np.testing.assert_allclose(detector_points(joints[None] @ turn.T + 3, offsets), found @ turn.T + 3, atol=1e-4)


def test_a_mirrored_body_has_mirrored_points():
    joints = moving(30, 0)
    offsets = draw_bodies(np.random.default_rng(0), 1).offsets
    offsets = (offsets + offsets[:, CANONICAL.flip]) / 2
    offsets[:, 0, 0] = 0  # the nose's is to one side
    found = detector_points(joints[None], offsets)
    other = detector_points(joints[None][:, :, MOCAP22.mirror] * (-1, 1, 1), offsets)
    np.testing.assert_allclose(other, found[:, :, CANONICAL.flip] * (-1, 1, 1), atol=1e-5)


def test_the_chest_hides_an_arm_behind_it():
    joints, lengths = rest_body()
    directions = rest_directions().copy()
    behind = np.array([-0.6, 0.7, -0.4])  # the left upper arm goes back and to the right
    for part in ("elbow", "wrist"):
        directions[MOCAP22.index(f"left_{part}")] = behind / np.linalg.norm(behind)
    joints = MOCAP22.joint_positions(lengths, directions, joints[0, 0])[None]
    # seen from the front (from -Y), 4 m away
    camera = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    seen = (joints - (0, -4, 1)) @ camera.T
    points = [seen[0, MOCAP22.index(name if name in MOCAP22.joint_names else "pelvis")] for name in NAMES]
    cover = hidden(np.array(points)[None, None], seen[None], np.array([1.71]))[0, 0]
    assert cover[NAMES.index("left_wrist")] > 0.3
    assert cover[NAMES.index("right_wrist")] == 0 and cover[NAMES.index("left_shoulder")] == 0
