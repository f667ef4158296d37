"""Few keys: within the allowed error at every frame, fewer than straight segments need, on chosen frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.core.progress import drain
from anatomy_mocap.maths.rotations import angle_between
from anatomy_mocap.rigs.forward_kinematics import pose_matrices
from anatomy_mocap.rigs.rig import from_matrix, make_rig
from anatomy_mocap.sparse_keys.bezier_fit import evaluate, fit
from anatomy_mocap.sparse_keys.extremes import extremes
from anatomy_mocap.sparse_keys.reduce import Limits, Track, reduce_keys
from anatomy_mocap.sparse_keys.rotation_channels import channel_rotations, rotation_channels
from tests.support.made_turns import smooth_turns

MODES = ("QUATERNION", "AXIS_ANGLE", "XYZ", "ZYX")


def chain_rig(bones: int):
    """A chain of bones, each 0.4 m long, upwards, with two children at the second."""
    parents = [-1, *range(bones - 1)]
    if bones > 3:
        parents[-1] = 1
    rest = np.tile(np.eye(4), (bones, 1, 1))
    for bone, parent in enumerate(parents):
        if parent >= 0:
            rest[bone, :3, 3] = rest[parent, :3, 3] + (0.1 * bone, 0.4, 0)
    return make_rig("chain", tuple(f"b{n}" for n in range(bones)), np.array(parents), rest, np.full(bones, 0.4))


def made(bones: int, frames: int, seed: int, mode: str, swing: float):
    rng = np.random.default_rng(seed)
    rig = chain_rig(bones)
    tracks = [Track(name, mode, smooth_turns(rng, frames, swing),
                    0.3 * np.cumsum(rng.normal(0, 0.03, (frames, 3)), axis=0) if bone == 0 else None)
              for bone, name in enumerate(rig.bone_names)]
    return rig, tracks


def posed(rig, tracks, few=None):
    frames = len(tracks[0].turns)
    turns = np.stack([channel_rotations(evaluate(few[t.name].turns, frames), t.mode) if few else t.turns
                      for t in tracks], axis=1)
    places = np.zeros((frames, len(rig), 3))
    places[:, 0] = evaluate(few[tracks[0].name].places, frames) if few else tracks[0].places
    return pose_matrices(rig, turns, places)


@settings(max_examples=25, deadline=None)
@given(bones=st.integers(1, 6), frames=st.integers(2, 90), seed=st.integers(0, 999), mode=st.sampled_from(MODES),
       swing=st.sampled_from([0.0, 0.2, 1.0]), degrees=st.sampled_from([0.3, 1.0, 5.0]),
       place=st.sampled_from([0.002, 0.005, 0.03]))
def test_the_pose_is_within_both_limits_at_every_frame(bones, frames, seed, mode, swing, degrees, place):
    rig, tracks = made(bones, frames, seed, mode, swing)
    keep = {"b0": np.array([frames // 2])}
    few = drain(reduce_keys(tracks, rig, Limits(np.radians(degrees), place), keep))
    true, found = posed(rig, tracks), posed(rig, tracks, few)
    off = angle_between(from_matrix(true[..., :3, :3]), from_matrix(found[..., :3, :3]))
    assert np.degrees(off).max() <= degrees * 1.0001
    assert np.linalg.norm(true[..., :3, 3] - found[..., :3, 3], axis=-1).max() <= place * 1.0001
    for track in tracks:
        at = few[track.name].at
        assert at[0] == 0 and at[-1] == frames - 1 and (np.diff(at) > 0).all()
        assert np.isin(extremes(track.turns, track.places, float(np.ptp(rig.heads, axis=0).max())), at).all()
    assert frames // 2 in few["b0"].at and np.array_equal(few["b0"].turns.at, few["b0"].places.at)


@pytest.mark.parametrize("mode", MODES)
def test_fewer_keys_than_straight_segments_need(mode):
    rig, tracks = made(5, 200, 3, mode, 0.8)
    few = drain(reduce_keys(tracks, rig, Limits(np.radians(1.0), 0.005), {}))
    count = sum(len(few[track.name].at) for track in tracks)
    straight = sum(_straight(track.turns, np.radians(1.0)) for track in tracks)
    assert count < 0.7 * straight and count < 0.5 * 200 * len(tracks)


def _straight(turns, limit) -> int:
    """The keys that straight segments need for the same rotation error, without any limit of place."""
    keys, start = 1, 0
    while start < len(turns) - 1:
        end = start + 1
        while end + 1 < len(turns):
            share = np.linspace(0, 1, end + 2 - start)[:, None]
            line = turns[start] * (1 - share) + turns[end + 1] * share
            if angle_between(line / np.linalg.norm(line, axis=-1, keepdims=True), turns[start:end + 2]).max() > limit:
                break
            end += 1
        keys, start = keys + 1, end
    return keys


def test_a_still_bone_has_two_keys_and_a_cubic_is_met_exactly():
    rig, tracks = made(2, 300, 0, "QUATERNION", 0.0)
    still = [track._replace(turns=np.tile(track.turns[:1], (300, 1))) for track in tracks]
    few = drain(reduce_keys(still, rig, Limits(0.01, 0.005), {}))
    assert len(few["b1"].at) <= 3
    time = np.linspace(-1, 1, 40)[:, None]
    cubic = 2 * time**3 - time + 0.5
    assert np.abs(evaluate(fit(cubic, np.array([0, 17, 39]), np.ones(40)), 40) - cubic).max() < 1e-3


@pytest.mark.parametrize("mode", [*MODES, "XZY", "YXZ", "YZX", "ZXY"])
def test_channels_give_back_the_rotations(mode):
    turns = smooth_turns(np.random.default_rng(1), 50, 1.5)
    _, values = rotation_channels(turns, mode)
    assert angle_between(channel_rotations(values, mode), turns).max() < 1e-6


def test_progress_comes_often():
    rig, tracks = made(6, 60, 1, "QUATERNION", 0.5)
    steps = reduce_keys(tracks, rig, Limits(0.02, 0.005), {})
    assert [step.done for step in steps] == list(range(1, 7))
