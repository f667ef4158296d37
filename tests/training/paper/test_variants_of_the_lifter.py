"""The paper's variants of the network: whole clips and single windows alike, and the sizes that the paper gives."""

import pytest
import torch

from anatomy_mocap.core.skeleton import MOCAP22
from training.paper.skeleton17 import PAPER17
from training.paper.variants_of_the_lifter import DirectionVariant, VariantConfig, VariantLifter, shift_pairs


def clip(frames: int):
    """Random input of 23 keypoints."""
    generator = torch.Generator().manual_seed(3)
    return torch.randn(1, frames, 46, generator=generator), torch.rand(1, frames, 23, generator=generator)


@pytest.mark.parametrize("changes", [{"stack": "single"}, {"stack": "deep"}, {"scores": "concatenated"},
                                     {"scores": "none", "outputs": "joints", "stack": "single"}])
@pytest.mark.parametrize("causal", [False, True])
@torch.no_grad()
def test_the_comparisons_run_dense_and_strided(changes, causal):
    torch.manual_seed(2)
    config = VariantConfig(23, MOCAP22.parents, 12, 3, causal, **changes)
    network = DirectionVariant(config).eval()
    xy, score = clip(27 + 26)
    whole, some = network(xy, score), network(xy, score, 27)
    assert len(whole) == (2 if changes.get("scores") == "concatenated" else 1)
    for a, b in zip(whole, some, strict=True):
        assert a.shape[1:3] == (27, config.vectors) and b.shape[1] == 1
        torch.testing.assert_close(a[:, :1], b, atol=1e-5, rtol=1e-5)
    xy[:, 27:] += 1
    other = network(xy, score)[-1]
    assert (other[:, 0] == whole[-1][:, 0]).all() and (other[:, 1:] != whole[-1][:, 1:]).any()


def count(module) -> int:
    """Trained values."""
    return sum(value.numel() for value in module.parameters())


@pytest.mark.parametrize("widths, total, first, second, lengths", [
    (3, 31_885_932, 11.54, 14.69, 4.30), (4, 45_531_756, 15.74, 22.03, 6.40), (5, 59_177_580, 19.94, 29.38, 8.50)])
def test_sizes_of_the_paper(widths, total, first, second, lengths):
    with torch.device("meta"):
        model = VariantLifter(VariantConfig(17, PAPER17.parents, 1024, widths), regress=True)
    directions = model.directions
    # The paper's count holds the 17 pairs of a joint with itself, too.
    itself = 2 * 17 * 3 * (1024 + 1)
    assert len(shift_pairs(PAPER17.parents)) == 120
    assert count(model) + itself == total
    assert round(count(directions.first) / 1e6, 2) == first
    assert round(count(directions.second) / 1e6, 2) == second
    assert round((count(model.bone_lengths) - count(model.bone_lengths.attention)) / 1e6, 2) == lengths
    assert count(model.bone_lengths.attention) == 1648
    assert round((count(directions.expand) + count(directions.expand_norm)) / 1e6, 3) == 0.106
    assert round((count(directions.see) + count(directions.see_norm)) / 1e6, 3) == 0.054
