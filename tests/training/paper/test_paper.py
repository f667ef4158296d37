"""The paper's losses, gradient blocks, augmentation and comparisons, on small networks and synthetic videos."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.core.errors import MocapError
from tests.support.videos17 import LENS, videos17
from training.network.lifter import Lifter
from training.paper.ablation_rows import FULL, ROWS
from training.paper.batches import BatchSettings, Sampler
from training.paper.infer import predict
from training.paper.learner import Learner
from training.paper.length_augmentation import augmented_bag, other_lengths, rebuilt
from training.paper.losses import WEIGHTS, bag_lengths, composed, directions_of, joint_shifts, paper_losses, total
from training.paper.skeleton17 import PAPER17, bones_of
from training.paper.videos import length_frames, mirrored, normalised, projected, relative, window_frames


@pytest.fixture(scope="module")
def videos():
    """Make three short videos of one person each."""
    return videos17()


def batch_of(videos, variant, widths=3, causal=False, **changes):
    padding = variant.config(8, widths, causal).padding
    return Sampler(videos, variant, BatchSettings(**{"windows": 8, "bag": 6, "padding": padding, "causal": causal,
                                                     **changes}), 0).draw()


def network(variant, widths=3, causal=False):
    torch.manual_seed(0)
    return Lifter(variant.config(8, widths, causal), regress=True, shifts=variant.joint_shift)


def trained_by(name, variant, videos) -> set[str]:
    """Return the names of the parameters that one loss changes."""
    model = network(variant)
    paper_losses(model, variant, batch_of(videos, variant))[name].backward()
    return {key for key, value in model.named_parameters() if value.grad is not None and value.grad.abs().max() > 0}


def test_the_length_loss_trains_the_attention_alone(videos):
    assert trained_by("length", FULL, videos) == {"bone_lengths.attention.weight", "bone_lengths.attention.bias"}


def test_the_naive_length_loss_trains_the_whole_branch(videos):
    moved = trained_by("length", ROWS["naive"], videos)
    assert {name.partition(".")[0] for name in moved} == {"bone_lengths"} and "bone_lengths.measures.weight" in moved


def test_one_frame_of_each_bag_trains_the_frames_network(videos, monkeypatch):
    """Equation 5: one random frame per bag, or one per window for windows of the same bag."""
    moved = trained_by("frame", FULL, videos)
    assert {name.partition(".")[0] for name in moved} == {"bone_lengths"}
    assert not any("attention" in name for name in moved)
    for shared in (1, 2):
        model, batch, seen = network(FULL), batch_of(videos, FULL, shared=shared), []
        own = model.bone_lengths.frame_joints

        def noted(xy, score, own=own, seen=seen):
            if torch.is_grad_enabled():
                seen.append(xy)
            return own(xy, score)

        monkeypatch.setattr(model.bone_lengths, "frame_joints", noted)
        for _ in range(8):
            paper_losses(model, FULL, batch)
        bags = torch.from_numpy(batch.bag_xy).flatten(2)
        for picked in seen:
            assert picked.shape == (len(bags), shared, 34)
            assert (picked[:, :, None] == bags[:, None]).all(dim=-1).any(dim=-1).all()  # each from its own bag
        assert len(seen) == len({picked.numpy().tobytes() for picked in seen}) == 8


def test_the_joint_shift_trains_no_lengths(videos):
    moved = trained_by("shift", FULL, videos)
    assert {name.partition(".")[0] for name in moved} == {"directions", "shifts"}
    assert {name.split(".")[1] for name in moved if name.startswith("shifts")} == {"0", "1"}


def test_the_regressed_joints_train_their_head_alone(videos):
    assert {name.partition(".")[0] for name in trained_by("regressed", FULL, videos)} == {"regress"}


def test_sub_networks_learn_apart(videos):
    model, batch = network(FULL), batch_of(videos, FULL)
    outputs = model.directions(torch.from_numpy(batch.xy).flatten(2), torch.from_numpy(batch.score), 27)
    (outputs[1] ** 2 * torch.rand(outputs[1].shape)).sum().backward()
    moved = {name for name, value in model.named_parameters() if value.grad is not None}
    assert moved and all(name.startswith("directions.second") for name in moved)


def test_the_deeper_network_learns_as_one(videos):
    moved = trained_by("direction", ROWS["deep"], videos)
    assert "directions.expand.weight" in moved and "directions.second.0.taps.weight" in moved
    assert not any("first_head" in name for name, _ in network(ROWS["deep"]).named_parameters())


@pytest.mark.parametrize("name", ROWS)
def test_every_row_is_what_it_says(name, videos):
    variant = ROWS[name]
    model, batch = network(variant), batch_of(videos, variant)
    losses = paper_losses(model, variant, batch)
    expected = {"joints"} if not variant.anatomic else {"direction", "regressed"}
    expected |= {"shift"} if variant.joint_shift else set()
    if variant.anatomic:
        expected |= {"frame"} if variant.frame_loss else {"length"}
        expected |= {"length"} if variant.attention else set()
    assert set(losses) == expected <= set(WEIGHTS)
    total(losses).backward()
    unused = {key for key, value in model.named_parameters() if value.grad is None}
    assert not unused
    assert (batch.extra_xy is not None) == variant.augmented
    assert hasattr(model.directions, "see") == (variant.scores == "attention")
    neighbours = np.diff(batch.bag_joints, axis=1)
    assert (np.abs(neighbours).max() < 0.2) == (name == "consecutive")  # a frame's way, not the way across a video
    assert len(model.shifts) == variant.joint_shift * variant.anatomic * (2 if variant.stack == "skips" else 1)


def test_equation_7_weighs_as_the_paper():
    assert [WEIGHTS[name] for name in ("direction", "length", "frame", "shift")] == [0.015, 0.05, 1.0, 0.1]
    ones = {name: torch.ones(()) for name in ("direction", "length", "frame", "shift")}
    assert float(total(ones)) == pytest.approx(1.165)


def test_equation_1_gives_the_truth_back(videos):
    """The loss of the truth is 0."""
    joints = torch.from_numpy(videos.joints[:4] - videos.joints[:4, :1])
    lengths = torch.from_numpy(np.linalg.norm(bones_of(videos.joints[:4]), axis=-1))
    again = composed(directions_of(joints), lengths)
    torch.testing.assert_close(again, joints, atol=1e-5, rtol=0)
    pairs = network(FULL).pairs
    shift = joint_shifts(joints, pairs)
    first, second = pairs[17]
    torch.testing.assert_close(shift[2, 17], joints[2, second] - joints[2, first])


class PerfectLengths(torch.nn.Module):
    """A network that identifies a batch's bags by their keypoints and returns the truth with a constant error."""

    def __init__(self, batch, off):
        super().__init__()
        self.off, frames = off, (batch.bag_xy.reshape(-1, 34), batch.bag_joints.reshape(-1, 17, 3))
        self.joints = {xy.tobytes(): torch.from_numpy(joints) for xy, joints in zip(*frames, strict=True)}
        self.of_bags = {batch.bag_xy.tobytes(): batch.lengths, batch.extra_xy.tobytes(): batch.extra_lengths}

    def frame_joints(self, xy, score):
        """Return the joints of picked frames; for a bag (without gradients) its keypoints, for `lengths`."""
        if not torch.is_grad_enabled():
            return xy
        return torch.stack([torch.stack([self.joints[xy.numpy().tobytes()] for xy in row]) for row in xy]) + self.off

    def lengths(self, xy):
        return torch.from_numpy(self.of_bags[xy.numpy().tobytes()]) + self.off


