"""Random bodies and the offsets of a detector's keypoints on them."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.bone_lengths import body_height
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.fitting.detector_points import detector_points
from tests.support.small_motion_set import moving, rest_body
from training.mocap.dataset import directions_of
from training.mocap.mirror_and_tilt import mirrored, tilted
from training.mocap.mix_poses import _ARMS, _LEGS, _with_limbs, mixed, pelvis_axes, perturbed, trunk_axes
from training.mocap.pelvis_height import on_the_floor, staying
from training.mocap.postures import POSTURES, body_axes, down_and_up, in_postures, posed
from training.simulate.anthropometry import draw_bodies, loosely_dressed
from training.simulate.occlusion import hidden
from training.simulate.simulate_batch import SynthSettings

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
    heights = np.array([body_height(lengths, MOCAP22) for lengths in bodies.lengths])
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


def test_augmented_poses_are_poses():
    rng = np.random.default_rng(0)
    positions = np.stack([moving(SynthSettings().frames, seed) for seed in range(40)])
    directions, root = directions_of(positions), positions[:, :, 0]
    for changed in (in_postures(rng, directions, 1.0)[0], perturbed(rng, directions, 1.0), mixed(rng, directions, 1.0)):
        np.testing.assert_allclose(np.linalg.norm(changed[:, :, 1:], axis=-1), 1, atol=1e-5)
        assert (np.abs(changed - directions).max(axis=(1, 2, 3)) > 0.05).mean() > 0.9
    seated, rows = in_postures(rng, directions, 1.0)
    assert rows.all()
    knee = MOCAP22.index("left_knee")
    assert (seated[..., knee, 2] > -0.5).mean() > 0.2 > (directions[..., knee, 2] > -0.5).mean()
    turned, moved = tilted(rng, directions, root, share=1.0)
    spine = MOCAP22.index("spine")
    assert (np.abs(turned[..., spine, 2]) < 0.5).mean() > 0.3
    joints, other = (MOCAP22.joint_positions(np.ones(22), d, r) for d, r in ((directions, root), (turned, moved)))
    np.testing.assert_allclose(np.linalg.norm(joints[:, :, 3] - joints[:, :, 17], axis=-1),
                               np.linalg.norm(other[:, :, 3] - other[:, :, 17], axis=-1), atol=1e-5)
    flipped, _ = mirrored(np.random.default_rng(1), directions, root)
    changed = np.abs(flipped - directions).max(axis=(1, 2, 3)) > 0
    assert 8 < changed.sum() < 32
    np.testing.assert_allclose(flipped[changed][:, :, MOCAP22.mirror] * (-1, 1, 1), directions[changed], atol=1e-6)


def test_who_sits_down_comes_down_and_who_jumps_stays_in_the_air():
    """The feet are those of the recorded body. The root is that of a person who stands 1 m above the floor."""
    _, lengths = rest_body()
    standing = np.tile(rest_directions(), (1, 3, 1, 1))
    seated = standing.copy()
    for side in ("left", "right"):
        seated[..., MOCAP22.index(f"{side}_knee"), :] = (0, -1, 0)
    root = np.array([[[0.2, 0.1, 1.0], [0.2, 0.1, 1.3], [0.2, 0.1, 1.0]]])
    found = on_the_floor(root, standing, seated, lengths[None])
    low, before = (MOCAP22.joint_positions(lengths, d, r)[..., 2].min(axis=-1)
                   for d, r in ((seated, found), (standing, root)))
    np.testing.assert_allclose(low, before, atol=1e-12)
    thigh = lengths[MOCAP22.index("left_knee")]
    assert 0.7 * thigh < (root - found)[0, 0, 2] < 1.1 * thigh
    np.testing.assert_array_equal(found[..., :2], root[..., :2])


def test_who_sits_does_not_walk():
    root = np.cumsum(np.random.default_rng(0).normal(size=(2, 50, 3)), axis=1)
    found = staying(np.random.default_rng(1), root, np.array([True, False]))
    np.testing.assert_array_equal(found[1], root[1])
    np.testing.assert_array_equal(found[0, :, 2], root[0, :, 2])
    np.testing.assert_allclose(found[0].mean(axis=0), root[0].mean(axis=0))
    assert (np.ptp(found[0, :, :2], axis=0) <= 0.5 * np.ptp(root[0, :, :2], axis=0)).all()


def test_down_and_up_reaches_both_and_takes_its_time():
    found = down_and_up(np.random.default_rng(0), 200, SynthSettings().frames)
    assert found.min() >= 0 and found.max() <= 1
    assert (found.min(axis=1) < 0.01).mean() > 0.9 and (found.max(axis=1) > 0.99).mean() > 0.9
    assert np.abs(np.diff(found, axis=1)).max() < 1.5 / (0.8 * 7)  # the steepest of the eased way
    assert ((found[:, 72] < 0.1) & (found[:, 47:72] > 0.9).any(axis=1) & (found[:, 73:98] > 0.9).any(axis=1)).any()


def flexion(directions: np.ndarray, side: str) -> np.ndarray:
    """Return the knee's bend in degrees; negative values bend forward, which no knee does."""
    thigh, shank = (directions[..., MOCAP22.index(f"{side}_{part}"), :] for part in ("knee", "ankle"))
    left, _ = body_axes(directions)
    hinge = (np.cross(thigh, shank) * left).sum(-1)
    return np.degrees(np.arcsin(np.clip(hinge, -1, 1)))


