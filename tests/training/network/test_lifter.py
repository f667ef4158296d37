"""The network: agreement with its windowed form, the paper's sizes, causality, blocked gradients."""

import pytest
import torch
from torch.nn import functional as F

from anatomy_mocap.core.skeleton import MOCAP22
from training.network.lifter import DirectionNetwork, LengthNetwork, Lifter, LifterConfig, shift_pairs

H36M = (-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15)
WIDTHS = (3, 4, 5)


def small(widths: int = 3, causal: bool = False) -> DirectionNetwork:
    """Make a small network whose batch statistics differ from their initial values."""
    torch.manual_seed(1)
    network = DirectionNetwork(LifterConfig(23, MOCAP22.parents, 12, widths, causal))
    with torch.no_grad():
        for name, value in network.named_buffers():
            if name.endswith("running_mean"):
                value.normal_(0, 0.3)
            elif name.endswith("running_var"):
                value.uniform_(0.5, 2.0)
        for name, value in network.named_parameters():
            if "norm" in name:
                value.uniform_(0.5, 1.5)
    return network.eval()


def clip(frames: int, rows: int = 2):
    """Make random input."""
    generator = torch.Generator().manual_seed(3)
    return torch.randn(rows, frames, 46, generator=generator), torch.rand(rows, frames, 23, generator=generator)


def strided(x, weight):
    """Apply torch's convolution of three taps with stride 3: (B, T, I) -> (B, T / 3, O)."""
    return F.conv1d(x.transpose(1, 2), weight.transpose(1, 2), stride=3).transpose(1, 2)


def windowed(network: DirectionNetwork, xy, score):
    """Compute one output for one window as in the paper's training: stride 3 everywhere, the seed repeated in time."""
    tap = 2 if network.config.causal else 1
    e = network.expand_norm(strided(xy, network.expand.weight))
    v = network.see_norm(strided(score, network.see.weight))
    x, skips, channels = torch.cat([e, v * e], -1), [e], network.config.channels
    for block in network.first:
        x = x[:, tap::3, :channels] + block.norm2(block.mix(block.norm1(strided(x, block.taps.weight))))
        skips.append(x)
    y = x.repeat(1, skips[0].shape[1], 1)
    for block, skip in zip(network.second, skips, strict=False):
        inner = block.norm1(strided(torch.cat([y, skip], -1), block.taps.weight))
        y = y[:, tap::3] + block.norm2(block.mix(inner))
    return x, y


