"""Wider and longer networks that start from the weights of narrower and shorter ones."""

from dataclasses import replace

import pytest
import torch

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22
from training.network.checkpoint import save_checkpoint, start_from
from training.network.lifter import Lifter, LifterConfig
from training.network.more_channels import widened

CONFIG = LifterConfig(23, MOCAP22.parents, 12, 3)


@pytest.fixture(scope="module")
def narrow() -> Lifter:
    """Make a narrow network whose batch statistics differ from their initial values."""
    torch.manual_seed(1)
    model = Lifter(CONFIG)
    with torch.no_grad():
        for norm in model.norms():
            norm.running_mean.normal_(0, 0.3)
            norm.running_var.uniform_(0.5, 2.0)
            norm.weight.uniform_(0.5, 1.5)
            norm.bias.normal_(0, 0.3)
    return model.eval()


def outputs(model: Lifter) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    xy, score = torch.randn(2, 40, 46, generator=generator), torch.rand(2, 40, 23, generator=generator)
    with torch.no_grad():
        vectors, (joints, lengths) = model.directions(xy, score), model.bone_lengths(xy, score)
        shifts = [head(lengths, part[:, :, :-1]) for head, part in zip(model.shifts, vectors, strict=True)]
    return [*vectors, joints, lengths, *shifts]


def wide(narrow: Lifter, channels: int, **settings) -> Lifter:
    model = Lifter(replace(CONFIG, channels=channels)).eval()
    weights = widened(narrow.state_dict(), model.state_dict(), CONFIG.channels, **settings)
    model.load_state_dict(weights)
    return model


@pytest.mark.parametrize("channels", [12, 13, 18, 24, 31])
def test_the_wider_network_computes_the_same(narrow, channels):
    for a, b in zip(outputs(narrow), outputs(wide(narrow, channels, disturbed=0.0)), strict=True):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)


def test_copies_differ_a_little(narrow):
    model = wide(narrow, 24)
    taps = model.directions.first[1].taps.weight.detach()
    assert float((taps[12:].flatten(1)[:, None] - taps[:12].flatten(1)).abs().amax(-1).min()) > 0
    for a, b in zip(outputs(narrow)[:2], outputs(model)[:2], strict=True):
        off = torch.rad2deg(torch.arccos((a * b).sum(-1).clamp(-1, 1))).mean()
        assert 0 < float(off) < 10


def test_training_goes_on_wider_but_not_narrower(narrow, tmp_path):
    path = tmp_path / "narrow.pt"
    save_checkpoint(path, {"average": narrow.state_dict(), "config": CONFIG.as_dict(), "step": 1, "seconds": 1.0})
    model = Lifter(replace(CONFIG, channels=16)).eval()
    start_from(path, model)
    for a, b in zip(outputs(narrow)[:2], outputs(model)[:2], strict=True):
        assert float((a * b).sum(-1).mean()) > 0.97
    for other in (replace(CONFIG, channels=8), replace(CONFIG, channels=16, widths=2), replace(CONFIG, scores="none")):
        with pytest.raises(MocapError, match="other sizes"):
            start_from(path, Lifter(other))


@pytest.mark.parametrize("changes", [{"widths": 4}, {"widths": 5, "causal": True}, {"widths": 4, "channels": 16}])
def test_longer_windows_begin_with_what_shorter_ones_do(narrow, tmp_path, changes):
    path = tmp_path / "short.pt"
    short = Lifter(replace(CONFIG, causal=changes.get("causal", False))).eval()
    short.load_state_dict(narrow.state_dict())
    save_checkpoint(path, {"average": short.state_dict(), "config": short.config.as_dict(), "step": 1, "seconds": 1.0})
    long = Lifter(replace(CONFIG, **changes)).eval()
    start_from(path, long)
    xy, score = torch.randn(1, 250, 46), torch.rand(1, 250, 23)
    least = 0.97 if "channels" in changes else 0.9995
    before, after = (b - a for a, b in zip(short.config.padding, long.config.padding, strict=True))
    with torch.no_grad():
        for a, b in zip(short.directions(xy, score), long.directions(xy, score), strict=True):
            inside = a[:, before : a.shape[1] - after]
            assert inside.shape == b.shape and float((inside * b).sum(-1).mean()) > least
        for a, b in zip(short.bone_lengths(xy, score), long.bone_lengths(xy, score), strict=True):
            assert float((a - b).abs().mean()) < 0.1 * float(a.abs().mean())
