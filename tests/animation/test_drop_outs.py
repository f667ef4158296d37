"""Drop-outs: a lost limb goes straight from sure frame to sure frame; short, long and open stretches stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.animation.animate import CleanUp, animate_and_tell
from anatomy_mocap.animation.drop_outs import DropOut, bridge_drop_outs, bridged
from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.maths.rotations import angle_between
from tests.support import moving_bodies as bodies

FPS = 30.0
WRIST = MOCAP22.index("left_wrist")
ARM = [MOCAP22.index(f"left_{part}") for part in ("elbow", "wrist", "knuckle")]


def lost_arm(first: int, last: int, wrong=(0.6, 0.0, -0.8)):
    """A walk whose left forearm points elsewhere, without confidence, in the frames first to last."""
    take = take_from_positions(bodies.walk(3.0, FPS)[0], FPS)
    directions, confidence = take.directions.copy(), np.ones_like(take.confidence)
    directions[first:last + 1, WRIST] = wrong
    confidence[first:last + 1, WRIST] = 0.0
    return take, replace(take, directions=directions, confidence=confidence)


def test_a_lost_forearm_is_bridged_and_told():
    take, bad = lost_arm(30, 37)
    true = take_from_positions(bodies.walk(3.0, FPS)[0], FPS).directions[:, WRIST]
    off = []
    for on in (False, True):
        found = animate_and_tell(bad, more=CleanUp(bridge=on))[0].directions[:, WRIST]
        off.append(np.degrees(np.arccos(np.clip((found * (true @ take.world_from_camera[:3, :3].T)).sum(-1), -1, 1))))
    assert off[0][30:38].min() > 20 and off[1][30:38].max() < 6
    said = animate_and_tell(bad, more=CleanUp(bridge=True)).said
    assert said == ("lost limbs were bridged: left arm at 31-38; switch Bridge Lost Limbs off to see what was guessed "
                    "there",)
    assert bridged([]) == []


@pytest.mark.parametrize(("first", "last"), [(30, 30), (30, 31), (30, 60), (0, 6), (84, 89)])
def test_pops_long_gaps_and_open_ends_stay(first, last):
    _, bad = lost_arm(first, last)
    motion = solve(bad)
    assert bridge_drop_outs(motion, bad.confidence)[0] is motion


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999))
def test_sure_frames_and_other_limbs_are_the_same(seed):
    rng = np.random.default_rng(seed)
    _, bad = lost_arm(30, 38)
    confidence = bad.confidence.copy()
    confidence[30:39, WRIST] = rng.uniform(0, 0.49, 9)
    motion = solve(bad)
    found, told = bridge_drop_outs(motion, confidence)
    assert told == [DropOut(30, 38, "left arm")]
    moved = angle_between(found.rotations, motion.rotations) > 1e-6
    assert not moved[:30].any() and not moved[39:].any()
    assert not np.delete(moved, ARM, axis=1).any()
    assert np.array_equal(found.bone_lengths, motion.bone_lengths)


def test_a_believed_frame_keeps_its_way():
    _, bad = lost_arm(30, 38)
    confidence = bad.confidence.copy()
    confidence[30:39, WRIST] = 0.499
    motion = solve(bad)
    found, _ = bridge_drop_outs(motion, confidence)
    assert np.degrees(angle_between(found.rotations, motion.rotations)).max() < 1.0
