"""The simulated detector: consistent batches, and noise like a detector's."""

from dataclasses import replace

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.lifting.lifter_input import HIGHEST_SCORE, normalise
from tests.support.small_motion_set import mocap_set, write_set
from training.mocap.dataset import directions_of, load_mocap, split
from training.simulate import detector_noise as noise
from training.simulate import simulate_batch as synth2d
from training.simulate.device_random import Chance
from training.simulate.simulate_batch import SynthSettings, make_batch
from training.simulate.simulate_clip import simulate_clip, subjects_body
from training.simulate.video_pool import Pool
from training.simulate.virtual_camera import film

NAMES = CANONICAL.keypoint_names


@pytest.fixture(scope="module")
def exact():
    """Make a batch without noise and augmentation."""
    return make_batch(np.random.default_rng(0), mocap_set(), 6, SynthSettings(noisy=False, augment=False))


def test_a_batch_is_whole():
    batch = make_batch(np.random.default_rng(1), mocap_set(), 4, SynthSettings())
    assert batch.xy.shape == (12, 144, 23, 2) and batch.directions.shape == (12, 144, 22, 3)
    for value in (batch.xy, batch.score, batch.directions, batch.up, batch.lengths):
        assert np.isfinite(value).all() and value.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(batch.directions[:, :, 1:], axis=-1), 1, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(batch.up, axis=-1), 1, atol=1e-4)
    assert (batch.lengths[::3] == batch.lengths[1::3]).all()  # a video is one person
    assert ((batch.xy == 0).all(axis=-1) | (batch.score > 0)).all()
    assert set(np.unique(batch.bone_weight)) <= {np.float32(0.3), np.float32(1.0)}


def test_directions_agree_with_the_2d(exact):
    """In the view's axes, a bone that points left in 3D also points left in the picture."""
    joints = MOCAP22.joint_positions(np.ones(22), exact.directions, np.zeros(3))
    agreement = []
    for a, b in (("left_hip", "left_knee"), ("right_shoulder", "right_elbow"), ("left_elbow", "left_wrist")):
        two = exact.xy[..., NAMES.index(b), :] - exact.xy[..., NAMES.index(a), :]
        three = joints[..., MOCAP22.index(b), :2] - joints[..., MOCAP22.index(a), :2]
        clear = np.linalg.norm(three, axis=-1) > 0.5
        cosine = (two * three).sum(-1) / np.linalg.norm(two, axis=-1) / np.linalg.norm(three, axis=-1)
        agreement.append(cosine[clear & exact.valid])
    agreement = np.concatenate(agreement)
    assert np.median(agreement) > 0.98 and (agreement > 0.5).mean() > 0.95


def test_up_points_to_the_head_of_who_stands(exact):
    spine = exact.directions[:, :, MOCAP22.index("spine")]
    assert (spine * exact.up).sum(-1).min() > 0.99  # this figure never leans


def test_scores_of_one_mean_exact_2d_and_nothing_else_does():
    """A fraction of the videos is exact. The same seed without noise gives the same points."""
    half = SynthSettings(exact=0.5, augment=False, focal_spread=0.0, missing=0.0)
    batch = make_batch(np.random.default_rng(2), mocap_set(), 40, half)
    told = (np.where(batch.score > 0, batch.score, 1.0) == 1).all(axis=(1, 2))
    assert (told[::3] == told[1::3]).all() and 0.25 < told.mean() < 0.75  # whole videos
    assert batch.score[~told].max() < HIGHEST_SCORE + 1e-6 < 1
    joints = MOCAP22.joint_positions(np.ones(22), batch.directions, np.zeros(3))
    across = [np.stack([points[..., names.index("left_knee"), :2] - points[..., names.index("left_hip"), :2]])[0]
              for points, names in ((batch.xy, NAMES), (joints, MOCAP22.joint_names))]
    angle = np.abs(np.arctan2(np.cross(*across), (across[0] * across[1]).sum(-1)))
    long = np.linalg.norm(across[1], axis=-1) > 0.7
    spread = [np.median(np.abs(np.diff(angle[rows], axis=1))[long[rows][:, 1:]]) for rows in (told, ~told)]
    assert spread[0] < 0.5 * spread[1]  # noise moves the thigh in the picture from frame to frame