@pytest.mark.parametrize("off", [0.0, 0.01])
def test_losses_are_the_paper_s_and_a_perfect_network_has_none(off, videos):
    """Equations 2 to 5 with a constant error along each axis. The lengths are those of equation 1, too."""
    batch, real = batch_of(videos, FULL), network(FULL)
    true = torch.from_numpy(batch.joints)
    model = SimpleNamespace(
        config=real.config, pairs=real.pairs, bone_lengths=PerfectLengths(batch, off),
        directions=lambda *_: (directions_of(true)[:, None] + off,) * 2,
        shifts=[lambda *_: joint_shifts(true, real.pairs)[:, None] + off] * 2, regress=lambda *_: true[:, None] + off)
    losses, step = paper_losses(model, FULL, batch), 3**0.5 * off
    expected = {"direction": 2 * step**2, "length": 2 * off**2, "frame": step, "shift": 2 * step, "regressed": step}
    assert {name: float(value) for name, value in losses.items()} == pytest.approx(expected, rel=1e-3, abs=1e-6)
    again = composed(directions_of(true), torch.from_numpy(batch.lengths))
    torch.testing.assert_close(again, true, atol=1e-5, rtol=0)


def test_augmentation_changes_lengths_alone(videos):
    joints, lengths = videos.joints[:12].reshape(2, 6, 17, 3), videos.lengths[[0, 0]].astype(np.float32)
    before = joints.copy(), lengths.copy(), videos.joints.copy()
    rng = np.random.default_rng(0)
    new = other_lengths(rng, lengths)
    assert (np.abs(new / lengths - 1) <= 0.3).all() and np.abs(new / lengths - 1).max() > 0.2
    other = rebuilt(joints, new)
    np.testing.assert_allclose(np.linalg.norm(bones_of(other), axis=-1), np.broadcast_to(new[:, None], (2, 6, 16)),
                               rtol=1e-4)
    np.testing.assert_array_equal(other[..., 0, :], joints[..., 0, :])
    unit, other_unit = (bones_of(part) / np.linalg.norm(bones_of(part), axis=-1, keepdims=True)
                        for part in (joints, other))
    np.testing.assert_allclose(unit, other_unit, atol=1e-5)
    xy, drawn = augmented_bag(np.random.default_rng(0), joints, lengths, np.stack([LENS, LENS]))
    np.testing.assert_array_equal(drawn, new)
    np.testing.assert_allclose(xy, projected(other, np.stack([LENS, LENS])[:, None]), atol=1e-5)
    for kept, now in zip(before, (joints, lengths, videos.joints), strict=True):
        np.testing.assert_array_equal(kept, now)  # the originals are not written over


