"""Lifts whole clips with the shipped model: no seams, any length and rate, mirrored results for mirrored input."""

from dataclasses import replace

import numpy as np
import pytest

from anatomy_mocap.core.camera import Camera
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.keypoints import Keypoints2D
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.lifting import lift as lifting
from anatomy_mocap.lifting.keypoint_support import joint_confidence
from anatomy_mocap.lifting.lift import chosen_frames, lift, run_network
from anatomy_mocap.lifting.lifter_input import normalise
from anatomy_mocap.lifting.lifter_rate import at_lifter_rate
from anatomy_mocap.maths.time_interpolation import at_times
from anatomy_mocap.networks.model_files import models_folder
from anatomy_mocap.networks.onnx_session import open_session

K, J = len(CANONICAL), len(MOCAP22)
CAMERA = Camera.from_fov(800, 600)

# A person who stands, seen from the front, in units of the height; the arms swing and the knees bend in `person`.
_POINTS = {
    "nose": (0, 0.06), "eye": (0.02, 0.04), "ear": (0.04, 0.05), "shoulder": (0.1, 0.18), "elbow": (0.13, 0.36),
    "wrist": (0.14, 0.51), "hip": (0.06, 0.48), "knee": (0.06, 0.73), "ankle": (0.06, 0.95), "heel": (0.06, 0.98),
    "toe": (0.08, 0.99), "knuckle": (0.14, 0.56),
}


def person(frames: int, fps: float = 25.0, seed: int = 0) -> Keypoints2D:
    """Return keypoints of a moving figure with scores."""
    rng = np.random.default_rng(seed)
    times = np.arange(frames) / fps
    xy = np.zeros((frames, K, 2))
    for index, name in enumerate(CANONICAL.keypoint_names):
        side, _, part = name.rpartition("_")
        x, y = _POINTS[part or name]
        swing = 0.1 * np.sin(3 * times + (0 if side == "left" else 2)) * (part in ("wrist", "knuckle", "elbow"))
        xy[:, index] = np.stack([(x if side == "left" else -x) + swing, y - np.abs(swing)], axis=-1)
    score = rng.uniform(0.6, 1.0, (frames, K))
    return Keypoints2D(xy * 400 + (380, 90), score, CANONICAL.name, fps, times, 800, 600)


@pytest.fixture(scope="module", autouse=True)
def shipped_model():
    """Return the shipped model's path. Skip the test if the file is absent."""
    if not (models_folder() / "lifter.onnx").is_file():
        pytest.skip("models/lifter.onnx is absent")


@pytest.fixture(scope="module")
def session():
    """Load the shipped model on the CPU."""
    return open_session("lifter", "cpu")