def test_the_same_seed_gives_the_same_batch():
    a, b = (make_batch(np.random.default_rng(3), mocap_set(), 2, SynthSettings()) for _ in range(2))
    np.testing.assert_array_equal(a.xy, b.xy)


def test_clip_ends_repeat_the_end_frame():
    batch = make_batch(np.random.default_rng(0), mocap_set(frames=60), 3, SynthSettings(noisy=False))
    assert not batch.valid.all()
    row = int(np.argmin(batch.valid[:, -1]))
    assert not batch.valid[row, -1]
    last = len(batch.valid[row]) - 1 - int(batch.valid[row, ::-1].argmax())
    assert np.abs(np.diff(batch.xy[row, last + 40 :], axis=0)).max() < 1e-4


def test_scores_tell_right_from_wrong():
    rng = np.random.default_rng(0)
    hidden = (rng.random((40, 60, 23)) < 0.2).astype(float)
    error = np.linalg.norm(noise.errors(rng, hidden, np.ones(40)), axis=-1)
    score = noise.scores(rng, error, hidden, np.ones(40, dtype=bool))
    assert ((score >= 0) & (score <= 1)).all()
    wrong = error > 0.1
    assert 0.0005 < wrong.mean() < 0.1
    better = (score[wrong][:, None] < rng.choice(score[~wrong], 500)).mean()
    assert better > 0.9  # area under the ROC curve
    visible = error[hidden == 0]
    assert 0.006 < np.median(visible) < 0.013 < np.median(error[hidden > 0]) < 0.04  # docs/rendered_people.md


def test_noise_is_slow():
    """A detector's error changes little from frame to frame."""
    error = noise.errors(np.random.default_rng(0), np.zeros((60, 60, 23)), np.ones(60))
    assert np.median(np.linalg.norm(np.diff(error, axis=1), axis=-1)) < 0.5 * np.median(np.linalg.norm(error, axis=-1))


def test_swaps_exchange_sides_in_runs():
    rays = np.random.default_rng(0).normal(size=(200, 50, 23, 2))
    found = noise.swapped(np.random.default_rng(1), rays, np.ones((200, 50), dtype=bool))
    changed = (found != rays).any(axis=-1)
    assert 0.001 < changed.mean() < 0.06
    b, t, k = (index[0] for index in np.nonzero(changed))
    np.testing.assert_array_equal(found[b, t, k], rays[b, t, CANONICAL.flip[k]])
    assert not changed[..., NAMES.index("nose")].any()


def test_layouts_without_feet_or_hands_come_up():
    lost = noise.missing(np.random.default_rng(0), np.ones(400), 30)
    whole = lost.all(axis=1)
    for name in ("left_toe", "right_knuckle", "left_ear"):
        assert 0.03 < whole[:, NAMES.index(name)].mean() < 0.6
    assert not whole[:, NAMES.index("left_knee")].any()
    assert 0 < lost[..., NAMES.index("left_knee")].mean() < 0.1
    assert not noise.missing(np.random.default_rng(0), np.zeros(400), 30).any()


def test_cameras_look_at_the_person():
    rng = np.random.default_rng(0)
    root = np.cumsum(rng.normal(0, 0.02, (50, 80, 3)), axis=1) * (1, 1, 0.2) + (0, 0, 0.9)
    camera = film(rng, root, np.full(50, 1.7))
    product = camera.rotation @ np.swapaxes(camera.rotation, -1, -2)
    np.testing.assert_allclose(product, np.broadcast_to(np.eye(3), product.shape), atol=1e-9)
    np.testing.assert_allclose(np.linalg.det(camera.rotation), 1)
    seen = camera.see(root[:, :, None])[:, :, 0]
    assert seen[..., 2].min() > 1.0 and np.quantile(seen[..., 2], 0.9) < 16
    inside = (np.abs(seen[..., :2] / seen[..., 2:]) < camera.half[:, None]).all(axis=-1)
    assert inside.mean() > 0.85
    assert (camera.up[..., 1] < 0).mean() > 0.95  # y is down
    np.testing.assert_allclose(camera.see(root[:, :, None] + (0, 0, 1))[:, :, 0] - seen, camera.up, atol=1e-9)