@pytest.mark.parametrize("posture", POSTURES)
def test_knees_bend_backward_in_every_posture(posture):
    standing = np.repeat(rest_directions()[None, None], 40, axis=1).repeat(30, axis=0)
    found = posed(np.random.default_rng(0), standing.copy(), posture)
    moved = np.linalg.norm(found - standing, axis=-1).max(axis=-1) > 0.8
    assert moved.any()
    bends = np.concatenate([flexion(found[moved], side) for side in ("left", "right")])
    assert np.quantile(bends, 0.02) > -25 and np.median(bends) > 5
    left, forward = body_axes(found)
    np.testing.assert_allclose(left[..., 2], 0, atol=1e-9)
    assert (forward @ np.array((0, -1, 0)) > 0.9).mean() > 0.5  # the figure still faces -Y


def test_a_mixed_body_has_the_legs_of_one_clip_and_the_arms_of_another():
    rng = np.random.default_rng(3)
    directions = directions_of(np.stack([moving(60, seed) for seed in range(80)]))
    found = mixed(rng, directions, 1.0)
    legs, elbow = [MOCAP22.index(f"{side}_{part}") for side in ("left", "right") for part in ("knee", "ankle")], \
        MOCAP22.index("left_elbow")
    own = np.abs(found[:, :, legs] - directions[:, :, legs]).max(axis=(1, 2, 3)) < 1e-6
    assert 0.4 < own.mean() < 0.9  # the others have a leg or two of another row's
    assert (np.abs(found[:, :, elbow] - directions[:, :, elbow]).max(axis=(1, 2)) > 0.1).mean() > 0.7
    left, lower = MOCAP22.index("left_shoulder"), MOCAP22.index("left_wrist")

    def bend(poses):
        return np.round((poses[:, :, elbow] * poses[:, :, lower]).sum(-1), 3)

    assert np.isin(bend(found), bend(directions)).mean() > 0.99  # each arm is another row's, as a whole
    taken = np.abs(found[:, :, left] - directions[:, :, left]).max(axis=(1, 2)) > 1e-6
    assert 0.2 < taken.mean() < 0.8  # with the trunk, or without


@pytest.mark.parametrize(("bones", "axes", "root"),
                         [(_ARMS[0], trunk_axes, "thorax"), (_LEGS[1], pelvis_axes, "spine")])
def test_a_limb_is_held_against_the_new_body_as_against_its_own(bones, axes, root):
    directions = directions_of(np.stack([moving(60, seed) for seed in range(12)]))
    trunks = directions.copy()
    turn = Rotation.from_euler("xyz", (40, -20, 110), degrees=True).as_matrix()
    trunks[1::2] = trunks[1::2] @ turn.T  # the same people lying about
    found = _with_limbs(np.random.default_rng(0), trunks, np.arange(12), bones, axes)
    limb, root = bones[0], MOCAP22.index(root)
    cosine = np.round((found[:, :, limb] * found[:, :, root]).sum(-1), 3)
    assert np.isin(cosine, np.round((directions[:, :, limb] * directions[:, :, root]).sum(-1), 3)).mean() > 0.99


def test_some_turn_over_in_time_and_stay_a_body():
    directions = directions_of(np.stack([moving(100, seed) for seed in range(60)]))
    root = np.zeros((60, 100, 3))
    turned, _ = tilted(np.random.default_rng(1), directions, root, share=1.0)
    bent = [MOCAP22.index("left_knee"), MOCAP22.index("left_ankle")]
    np.testing.assert_allclose((turned[:, :, bent[0]] * turned[:, :, bent[1]]).sum(-1),
                               (directions[:, :, bent[0]] * directions[:, :, bent[1]]).sum(-1), atol=1e-6)
    spine = turned[:, :, MOCAP22.index("spine"), 2]
    over = np.ptp(spine, axis=1) > 1.0
    assert 0.05 < over.mean() < 0.35


def test_no_pose_comes_twice_and_few_become_others():
    directions = directions_of(np.stack([moving(60, seed) for seed in range(200)])).astype(np.float32)
    found = perturbed(np.random.default_rng(0), directions, 0.3)
    assert found.dtype == directions.dtype
    off = np.degrees(np.arccos(np.clip((found * directions)[:, :, 1:].sum(-1), -1, 1))).mean(axis=(1, 2))
    assert off.min() > 0.5 and np.median(off) < 7 < np.quantile(off, 0.85)


def test_perturbed_limbs_keep_their_bend():
    directions = directions_of(np.stack([moving(60, seed) for seed in range(20)]))
    found = perturbed(np.random.default_rng(0), directions, 1.0)
    for side in ("left", "right"):
        thigh, shank = (MOCAP22.index(f"{side}_{part}") for part in ("knee", "ankle"))
        np.testing.assert_allclose((found[:, :, thigh] * found[:, :, shank]).sum(-1),
                                   (directions[:, :, thigh] * directions[:, :, shank]).sum(-1), atol=1e-5)
