"""Teachers: every view of a clip that they answer for tells of the same frames, and what is learnt is their answer."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from figure import mocap_set, write_set

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoints import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.training.checkpoint import load_checkpoint, load_model
from anatomy_mocap.training.rarity import RarePoses
from anatomy_mocap.training.synth2d import SynthSettings, make_batch
from anatomy_mocap.training.teach import REACH, TAUGHT, answered, between_frames, taught, teachers_of
from anatomy_mocap.training.train import Trainer, train
from anatomy_mocap.training.train_settings import TrainSettings
from anatomy_mocap.training.windows import _softened

POINT = [CANONICAL.keypoint_names.index(name) if name in CANONICAL.keypoint_names else -1
         for name in MOCAP22.joint_names[1:]]
"""The keypoint of each bone's end, -1 where there is none."""
SEEN = np.array(POINT) >= 0
SMALL = {"channels": 8, "bfloat16": False, "calibration": 0, "still": 0.0, "windows": 16, "fresh": 2, "pool": 4,
         "videos": 2}


class Parrot:
    """A teacher that says where the keypoints of its window's frame are: a direction's x and y, and 1."""

    def __init__(self, causal: bool) -> None:
        self.config = SimpleNamespace(causal=causal)

    def directions(self, flat: torch.Tensor, _score: torch.Tensor) -> tuple[torch.Tensor]:
        middle = flat[:, 80:] if self.config.causal else flat[:, 40:-40]
        points = middle.unflatten(-1, (-1, 2))[:, :, POINT]
        bones = torch.cat([points, torch.ones_like(points[..., :1])], -1)
        up = torch.zeros_like(bones[:, :, :1]) + torch.tensor([0.0, 0.0, 1.0])
        return (torch.cat([bones, up], 2),)


@pytest.mark.parametrize("causal", [False, True])
def test_every_view_of_the_clip_is_answered_for_the_same_frames(causal):
    """Points that move evenly are found again where they are, through mirroring, other speeds, backward in time."""
    rng = np.random.default_rng(0)
    frames = TAUGHT + 2 * REACH
    times = np.arange(frames)[None, :, None, None]
    start, speed = rng.normal(size=(2, 5, 1, len(CANONICAL), 2))
    xy = (start + 0.02 * speed * times).astype(np.float32)
    score = np.ones((5, frames, len(CANONICAL)), dtype=np.float32)
    found = answered([Parrot(causal)], xy, score)
    assert found.shape == (5, TAUGHT, len(MOCAP22), 3)
    where = found[:, :, :-1][:, :, SEEN]
    points = xy[:, REACH:-REACH][:, :, np.array(POINT)[SEEN]]
    np.testing.assert_allclose(where[..., :2] / where[..., 2:], points, atol=5e-3)
    np.testing.assert_allclose(found[:, :, -1], np.broadcast_to([0.0, 0.0, 1.0], found[:, :, -1].shape), atol=1e-6)


def test_between_frames_a_keypoint_that_comes_or_goes_is_not_invented():
    xy = np.array([[0.0, 0.0], [2.0, 4.0], [4.0, 8.0]], dtype=np.float32)[None, :, None]
    score = np.array([0.0, 0.6, 0.8], dtype=np.float32)[None, :, None]
    xy = np.where(score[..., None] > 0, xy, 0.0)
    points, sure = between_frames(xy, score, np.array([0.25, 0.75, 1.5, 9.0]))
    np.testing.assert_allclose(sure[0, :, 0], [0.0, 0.6, 0.7, 0.8], atol=1e-6)
    np.testing.assert_allclose(points[0, :, 0], [[0, 0], [2, 4], [3, 6], [4, 8]], atol=1e-6)


