"""Every reader ends in a result or in one MocapError on damaged inputs of a fixed seed (see benchmarks/fuzz.py)."""

import pytest

from benchmarks import fuzz

pytest.importorskip("av")


@pytest.fixture(scope="module")
def seeds():
    return fuzz.seeds()


def bad(reader, ending, inputs, folder, count):
    found = []
    for number in range(count):
        path = folder / f"{number}{ending}"
        path.write_bytes(fuzz.case(reader, ending, inputs, 1, number))
        what, text = fuzz.outcome(reader, path)
        if what not in ("result", "MocapError"):
            found.append((number, what, text))
    return found


@pytest.mark.parametrize("reader", sorted(fuzz.READERS))
def test_damaged_inputs_end_in_a_result_or_one_error(seeds, tmp_path, reader):
    ending, inputs = seeds[reader]
    for number, data in enumerate(inputs):  # the undamaged ones are read
        path = tmp_path / f"sound{number}{ending}"
        path.write_bytes(data)
        assert fuzz.outcome(reader, path) == ("result", "")
    assert bad(reader, ending, inputs, tmp_path, 60) == []


def test_equal_seeds_give_equal_inputs(seeds):
    ending, inputs = seeds["take"]
    first, again, other = (fuzz.case("take", ending, inputs, seed, 5) for seed in (1, 1, 2))
    assert first == again != other
