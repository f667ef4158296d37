"""The ring buffer keeps the newest rows, for every size of input."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from training.simulate.ring_buffer import Ring


@given(st.integers(1, 7), st.lists(st.integers(1, 20), min_size=1, max_size=6))
def test_the_newest_are_kept(capacity, parcels):
    ring, given_so_far = Ring(capacity), 0
    for count in parcels:
        numbers = torch.arange(given_so_far, given_so_far + count)
        ring.take_in({"number": numbers, "twice": 2.0 * numbers[:, None].float()})
        given_so_far += count
        assert ring.filled == min(capacity, given_so_far)
        there = ring.kept["number"][: ring.filled]
        assert sorted(there.tolist()) == list(range(given_so_far - ring.filled, given_so_far))
        assert torch.equal(ring.kept["twice"][: ring.filled, 0], 2.0 * there.float())