@pytest.mark.parametrize("widths", WIDTHS)
@pytest.mark.parametrize("causal", [False, True])
@torch.no_grad()
def test_dense_form_equals_the_windowed_form(widths, causal):
    network = small(widths, causal)
    window = network.config.window
    xy, score = clip(window + 9)
    first, second = network.hidden(xy, score)
    assert first.shape == second.shape == (2, 10, 12)
    for frame in range(10):
        part = slice(frame, frame + window)
        x, y = windowed(network, xy[:, part], score[:, part])
        torch.testing.assert_close(first[:, frame], x[:, 0], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(second[:, frame], y[:, 0], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("causal", [False, True])
@torch.no_grad()
def test_outputs_depend_on_the_window_only(causal):
    network = small(3, causal)
    before, after = network.config.padding
    xy, score = clip(27 + 20, rows=1)
    reference = network(xy, score)
    frame = 8
    for changed, expected in ((frame + before + after + 1, False), (frame - 1, False), (frame + before, True)):
        other, seen = xy.clone(), score.clone()
        other[:, changed] += 1.0
        seen[:, changed] *= 0.5
        for a, b in zip(reference, network(other, seen), strict=True):
            assert bool((a[:, frame] != b[:, frame]).any()) is expected
    if causal:
        assert after == 0


def test_no_gradient_between_the_sub_networks():
    network = small()
    xy, score = clip(30)
    network(xy, score)[1].square().mul(torch.randn(1)).sum().backward()
    for name, value in network.named_parameters():
        assert (value.grad is not None) is name.startswith("second"), name


def test_length_loss_trains_the_attention_alone():
    network = LengthNetwork(LifterConfig(23, MOCAP22.parents, 12, 3))
    xy, score = clip(20)
    joints, lengths = network(xy, score)
    assert joints.shape == (2, 20, 22, 3) and lengths.shape == (2, 21)
    assert (joints[:, :, 0] == 0).all() and (lengths > 0).all()
    lengths.sum().backward()
    assert {name for name, value in network.named_parameters() if value.grad is not None} == {
        "attention.weight", "attention.bias"}


@torch.no_grad()
def test_attention_over_the_frames_is_equation_6():
    """The weights of the frames are the softmax of ten times the score of the joints and their absolute values."""
    network, (xy, score) = LengthNetwork(LifterConfig(23, MOCAP22.parents, 12, 3)).eval(), clip(20)
    joints, lengths = network(xy, score)
    bones = (joints[:, :, 1:] - joints[:, :, list(MOCAP22.parents[1:])]).norm(dim=-1)
    told = network.attention(torch.cat([joints.flatten(2), joints.flatten(2).abs()], dim=-1))
    weight = (10 * told).exp()
    torch.testing.assert_close(lengths, (weight * bones).sum(dim=1) / weight.sum(dim=1))


@pytest.mark.parametrize("widths, stride", [(3, 3), (3, 27), (4, 9), (4, 27), (4, 81), (5, 9), (5, 81), (5, 243)])
@pytest.mark.parametrize("causal", [False, True])
@torch.no_grad()
def test_a_stride_gives_the_same_frames(widths, stride, causal):
    network = small(widths, causal)
    xy, score = clip(network.config.window + 2 * stride - 1, rows=1)
    for whole, some in zip(network(xy, score), network(xy, score, stride), strict=True):
        assert some.shape[1] == 2
        torch.testing.assert_close(whole[:, ::stride], some, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("widths", WIDTHS)
@pytest.mark.parametrize("stride", [1, 3, 9, "window"])
@torch.no_grad()
def test_later_frames_change_nothing_of_a_causal_network(widths, stride):
    """Every output frame is the last of its window, so later frames do not affect it."""
    network = small(widths, causal=True)
    window = network.config.window
    stride = window if stride == "window" else stride
    xy, score = clip(window + 2 * stride, rows=1)
    before = network(xy, score, stride)
    now = window - 1 + stride  # the second output's own frame
    later, seen = xy.clone(), score.clone()
    later[:, now + 1 :] += 1.0
    seen[:, now + 1 :] *= 0.5
    for a, b in zip(before, network(later, seen, stride), strict=True):
        torch.testing.assert_close(a[:, :2], b[:, :2], atol=0, rtol=0)
        assert (a[:, 2:] != b[:, 2:]).any()
    later[:, now] += 1.0
    assert all((a[:, 1] != b[:, 1]).any() for a, b in zip(before, network(later, seen, stride), strict=True))


@pytest.mark.parametrize("changes", [{"stack": "single"}, {"stack": "deep"}, {"scores": "concatenated"},
                                     {"scores": "none", "outputs": "joints", "stack": "single"}])
@pytest.mark.parametrize("causal", [False, True])
@torch.no_grad()
def test_the_comparisons_run_dense_and_strided(changes, causal):
    torch.manual_seed(2)
    config = LifterConfig(23, MOCAP22.parents, 12, 3, causal, **changes)
    network = DirectionNetwork(config).eval()
    xy, score = clip(27 + 26, rows=1)
    whole, some = network(xy, score), network(xy, score, 27)
    assert len(whole) == (2 if changes.get("scores") == "concatenated" else 1)
    for a, b in zip(whole, some, strict=True):
        assert a.shape[1:3] == (27, config.vectors) and b.shape[1] == 1
        torch.testing.assert_close(a[:, :1], b, atol=1e-5, rtol=1e-5)
    xy[:, 27:] += 1
    other = network(xy, score)[-1]
    assert (other[:, 0] == whole[-1][:, 0]).all() and (other[:, 1:] != whole[-1][:, 1:]).any()


@torch.no_grad()
def test_lengths_do_not_depend_on_the_order_of_the_frames():
    network = LengthNetwork(LifterConfig(23, MOCAP22.parents, 12, 3)).eval()
    xy, score = clip(20)
    order = torch.randperm(20)
    torch.testing.assert_close(network(xy, score)[1], network(xy[:, order], score[:, order])[1])


def test_outputs_are_unit_vectors():
    for output in small()(*clip(40)):
        assert output.shape == (2, 14, 22, 3)  # 21 bones and the world's up
        torch.testing.assert_close(output.norm(dim=-1), torch.ones(2, 14, 22), atol=1e-3, rtol=0)


def count(module) -> int:
    """Return the number of trained parameters."""
    return sum(value.numel() for value in module.parameters())


@pytest.mark.parametrize("widths, total, first, second, lengths", [
    (3, 31_885_932, 11.54, 14.69, 4.30), (4, 45_531_756, 15.74, 22.03, 6.40), (5, 59_177_580, 19.94, 29.38, 8.50)])
def test_sizes_of_the_paper(widths, total, first, second, lengths):
    with torch.device("meta"):
        model = Lifter(LifterConfig(17, H36M, 1024, widths, extra=0, length_scores=False), regress=True)
    directions = model.directions
    # The paper's count holds the 17 pairs of a joint with itself, too.
    itself = 2 * 17 * 3 * (1024 + 1)
    assert len(shift_pairs(H36M)) == 120
    assert count(model) + itself == total
    assert round(count(directions.first) / 1e6, 2) == first
    assert round(count(directions.second) / 1e6, 2) == second
    assert round((count(model.bone_lengths) - count(model.bone_lengths.attention)) / 1e6, 2) == lengths
    assert count(model.bone_lengths.attention) == 1648
    assert round((count(directions.expand) + count(directions.expand_norm)) / 1e6, 3) == 0.106
    assert round((count(directions.see) + count(directions.see_norm)) / 1e6, 3) == 0.054