def test_augmented_bags_reach_the_length_branch_alone(videos):
    batch = batch_of(videos, FULL)
    other = batch_of(videos, ROWS["bone_attention"])
    for name in ("xy", "score", "joints", "lengths", "bag_xy", "bag_joints"):
        np.testing.assert_array_equal(getattr(batch, name), getattr(other, name))
    assert batch.extra_xy.shape == batch.bag_xy.shape and np.abs(batch.extra_xy - batch.bag_xy).max() > 0.01
    model = network(FULL)
    changed = vars(batch) | {"extra_xy": batch.extra_xy + 0.1}
    found = []
    for part in (vars(batch), changed):
        torch.manual_seed(0)  # of the dropout
        found.append(paper_losses(model, FULL, type(batch)(**part)))
    assert {name for name in found[0] if not torch.equal(found[0][name], found[1][name])} == {"length"}


def test_augmented_bags_leave_the_statistics_alone(videos):
    model, batch = network(FULL).train(), batch_of(videos, FULL)
    before = {name: value.clone() for name, value in model.named_buffers()}
    bag_lengths(model, torch.from_numpy(batch.extra_xy).flatten(2))
    for name, value in model.named_buffers():
        if not name.endswith("num_batches_tracked"):
            torch.testing.assert_close(value, before[name], msg=name)