def test_whole_clips_for_evaluation_are_those_that_lift_reads():
    mocap = mocap_set()
    clip = simulate_clip(mocap, 1, 2, noisy=False)
    assert len(clip.keypoints) == 249 and clip.keypoints.fps == 25.0
    again = simulate_clip(mocap, 1, 2, noisy=True)
    np.testing.assert_array_equal(clip.directions, again.directions)  # the same camera with noise and without
    seen = normalise(clip.keypoints, clip.camera)
    assert np.isfinite(seen.xy).all()
    place = clip.camera.rays(clip.keypoints.xy[:, NAMES.index("left_hip")])
    depth = 1 / np.maximum(np.abs(place).max(), 1e-3)
    assert np.isfinite(depth)
    np.testing.assert_allclose(directions_of(clip.joints)[:, 1:], clip.directions[:, 1:], atol=1e-4)


def test_loose_clothes_are_a_detectors_trouble_and_not_that_of_exact_keypoints(monkeypatch):
    def seen(loose: float, exact: float) -> np.ndarray:
        monkeypatch.setattr(synth2d, "LOOSE_SHARE", loose)
        return make_batch(np.random.default_rng(4), mocap_set(), 3, SynthSettings(exact=exact)).xy

    np.testing.assert_array_equal(seen(0.0, 1.0), seen(1.0, 1.0))
    assert np.abs(seen(0.0, 0.0) - seen(1.0, 0.0)).max() > 0.01


def test_motion_runs_backward_about_the_middle_of_the_chunk(monkeypatch):
    def moving(share: float) -> np.ndarray:
        monkeypatch.setattr(synth2d, "BACKWARD", share)
        return synth2d._motion(np.random.default_rng(5), mocap_set(), 4, SynthSettings(), None)[1]

    forward, backward = moving(0.0), moving(1.0)
    assert np.abs(forward - backward).max() > 0.01
    np.testing.assert_allclose(backward[:, 1:], forward[:, :0:-1], atol=1e-4)


def test_another_body_makes_the_same_motion():
    mocap = mocap_set()
    own = simulate_clip(mocap, 1, 2, noisy=False)
    body = subjects_body(mocap, 1)
    same = simulate_clip(mocap, 1, 2, noisy=False, bodies=body)
    np.testing.assert_array_equal(same.keypoints.xy, own.keypoints.xy)
    other = simulate_clip(mocap, 1, 2, noisy=False, bodies=replace(body, lengths=1.1 * body.lengths))
    np.testing.assert_allclose(other.lengths, 1.1 * own.lengths, rtol=1e-6)
    np.testing.assert_allclose(other.keypoints.score > 0, own.keypoints.score > 0)
    assert np.abs(other.joints - own.joints).max() > 0.02


def test_the_same_clip_at_another_rate_is_the_same_clip():
    mocap = mocap_set()
    slow, fast = (simulate_clip(mocap, 0, 1, fps=fps) for fps in (25.0, 50.0))
    np.testing.assert_allclose(fast.lengths, slow.lengths)
    count = len(slow.keypoints)
    np.testing.assert_allclose(fast.directions[::2][:count], slow.directions, atol=1e-5)
    both = (fast.keypoints.score[::2][:count] > 0) & (slow.keypoints.score > 0)
    assert both.mean() > 0.5
    np.testing.assert_allclose(fast.keypoints.xy[::2][:count][both], slow.keypoints.xy[both], atol=0.2)