def angles(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the angles between unit vectors in degrees."""
    return np.degrees(2 * np.arcsin(np.clip(np.linalg.norm(a - b, axis=-1) / 2, 0, 1)))


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_chunks_leave_no_seams(session, chunk):
    seen = normalise(person(100), CAMERA)
    bag = chosen_frames(seen.score, 50)
    whole = drain(run_network(session, seen.xy, seen.score, bag, chunk=10_000))
    parts = drain(run_network(session, seen.xy, seen.score, bag, chunk=chunk))
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-4)


@pytest.mark.parametrize("frames", [1, 2, 3, 50, 130])
def test_any_length(frames):
    lifted = drain(lift(person(frames), CAMERA, "cpu"))
    assert lifted.directions.shape == (frames, J, 3) and lifted.up.shape == (frames, 3)
    assert lifted.confidence.shape == (frames, J) and lifted.bone_lengths.shape == (J,)
    np.testing.assert_allclose(np.linalg.norm(lifted.directions[:, 1:], axis=-1), 1)
    np.testing.assert_allclose(np.linalg.norm(lifted.up, axis=-1), 1)
    assert (lifted.directions[:, 0] == 0).all() and lifted.bone_lengths[0] == 0
    assert (lifted.bone_lengths[1:] > 0.01).all()
    np.testing.assert_array_equal(lifted.bone_lengths, lifted.bone_lengths[MOCAP22.mirror])


def test_a_standing_person_stands():
    lifted = drain(lift(person(60), CAMERA, "cpu"))
    down = np.array([0.0, 1.0, 0.0])
    for name in ("left_knee", "right_knee", "left_ankle", "right_ankle"):
        assert angles(lifted.directions[:, MOCAP22.index(name)], down).mean() < 30
    assert angles(lifted.directions[:, MOCAP22.index("thorax")], -down).mean() < 30
    assert angles(lifted.up, -down).mean() < 25
    assert (lifted.directions[:, MOCAP22.index("left_hip"), 0] > 0).all()  # facing us: their left is on the right


def test_mirrored_in_mirrored_out():
    clip = person(40)
    mirrored = replace(clip, xy=(clip.xy * (-1, 1) + (CAMERA.width, 0))[:, CANONICAL.flip],
                       score=clip.score[:, CANONICAL.flip])
    one, other = drain(lift(clip, CAMERA, "cpu")), drain(lift(mirrored, CAMERA, "cpu"))
    np.testing.assert_allclose(other.directions[:, MOCAP22.mirror] * (-1, 1, 1), one.directions, atol=1e-3)
    np.testing.assert_allclose(other.bone_lengths, one.bone_lengths, atol=1e-4)
    np.testing.assert_allclose(other.up * (-1, 1, 1), one.up, atol=1e-3)


@pytest.mark.parametrize("fps", [5.0, 24.0, 30.0, 59.94, 120.0])
def test_other_rates_give_the_same_motion(fps):
    reference = drain(lift(person(100), CAMERA, "cpu"))
    frames = int(4.0 * fps)
    clip = person(frames, fps)
    lifted = drain(lift(replace(clip, score=np.full_like(clip.score, 0.8)), CAMERA, "cpu"))
    assert len(lifted.directions) == frames
    expected = at_times(reference.directions[:, 1:], np.arange(100) / 25.0, clip.times)
    middle = (clip.times > 0.4) & (clip.times < 3.4)
    assert angles(lifted.directions[middle, 1:], expected[middle]).mean() < (8 if fps < 10 else 4)


def test_progress_rises_to_the_end():
    steps = []
    drain(lift(person(1200), CAMERA, "cpu"), steps.append)
    done = [step.done for step in steps]
    assert done[-1] == 1200 and done == sorted(done) and len(set(done)) > 10
    assert {step.total for step in steps} == {1200}


def test_a_clip_without_anything_seen_is_finite_and_without_confidence():
    clip = person(30)
    lifted = drain(lift(replace(clip, score=clip.score * 0), CAMERA, "cpu"))
    assert np.isfinite(lifted.directions).all() and (lifted.confidence == 0).all()


def test_refusals():
    with pytest.raises(MocapError, match="CANONICAL23"):
        drain(lift(replace(person(3), layout="COCO17"), CAMERA, "cpu"))
    empty = person(3)
    with pytest.raises(MocapError, match="no frames"):
        drain(lift(replace(empty, xy=empty.xy[:0], score=empty.score[:0], times=empty.times[:0]), CAMERA, "cpu"))


def test_frames_for_lengths_are_spread_and_well_seen():
    score = np.full((500, K), 0.9)
    score[100:200] = 0.1
    score[::2] *= 0.9
    bag = chosen_frames(score, 50)
    assert 35 <= len(bag) <= 50 and ((bag < 100) | (bag >= 200)).all() and (bag % 2 == 1).all()
    assert bag.min() < 10 and bag.max() >= 490
    assert len(chosen_frames(score[:7], 50)) == 7
    assert len(chosen_frames(score * 0, 50)) > 0


@pytest.mark.parametrize("value", [1e5, np.nan, np.inf])
def test_resampling_ignores_what_is_missing(value):
    clip = person(120, 60.0)
    score = clip.score.copy()
    xy = clip.xy.copy()
    xy[31, 4], score[31, 4] = value, 0.0
    score[60:80, 6] = 0.0
    slow = at_lifter_rate(replace(clip, xy=xy, score=score))
    assert slow.fps == 25.0 and len(slow) == 50
    assert np.abs(slow.xy[:, 4]).max() < 1000
    assert (slow.score[28:31, 6] == 0).all() and (slow.score[:, 7] > 0).all()
    same = person(50)
    assert at_lifter_rate(same) is same


def test_averaging_keeps_a_slow_motion():
    clip = person(240, 120.0)
    slow = at_lifter_rate(replace(clip, score=np.ones_like(clip.score)))
    np.testing.assert_allclose(slow.xy[3:-3], person(len(slow)).xy[3:-3], atol=2.0)  # pixels


def test_confidence_follows_the_keypoints():
    score = np.ones((4, K))
    names = list(CANONICAL.keypoint_names)
    score[1, names.index("left_wrist")] = 0.0
    confidence = joint_confidence(score)
    wrist, knuckle, other = (MOCAP22.index(n) for n in ("left_wrist", "left_knuckle", "right_wrist"))
    assert confidence[1, wrist] < 0.3 and confidence[1, knuckle] < 1.0
    assert confidence[0].min() == 1.0 and confidence[1, other] == 1.0
    score[:, [i for i, n in enumerate(names) if n.endswith(("toe", "heel", "knuckle"))]] = 0
    confidence = joint_confidence(score)
    assert 0 < confidence[0, MOCAP22.index("left_toe")] < confidence[0, MOCAP22.index("left_ankle")]


def test_the_model_has_the_window_that_it_tells(session):
    around = sum(lifting.padding(session))
    assert around == 80
    for frames in (around + 1, around + 6):
        feeds = {"xy": np.zeros((1, frames, 2 * K), np.float32), "score": np.zeros((1, frames, K), np.float32),
                 "bag_xy": np.zeros((1, 1, 2 * K), np.float32), "bag_score": np.zeros((1, 1, K), np.float32)}
        assert session.run(feeds)[0].shape == (1, frames - around, J - 1, 3)