def test_augmentation_without_a_camera_is_refused(videos):
    blind = type(videos)(**{**vars(videos), "lens": np.full((3, 9), np.nan)})
    with pytest.raises(MocapError, match="camera.*--no-augmented"):
        batch_of(blind, FULL)
    assert batch_of(blind, ROWS["bone_attention"]).extra_xy is None


def test_every_variant_of_a_seed_sees_the_same_windows(videos):
    one, two = batch_of(videos, ROWS["baseline"]), batch_of(videos, ROWS["consecutive"])
    for name in ("xy", "score", "joints"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_windows_share_a_bag_of_their_own_video(videos):
    batch = batch_of(videos, FULL, windows=8, shared=4)
    assert batch.bag_xy.shape == (2, 6, 17, 2) and batch.lengths.shape == (2, 16)


def test_half_of_the_videos_are_mirrored_whole(videos):
    """Windows, bags, lengths and truth are mirrored together. The batch without flips has the original ones."""
    plain, some = (batch_of(videos, FULL, windows=60, flip=flip) for flip in (False, True))
    flipped = (some.xy != plain.xy).any(axis=(1, 2, 3))
    assert 15 < flipped.sum() < 45
    for name in ("xy", "joints", "bag_xy", "bag_joints"):
        np.testing.assert_array_equal(getattr(some, name), mirrored(getattr(plain, name), flipped), err_msg=name)
    np.testing.assert_array_equal(some.score, mirrored(plain.score[..., None], flipped)[..., 0])
    other = plain.lengths[:, PAPER17.mirror[1:] - 1]
    assert np.abs(other - plain.lengths).max() > 0.01
    np.testing.assert_array_equal(some.lengths, np.where(flipped[:, None], other, plain.lengths))
    measured = np.linalg.norm(bones_of(some.bag_joints), axis=-1).mean(axis=1)
    np.testing.assert_allclose(some.lengths, measured, atol=1e-4)  # the videos' bones are constant


@given(st.integers(1, 40), st.booleans(), st.booleans(), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_frames_for_lengths(count, causal, consecutive, seed):
    rng = np.random.default_rng(seed)
    current = rng.integers(0, count, 5)
    frames = length_frames(rng, current, np.full(5, count), 10, causal, consecutive)
    assert frames.shape == (5, 10) and frames.min() >= 0 and frames.max() < count
    if causal:
        assert (frames <= current[:, None]).all()
    if consecutive:
        assert (np.diff(frames, axis=1) <= 1).all() and (np.diff(frames, axis=1) >= 0).all()


def test_random_frames_are_of_the_whole_video():
    frames = length_frames(np.random.default_rng(0), np.array([0]), np.array([1000]), 400, False, False)
    assert frames.max() > 950 and len(np.unique(frames)) > 300


def test_windows_repeat_the_ends():
    assert window_frames(np.array([1]), np.array([4]), 3, 3).tolist() == [[0, 0, 0, 1, 2, 3, 3]]


def test_a_mirror_twice_changes_nothing(videos):
    flip = np.ones(3, bool)
    for part in (videos.joints[:3], videos.xy[:3], videos.score[:3, :, None]):
        once = mirrored(part, flip)
        assert np.abs(once - part).max() > 1e-3
        np.testing.assert_array_equal(mirrored(once, flip), part)
    lengths = np.linalg.norm(bones_of(mirrored(videos.joints[:3], flip)), axis=-1)
    np.testing.assert_allclose(lengths, np.linalg.norm(bones_of(videos.joints[:3]), axis=-1)[:, PAPER17.mirror[1:] - 1],
                               rtol=1e-5)


def test_picture_coordinates_are_the_paper_s():
    found = normalised(np.array([[0.0, 0.0], [1000.0, 1002.0], [500.0, 501.0]]), 1000, 1002)
    np.testing.assert_allclose(found, [[-1, -1.002], [1, 1.002], [0, 0]], atol=1e-9)


def test_relative_keypoints_lose_nothing(videos):
    seen = relative(videos.xy)
    np.testing.assert_allclose(seen[:, 1:] / 3 + seen[:, :1], videos.xy[:, 1:], atol=1e-6)
    np.testing.assert_array_equal(seen[:, 0], videos.xy[:, 0])


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", ["baseline", "naive", "full", "consecutive"])
def test_flip_averaging_is_symmetric(name, causal, videos):
    variant = ROWS[name]
    model, part = network(variant, causal=causal).eval(), videos.video(0)
    xy, score = videos.xy[part], videos.score[part]
    one, two = (predict(model, variant, mirrored(xy, np.full(len(xy), flip)),
                        mirrored(score[..., None], np.full(len(xy), flip))[..., 0], bag=len(xy))
                for flip in (False, True))
    assert one.joints.shape == (len(xy), 17, 3) and np.isfinite(one.joints).all() and (one.joints[:, 0] == 0).all()
    np.testing.assert_allclose(mirrored(two.joints, np.ones(len(xy), bool)), one.joints, atol=5e-6)
    plain = predict(model, variant, xy, score, flip=False)
    assert np.abs(plain.joints - one.joints).max() > 1e-4


def test_equation_1_keeps_the_lengths(videos):
    part = videos.video(1)
    found = predict(network(FULL).eval(), FULL, videos.xy[part], videos.score[part])
    lengths = np.linalg.norm(bones_of(found.joints), axis=-1)
    np.testing.assert_allclose(lengths, found.lengths, atol=1e-5)
    assert np.ptp(lengths, axis=0).max() < 1e-5 and found.regressed.shape == found.joints.shape


@pytest.mark.parametrize("widths", [3, 4, 5])
def test_a_causal_network_sees_no_later_frame(widths, videos):
    """Later frames change neither directions nor lengths nor joints of a frame."""
    model, part = network(FULL, widths, causal=True).eval(), videos.video(0)
    xy, score = videos.xy[part].copy(), videos.score[part].copy()
    before = predict(model, FULL, xy, score)
    xy[30:] += 0.3
    score[30:] *= 0.2
    after = predict(model, FULL, xy, score)
    for name in ("joints", "lengths", "regressed"):
        a, b = getattr(before, name), getattr(after, name)
        np.testing.assert_array_equal(a[:30], b[:30])
        assert np.abs(a[30:] - b[30:]).max() > 1e-4


def test_a_network_learns(videos):
    learner = Learner(FULL, 8, 3, rate=1e-2, dropout=0.0)
    torch.manual_seed(0)
    sampler = Sampler(videos, FULL, BatchSettings(32, 1, learner.model.config.padding, bag=6), 0)
    history = [learner.learn(sampler.draw(), step / 60) for step in range(60)]
    for name in ("direction", "frame", "shift", "regressed"):
        assert np.mean([entry[name] for entry in history[-5:]]) < 0.8 * history[0][name], name
    assert learner.optimiser.param_groups[0]["lr"] == pytest.approx(1e-2 * 0.95**59)
    assert learner.model.norms()[0].momentum == pytest.approx(0.1 * 0.01 ** (59 / 60))
    assert isinstance(learner.optimiser, torch.optim.Adam) and learner.optimiser.defaults["amsgrad"]


@pytest.mark.parametrize("name, head", [("baseline", "directions.first_head"), ("naive", "bone_lengths.measures"),
                                        ("full", "bone_lengths.joints"), ("full", "regress.out")])
def test_positions_are_not_in_steps_of_bfloat16(name, head, videos):
    """At distances of metres the steps would be millimetres."""
    variant, found = ROWS[name], []
    model = network(variant)
    model.get_submodule(head).register_forward_hook(lambda module, given, output: found.append(output.detach()))
    with torch.autocast("cpu", torch.bfloat16):
        paper_losses(model, variant, batch_of(videos, variant))
    assert (found[0] == found[0].bfloat16().float()).float().mean() < 0.2