def test_the_pool_cuts_and_mirrors():
    pool = Pool(5, 3)
    for seed in range(3):
        pool.add(make_batch(np.random.default_rng(seed), mocap_set(), 2, SynthSettings()))
    assert pool.filled == 5
    drawn = pool.draw(Chance(0), 8, 99)
    assert drawn.xy.shape == (24, 99, 23, 2) and drawn.valid.shape == (24, 99) and drawn.lengths.shape == (24, 22)
    joints = pool.kept["directions"].numpy().reshape(-1, 22, 3)
    flipped = plain = 0
    for row in range(0, 24, 3):
        one = drawn.directions[row, 0].numpy()
        other = one[MOCAP22.mirror] * (-1, 1, 1)
        plain += bool((np.abs(joints - one).max(axis=(1, 2)) < 1e-6).any())
        flipped += bool((np.abs(joints - other).max(axis=(1, 2)) < 1e-6).any())
    assert plain + flipped == 8 and plain > 0 and flipped > 0


def test_reading_a_set(tmp_path):
    mocap = load_mocap(write_set(tmp_path))
    train, held_out = split(mocap)
    assert len(train) == 2 and list(held_out.subject) == [9] and held_out.names == ("c2",)
    assert list(mocap.loose_shoulders) == [False, True, False]
    height = mocap.positions[..., MOCAP22.index("head"), 2] - mocap.positions[..., MOCAP22.index("left_ankle"), 2]
    assert height.min() > 1.0  # Z is up
    poses = held_out.sample(np.array([0]), np.array([-5.0]), np.array([1.5]), 10)
    np.testing.assert_array_equal(poses[0, 0], mocap.positions[800])
    np.testing.assert_allclose(poses[0, 5], (mocap.positions[802] + mocap.positions[803]) / 2, atol=1e-6)


def test_a_missing_set_is_told(tmp_path):
    with pytest.raises(MocapError, match=r"none\.npz.*not found"):
        load_mocap(tmp_path / "none.npz")


@pytest.mark.parametrize("name, damaged", [
    ("set.npz", lambda content: content[:2000]), ("set.npz", lambda content: b""),
    ("set.npz", lambda content: b"no zip file"), ("set.npz", lambda content: content.replace(b"pos/c1", b"pos/x1")),
    ("set.npz", lambda content: content[:40_000] + bytes(4000) + content[44_000:]),
    ("set.csv", lambda content: b""), ("set.csv", lambda content: content.partition(b"\r\n")[0]),
    ("set.csv", lambda content: content.replace(b"subject", b"person")), ("set.csv", lambda content: b"\xff\xfe\0"),
    ("set.csv", lambda content: content.replace(b"cmu_009", b"nobody")),
    ("set.csv", lambda content: content.replace(b"50.0", b"fast"))])
def test_a_damaged_set_is_told(name, damaged, tmp_path):
    path = write_set(tmp_path)
    file = tmp_path / name
    file.write_bytes(damaged(file.read_bytes()))
    with pytest.raises(MocapError, match=rf"{name}: .* anew"):
        load_mocap(path)


def test_poses_may_be_changed_otherwise_than_for_training():
    """The poses that `augmented` returns are filmed: everybody holds one pose, so all frames have the same bones."""
    def held(_rng, directions, positions):
        return np.broadcast_to(directions[:1, :1], directions.shape), positions

    batch = make_batch(np.random.default_rng(3), mocap_set(), 2, SynthSettings(frames=30), augmented=held)
    bones = batch.directions[:, :, 1:].reshape(-1, 21, 3)
    between = bones @ np.swapaxes(bones, -1, -2)  # cosines, which no camera changes
    assert np.allclose(between, between[0], atol=1e-4)
    plain = make_batch(np.random.default_rng(3), mocap_set(), 2, SynthSettings(frames=30))
    moving = plain.directions[:, :, 1:].reshape(-1, 21, 3)
    assert not np.allclose(moving @ np.swapaxes(moving, -1, -2), between, atol=1e-2)
