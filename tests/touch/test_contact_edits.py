"""The user's word on contacts, kept in a take."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.soles import LIMBS, PARTS
from anatomy_mocap.core.take import load_take, save_take, take_problem
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.touch.contact_edits import (
    ContactEdit,
    clear_contacts,
    contact_edits,
    described,
    edit_contacts,
    edit_text,
    parse_edit,
)
from tests.support import moving_bodies as bodies

FRAMES = 40
TAKE = take_from_positions(bodies.random_poses(FRAMES, 1), 25.0, start_time=2.0)
FIRST = 51
"""The scene frame of the take's first: 2 s at 25 a second, and frame 1 is the source's start."""


@pytest.mark.parametrize(("text", "wanted"), [
    ("left_foot 12-40 on", ContactEdit("left_foot", 12, 40, True)),
    ("  Right-Hand  7  OFF ", ContactEdit("right_hand", 7, 7, False)),
    ("seat: 3 - 5 : on", ContactEdit("seat", 3, 5, True)),
])
def test_texts_of_edits(text, wanted):
    assert parse_edit(text) == wanted and parse_edit(edit_text(wanted)) == wanted


@pytest.mark.parametrize(("text", "words"), [
    ("left_foot on", "give a part, frames, and on or off"), ("left_foot 40-12 on", "swap them"),
    ("left_foot 12-40 maybe", "neither on nor off"), ("tail 12-40 on", "'tail' is no part"), ("", "not understood"),
    ("left_foot 1-99999999999999999999 on", "not understood"),
])
def test_wrong_texts_say_why(text, words):
    with pytest.raises(MocapError, match=words):
        parse_edit(text)


def test_an_edit_is_kept_in_the_file_and_can_be_taken_back(tmp_path):
    take = edit_contacts(edit_contacts(TAKE, "left_foot", FIRST + 2, FIRST + 9, True), "seat", FIRST, FIRST, False)
    assert contact_edits(take) == [ContactEdit("left_foot", FIRST + 2, FIRST + 9, True),
                                   ContactEdit("seat", FIRST, FIRST, False)]
    found = load_take(save_take(take, tmp_path / "a.npz"))
    assert contact_edits(found) == contact_edits(take) and found.contact_edits.dtype == np.int8
    part = clear_contacts(found, "left_toe", FIRST + 4, FIRST + 9)
    assert ContactEdit("left_heel", FIRST + 4, FIRST + 9, True) in contact_edits(part)
    assert ContactEdit("left_foot", FIRST + 2, FIRST + 3, True) in contact_edits(part)
    assert clear_contacts(found).contact_edits is None and TAKE.contact_edits is None


def test_later_edits_win_and_frames_beyond_the_take_are_left_out():
    take = edit_contacts(edit_contacts(TAKE, "back", 1, 10**9, True), "back", FIRST + 3, FIRST + 3, False)
    assert [edit_text(edit) for edit in contact_edits(take)] == [
        f"back {FIRST}-{FIRST + 2} on", f"back {FIRST + 3} off", f"back {FIRST + 4}-{FIRST + FRAMES - 1} on"]
    with pytest.raises(MocapError, match="are not in the take, which has frames 51 to 90"):
        edit_contacts(TAKE, "back", 1, FIRST - 1, True)


@given(st.lists(st.tuples(st.sampled_from([*PARTS, *LIMBS]), st.integers(FIRST, FIRST + FRAMES - 1), st.integers(0, 20),
                          st.booleans()), max_size=6))
def test_the_list_of_edits_makes_the_same_take(edits):
    take = TAKE
    for part, first, more, on in edits:
        take = edit_contacts(take, part, first, first + more, on)
    again = TAKE
    for edit in contact_edits(take):
        again = edit_contacts(again, *parse_edit(edit_text(edit)))
    same = (np.zeros(1), np.zeros(1)) if take.contact_edits is None else (take.contact_edits, again.contact_edits)
    assert np.array_equal(*same) and take_problem(take) == ""


def test_edits_follow_the_frames_of_a_slice():
    take = edit_contacts(TAKE, "left_hand", FIRST + 10, FIRST + 19, True)
    assert contact_edits(take[5:15]) == [ContactEdit("left_hand", FIRST + 10, FIRST + 14, True)]
    assert described(TAKE, {"seat": [(0, 3), (9, 9)]}) == {"seat": "51-54, 60"}


@pytest.mark.parametrize(("name", "values", "words"), [
    ("contacts", np.zeros((FRAMES, 9)), "shape"), ("contacts", np.full((FRAMES, 10), np.nan), "0..1"),
    ("contacts", np.full((FRAMES, 10), 1.5), "0..1"),
    ("contact_edits", np.full((FRAMES, 10), 2, np.int8), "none of"),
    ("contact_edits", np.zeros((1, 10), np.int8), "shape"),
    ("contact_edits", np.zeros((FRAMES, 10)), "numbers"),
    ("contacts", np.full((FRAMES, 10), "a"), "numbers"),
])
def test_damaged_contacts_are_refused(tmp_path, name, values, words):
    path = save_take(replace(TAKE, contacts=np.zeros((FRAMES, 10)), contact_edits=np.zeros((FRAMES, 10), np.int8)),
                     tmp_path / "a.npz")
    load_take(path)
    with np.load(path) as data:
        arrays = {key: data[key] for key in data.files} | {name: values}
    np.savez(path, **arrays)
    with pytest.raises(MocapError, match=words):
        load_take(path)
