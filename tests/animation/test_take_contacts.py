"""Contacts of a take: probabilities, modes of the limbs, edits and intervals."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.animation.animate import AS_IT_IS, animate_and_tell
from anatomy_mocap.animation.contacts import find_contacts, from_array
from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.animation.take_contacts import from_intervals, intervals, of_probabilities, take_contacts
from anatomy_mocap.core.soles import PARTS, foot_points
from anatomy_mocap.core.take_from_joints import take_from_positions
from tests.support import moving_bodies as bodies

FPS = 25.0
TAKE = take_from_positions(bodies.walk(4.0, FPS)[0], FPS)


def likely(**parts):
    chances = np.zeros((len(TAKE), len(PARTS)))
    for part, (first, last, chance) in parts.items():
        chances[first:last + 1, PARTS.index(part)] = chance
    return chances


def test_a_take_without_probabilities_has_the_contacts_of_the_rule():
    motion = solve(TAKE)
    assert np.array_equal(take_contacts(TAKE, motion).array, find_contacts(motion).array)


def test_probabilities_become_contacts():
    chances = likely(left_heel=(10, 30, 0.95), left_toe=(20, 40, 0.95), right_toe=(5, 50, 0.1), seat=(60, 70, 0.9))
    found = of_probabilities(chances)
    assert intervals(found) == {"left_heel": [(10, 30)], "left_toe": [(20, 40)], "seat": [(60, 70)]}
    assert found.heels[15, 0] == 1.0 and found.feet[10:41, 0].all() and not found.feet[:, 1].any()


def test_a_contact_lasts_while_it_may():
    chances = likely(left_toe=(10, 60, 0.3))
    assert not of_probabilities(chances).feet.any()
    chances[30, PARTS.index("left_toe")] = 0.9
    assert intervals(of_probabilities(chances)) == {"left_toe": [(10, 60)]}


@pytest.mark.parametrize("limb", ["left_foot", "right_hand"])
def test_modes_of_a_limb(limb):
    motion, columns = solve(TAKE), {"left_foot": [0, 1], "right_hand": [5]}[limb]
    auto, always, never = (take_contacts(TAKE, motion, {limb: mode}).array for mode in ("auto", "always", "never"))
    others = [column for column in range(len(PARTS)) if column not in columns]
    assert np.array_equal(auto[:, others], always[:, others]) and np.array_equal(auto[:, others], never[:, others])
    assert not never[:, columns].any()
    if limb == "left_foot":
        low = foot_points(motion.joint_positions())[:, 0, :, 2].min(axis=1) < 0.08
        assert (always[low][:, columns].max(axis=1) > 0.5).all()
    else:
        assert not always[:, columns].any()  # it is far above the floor


def test_never_leaves_a_foot_where_it_was():
    held = animate_and_tell(TAKE, 0.0, 1.0, replace(AS_IT_IS, holds={"left_foot": "never", "right_foot": "never"}))
    assert not held.contacts.feet.any()


def test_edits_beat_all_else():
    edits = np.zeros((len(TAKE), len(PARTS)), np.int8)
    edits[:10, PARTS.index("left_heel")], edits[20:30, :4] = 1, -1
    take = replace(TAKE, contact_edits=edits)
    found = animate_and_tell(take, 0.0, 1.0, replace(AS_IT_IS, holds={"left_foot": "never"})).contacts
    assert (found.heels[:10, 0] == 1).all() and not found.feet[20:30].any() and not found.feet[10:, 0].any()


@given(st.integers(1, 40), st.integers(0, 2**31 - 1))
def test_intervals_and_back(frames, seed):
    rng = np.random.default_rng(seed)
    contacts = from_array((rng.random((frames, len(PARTS))) < 0.5) * rng.uniform(0.1, 1.0, (frames, len(PARTS))))
    again = from_intervals(intervals(contacts), frames)
    assert np.array_equal(again.array > 0, contacts.array > 0) and intervals(again) == intervals(contacts)
