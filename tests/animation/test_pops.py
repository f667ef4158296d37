"""Pops are bridged and told; motion that people make is left as it is."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.animation.animate import CleanUp, animate_and_tell
from anatomy_mocap.animation.pops import repair_pops, told
from anatomy_mocap.animation.smoothing import REGIONS, ROOT, smooth
from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.maths.rotations import about, angle_between, multiply
from tests.support import moving_bodies as bodies


def walking(fps=30.0):
    return solve(take_from_positions(bodies.walk(2.0, fps)[0], fps))


@given(frame=st.integers(2, 55), length=st.integers(1, 2), bone=st.integers(1, 21), degrees=st.floats(50, 170))
def test_a_pop_is_bridged_and_named(frame, length, bone, degrees):
    motion, rotations = walking(), walking().rotations.copy()
    frames = slice(frame, frame + length)
    rotations[frames, bone] = multiply(about((0, 1.0, 0), np.radians(degrees)), rotations[frames, bone])
    repaired, pops = repair_pops(replace(motion, rotations=rotations))
    assert {(pop.first, pop.last, pop.bone) for pop in pops} == \
        {(frame, frame + length - 1, MOCAP22.joint_names[bone])}
    assert np.degrees(angle_between(repaired.rotations, motion.rotations)).max() < 12
    [sentence] = told(pops)
    assert f"{MOCAP22.joint_names[bone].replace('_', ' ')} at frame {frame + 1}" in sentence


def test_the_hips_are_bridged_too():
    motion = walking()
    roots = motion.root_positions.copy()
    roots[20] += (0.0, 0.3, 0.0)
    repaired, [pop] = repair_pops(replace(motion, root_positions=roots))
    assert (pop.first, pop.bone) == (20, "hips") and pop.size == pytest.approx(0.3, abs=0.02)
    assert np.abs(repaired.root_positions - motion.root_positions).max() < 0.02


@pytest.mark.parametrize("fps", [20.0, 30.0, 60.0, 120.0])
def test_a_walk_and_fast_swings_have_no_pops(fps):
    motion = walking(fps)
    assert repair_pops(motion) == (motion, []) and told([]) == []
    time = np.arange(len(motion)) / fps
    swung = motion.rotations.copy()
    swung[:, 15] = multiply(about((0, 0, 1.0), 1.2 * np.sin(2 * np.pi * 3.0 * time)), swung[:, 15])
    assert repair_pops(replace(motion, rotations=swung))[1] == []


def test_a_region_is_smoothed_by_its_own_seconds_and_no_other_changes():
    motion = solve(take_from_positions(bodies.random_poses(60, 0), 30.0))
    plain = smooth(motion, 0.1)
    for region in (ROOT, "legs", "hands", "trunk", "head", "arms"):
        found = smooth(motion, 0.1, {region: 0.4})
        changed = np.abs(found.rotations - plain.rotations).max(axis=(0, 2)) > 1e-9
        assert set(np.array(REGIONS)[changed]) == ({region} if region != ROOT else set())
        assert np.array_equal(found.root_positions, plain.root_positions) == (region != ROOT)
    off = smooth(motion, 0.1, dict.fromkeys((ROOT, *REGIONS), 0.0))
    assert off is motion
    with pytest.raises(MocapError, match="smoothing"):
        smooth(motion, 0.1, {"legs": -1.0})


def test_doubted_frames_follow_their_neighbours():
    take = take_from_positions(bodies.walk(2.0, 30.0)[0], 30.0)
    wrong, confidence = take.directions.copy(), np.ones_like(take.confidence)
    elbow = MOCAP22.index("left_elbow")
    wrong[20:26, elbow] = (0.6, 0.0, -0.8)
    confidence[20:26, elbow] = 0.0
    bad = replace(take, directions=wrong, confidence=confidence)
    true = solve(take).rotations[:, elbow]
    off = [np.degrees(angle_between(animate_and_tell(bad, 0.1, 0.0, CleanUp(doubt=doubt))[0].rotations[:, elbow],
                                    true))[20:26].mean() for doubt in (0.0, 1.0)]
    assert off[1] < 0.9 * off[0]
    certain = replace(bad, confidence=np.ones_like(confidence))
    both = [animate_and_tell(certain, 0.1, 0.0, CleanUp(doubt=doubt))[0] for doubt in (0.0, 1.0)]
    assert np.allclose(both[0].rotations, both[1].rotations, atol=1e-9)