@pytest.fixture(scope="module")
def teachers(tmp_path_factory):
    """Untrained weights of a centred and of a causal network, as --teachers takes them."""
    folder = tmp_path_factory.mktemp("teachers")
    paths = []
    for name, causal in (("centred", False), ("causal", True)):
        torch.manual_seed(len(name))
        trainer = Trainer(TrainSettings("", str(folder / name), causal=causal, **SMALL))
        trainer.report(mocap_set())
        paths.append(str(trainer.path))
    return ",".join(paths)


def test_what_is_learnt_lies_between_the_truth_and_the_answer(teachers):
    mocap = mocap_set()
    rare = RarePoses(mocap)

    def learnt(share: float):
        settings = TrainSettings("", "", fresh=2, teachers=teachers, teach=share)
        return taught(np.random.default_rng(3), mocap, settings, rare)

    synth = SynthSettings(1, TAUGHT + 2 * REACH, exact=0.25)
    whole = make_batch(np.random.default_rng(3), mocap, 2, synth, rare)
    truth, answer, mixed = learnt(0.0), learnt(1.0), learnt(0.6)
    kept = slice(REACH - 40, REACH + TAUGHT + 40)
    for batch in (truth, answer):
        np.testing.assert_array_equal(batch.xy, whole.xy[:, kept])
        np.testing.assert_array_equal(batch.valid[:, 40:-40], whole.valid[:, REACH:-REACH])
        assert not batch.valid[:, :40].any() and not batch.valid[:, -40:].any()
    np.testing.assert_array_equal(truth.directions, whole.directions[:, kept])
    said = answered(teachers_of(teachers), whole.xy, whole.score)
    np.testing.assert_allclose(answer.directions[:, 40:-40, 1:], said[:, :, :-1], atol=1e-5)
    np.testing.assert_allclose(answer.up[:, 40:-40], said[:, :, -1], atol=1e-5)
    for name in ("directions", "up"):
        expected = 0.4 * getattr(truth, name) + 0.6 * getattr(answer, name)
        np.testing.assert_allclose(getattr(mixed, name), expected, atol=1e-5)


def test_a_causal_network_is_taught_by_what_comes_before(teachers):
    mocap = mocap_set()
    settings = TrainSettings("", "", fresh=2, teachers=teachers, causal=True)
    batch = taught(np.random.default_rng(3), mocap, settings, RarePoses(mocap))
    assert batch.xy.shape[1] == 80 + TAUGHT
    assert batch.valid[:, 80:].any() and not batch.valid[:, :80].any()


def test_a_taught_network_keeps_its_lengths_and_learns_directions(teachers, tmp_path):
    start = teachers.partition(",")[0]
    data, out = write_set(tmp_path), str(tmp_path / "run")
    settings = TrainSettings(data, out, start=start, teachers=teachers, steps=3, **SMALL)
    path = train(settings, lambda _: None)
    assert load_checkpoint(path)["step"] == 3
    before, after = (load_checkpoint(one)["model"] for one in (start, path))
    assert all(torch.equal(before[name], after[name]) for name in before if name.startswith("bone_lengths."))
    assert not torch.equal(before["directions.second_head.weight"], after["directions.second_head.weight"])
    assert load_model(path).config.channels == 8


@pytest.mark.parametrize("wrong", [{"baseline": True}, {"clean": True}, {"workers": 2}, {"widths": 5}])
def test_what_teachers_have_no_answer_for_is_refused(wrong, tmp_path):
    settings = replace(TrainSettings("", str(tmp_path), teachers="a.pt", **SMALL), **wrong)
    with pytest.raises(MocapError, match="--teachers"):
        Trainer(settings)


def test_a_softened_distance_is_a_square_when_small_and_itself_when_large():
    small, large = _softened(torch.tensor([1e-3, 2e-3]), 0.05), _softened(torch.tensor([2.0, 3.0]), 0.05)
    assert float(small[1] / small[0]) == pytest.approx(4.0, rel=0.01)
    assert float(large[1] - large[0]) == pytest.approx(1.0, rel=0.01)
    assert torch.equal(_softened(large, 0.0), large)
