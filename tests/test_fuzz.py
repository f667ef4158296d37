"""Every reader ends in a result or in one MocapError on damaged inputs of a fixed seed (see benchmarks/fuzz.py)."""

import pytest

from anatomy_mocap.sources.keypoint_suffixes import READABLE
from benchmarks import fuzz

pytest.importorskip("av")


@pytest.fixture(scope="module")
def seeds():
    return fuzz.seeds()


def bad(reader, inputs, folder, count):
    found = []
    for number in range(count):
        path = fuzz.written(folder / str(number), fuzz.case(reader, inputs, 1, number))
        what, text = fuzz.outcome(reader, path)
        if what not in ("result", "MocapError"):
            found.append((number, what, text))
    return found


@pytest.mark.parametrize("reader", sorted(fuzz.READERS))
def test_damaged_inputs_end_in_a_result_or_one_error(seeds, tmp_path, reader):
    inputs = seeds[reader]
    for number, one in enumerate(inputs):  # the undamaged ones are read
        assert fuzz.outcome(reader, fuzz.written(tmp_path / f"sound{number}", one)) == ("result", "")
    assert bad(reader, inputs, tmp_path, 60) == []


def test_every_ending_of_a_keypoint_file_is_among_the_inputs(seeds):
    endings = {ending for reader, inputs in seeds.items() if reader.startswith("keypoint") for ending, _ in inputs}
    assert endings >= set(READABLE) - {".ndjson"}  # read as .jsonl is


def test_equal_seeds_give_equal_inputs(seeds):
    first, again, other = (fuzz.case("take", seeds["take"], seed, 5) for seed in (1, 1, 2))
    assert first == again != other
