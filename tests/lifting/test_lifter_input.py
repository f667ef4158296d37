"""The lifter's virtual view does not depend on position, size and focal length, and tolerates gaps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.core.camera import Camera
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.keypoints import Keypoints2D, as_exact
from anatomy_mocap.lifting.lifter_input import HIGHEST_SCORE, LIMIT, normalise, normalise_rays, with_input_scores

K = len(CANONICAL)


def walk(frames: int = 60, seed: int = 0) -> np.ndarray:
    """Return rays (T, K, 2) of moving points."""
    rng = np.random.default_rng(seed)
    shape = rng.normal(0, 0.08, (1, K, 2)) + np.cumsum(rng.normal(0, 0.002, (frames, K, 2)), axis=0)
    return shape + np.linspace((-0.3, 0.1), (0.35, 0.0), frames)[:, None]


def test_views_are_rotations_that_look_at_the_person():
    xy, score, view = normalise_rays(walk(), np.ones((60, K)), 25.0)
    np.testing.assert_allclose(view @ np.swapaxes(view, 1, 2), np.broadcast_to(np.eye(3), view.shape), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(view), 1.0)
    torso = [i for i, name in enumerate(CANONICAL.keypoint_names) if name.endswith(("shoulder", "hip"))]
    assert np.abs(xy[10:-10, torso].mean(axis=1)).max() < 0.15
    assert (score == 1).all()


def test_a_person_in_the_middle_is_not_turned():
    rays = walk()
    rays = rays - rays[:, [i for i, n in enumerate(CANONICAL.keypoint_names) if n.endswith(("shoulder", "hip"))]].mean(
        axis=1, keepdims=True)
    score = np.where([n.endswith(("shoulder", "hip")) for n in CANONICAL.keypoint_names], 1.0, 1e-9)
    _, _, view = normalise_rays(rays, np.broadcast_to(score, (60, K)), 25.0)
    np.testing.assert_allclose(view, np.broadcast_to(np.eye(3), view.shape), atol=1e-6)


@given(st.floats(0.2, 3.0))
def test_the_size_in_the_picture_drops_out(scale):
    rays = 0.1 * (walk() - walk().mean(axis=(0, 1)))
    score = np.ones((60, K))
    np.testing.assert_allclose(normalise_rays(rays * scale, score, 25.0)[0], normalise_rays(rays, score, 25.0)[0],
                               atol=0.05)


def rotation(axis, angle: float) -> np.ndarray:
    """Return a rotation matrix (3, 3)."""
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec(np.array(axis) * angle).as_matrix()


@given(st.floats(-0.5, 0.5), st.floats(-0.4, 0.4))
def test_turning_the_camera_turns_the_view_back(yaw, pitch):
    """The virtual view stays nearly the same if the camera points elsewhere from the same position."""
    points = np.concatenate([0.3 * (walk() - walk().mean(axis=(0, 1))), np.ones((60, K, 1))], axis=-1)
    turned = points @ (rotation((0, 1, 0), yaw) @ rotation((1, 0, 0), pitch)).T
    a, _, view_a = normalise_rays(points[..., :2], np.ones((60, K)), 25.0)
    b, _, view_b = normalise_rays(turned[..., :2] / turned[..., 2:], np.ones((60, K)), 25.0)
    # up to the roll that the smallest rotation leaves, and the centre's not being a projective notion
    seen_a, seen_b = (np.linalg.norm(x, axis=-1) for x in (a, b))
    assert np.median(np.abs(seen_a - seen_b)) < 0.06
    back_a = points / np.linalg.norm(points, axis=-1, keepdims=True) @ np.swapaxes(view_a, 1, 2)
    back_b = turned / np.linalg.norm(turned, axis=-1, keepdims=True) @ np.swapaxes(view_b, 1, 2)
    assert np.abs(back_a[..., 2] - back_b[..., 2]).max() < 0.03


def test_only_exact_keypoints_have_the_highest_score():
    score = np.tile(np.linspace(0, 1, K), (3, 1))
    clip = Keypoints2D(np.zeros((3, K, 2)), score, CANONICAL.name, 30.0, np.arange(3) / 30, 640, 480)
    assert with_input_scores(clip).score.max() == HIGHEST_SCORE < 1
    assert np.array_equal(with_input_scores(clip).score[score < HIGHEST_SCORE], score[score < HIGHEST_SCORE])
    assert with_input_scores(as_exact(clip)).score[score > 0].min() == 1


def test_pixels_and_rays_agree():
    camera = Camera.from_fov(1280, 720)
    rays, score = walk(), np.random.default_rng(1).random((60, K))
    clip = Keypoints2D(rays * camera.focal + (camera.cx, camera.cy), score, CANONICAL.name, 30.0,
                       np.arange(60) / 30, 1280, 720)
    found = normalise(clip, camera)
    for value, expected in zip((found.xy, found.score, found.view_from_camera), normalise_rays(rays, score, 30.0),
                               strict=True):
        np.testing.assert_allclose(value, expected, atol=1e-9)


def test_missing_points_are_zero_and_change_nothing():
    rays, score = walk(), np.ones((60, K))
    score[:, 3] = 0
    score[20:25, 7] = 0
    reference = normalise_rays(rays, score, 25.0)
    rays[:, 3], rays[20:25, 7] = 1e6, np.nan
    for a, b in zip(reference, normalise_rays(rays, score, 25.0), strict=True):
        np.testing.assert_allclose(a, b)
    assert (reference[0][:, 3] == 0).all() and (reference[0][20:25, 7] == 0).all()


def test_empty_frames_hold_the_nearest_view():
    rays, score = walk(300), np.ones((300, K))
    score[100:] = 0
    xy, _, view = normalise_rays(rays, score, 25.0)
    assert np.isfinite(xy).all() and (xy[100:] == 0).all()
    np.testing.assert_allclose(view[-1], view[200])
    assert np.abs(view[200] - view[99]).max() < 0.05


@pytest.mark.parametrize("frames", [1, 2, 7])
def test_short_and_empty_clips(frames):
    for score in (np.ones((frames, K)), np.zeros((frames, K))):
        xy, _, view = normalise_rays(walk(frames), score, 25.0)
        assert np.isfinite(xy).all() and np.isfinite(view).all()
    np.testing.assert_array_equal(view, np.broadcast_to(np.eye(3), view.shape))


def test_wild_points_are_cut():
    rays, score = walk(), np.ones((60, K))
    rays[30, 9] = 50.0
    score[30, 9] = 0.05
    xy = normalise_rays(rays, score, 25.0)[0]
    assert np.abs(xy).max() <= LIMIT


def test_many_clips_at_once():
    rays = np.stack([walk(seed=1), walk(seed=2)])
    score = np.random.default_rng(1).random((2, 60, K))
    score[1, 10:14] = 0
    both = normalise_rays(rays, score, 25.0)
    for index in range(2):
        for a, b in zip(both, normalise_rays(rays[index], score[index], 25.0), strict=True):
            np.testing.assert_allclose(a[index], b, atol=1e-12)
