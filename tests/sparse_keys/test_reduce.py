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
from anatomy_mocap.sparse_keys import choose, handle_fit, reduce, within
from anatomy_mocap.sparse_keys.bezier_fit import Curve, evaluate, fit
from anatomy_mocap.sparse_keys.extremes import extremes
from anatomy_mocap.sparse_keys.handle_fit import refit
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


@pytest.mark.parametrize(("frames", "swing"), [(60, 0.5), (400, 0.05)])
def test_a_step_is_one_fit_or_a_small_part_of_the_choice(monkeypatch, frames, swing):
    """The panel runs steps between two redraws, so none may do more than one round of a fit."""
    work = {"fits": 0, "errors": 0, "looked at": 0}

    def counted(owner, name, kind, amount=lambda *_: 1):
        real = getattr(owner, name)

        def call(*given):
            work[kind] += amount(*given)
            return real(*given)
        monkeypatch.setattr(owner, name, call)

    counted(within, "fit", "fits")
    counted(handle_fit, "_step", "fits")
    counted(reduce._Bone, "_excess", "errors")
    counted(choose, "_errors", "looked at", lambda values, slopes, parts, starts, length: len(starts) * length)
    monkeypatch.setattr(choose, "_WORK", 5000)
    rig, tracks = made(4, frames, 1, "QUATERNION", swing)
    seen = []
    for step in reduce_keys(tracks, rig, Limits(0.02, 0.005), {}):
        assert work["fits"] <= 1 and work["errors"] <= 3 and work["looked at"] <= 5000 + 240, (step, work)
        work = dict.fromkeys(work, 0)
        seen.append(step.done)
    assert seen == sorted(seen) and seen[-1] == len(rig) and len(seen) > 40


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 999), keys=st.integers(2, 8))
def test_a_curve_with_free_handles_is_the_bezier_curve_of_its_control_points(seed, keys):
    """Against Bernstein polynomials at a parameter found by bisection."""
    rng = np.random.default_rng(seed)
    at = np.concatenate([[0], np.cumsum(rng.integers(1, 12, keys - 1))])
    out, into = rng.uniform(0.08, 0.5, (2, keys - 1, 2))
    curve = Curve(at, rng.normal(size=(keys, 2)), rng.normal(size=(keys, 2)), out, into)
    found = evaluate(curve, at[-1] + 1)
    for frame in range(at[-1] + 1):
        segment = min(np.searchsorted(at, frame, side="right") - 1, keys - 2)
        length = at[segment + 1] - at[segment]
        for channel in range(2):
            a, b = out[segment, channel] * length, into[segment, channel] * length
            v, m = curve.values[segment:segment + 2, channel], curve.slopes[segment:segment + 2, channel]
            low, high = 0.0, 1.0
            for _ in range(60):
                t = (low + high) / 2
                low, high = (t, high) if bezier(t, 0, a, length - b, length) < frame - at[segment] else (low, t)
            assert found[frame, channel] == pytest.approx(
                bezier(t, v[0], v[0] + a * m[0], v[1] - b * m[1], v[1]), abs=1e-5)


def bezier(t, *points):
    return sum(weight * (1 - t) ** (3 - n) * t**n * point
               for n, (weight, point) in enumerate(zip((1, 3, 3, 1), points, strict=True)))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 999))
def test_a_refit_changes_its_windows_alone_and_brings_none_farther_from_the_data(seed):
    rng = np.random.default_rng(seed)
    data, at = np.cumsum(rng.normal(size=(60, 3)), axis=0), np.array([0, 9, 20, 31, 44, 59])
    third = np.full((5, 3), 1 / 3)
    curve = fit(data, at, np.ones(60))._replace(out=third, into=third)
    found = drain(refit(curve, data, np.ones(60), np.array([0, 0, -1, 1, 1])))
    before, after = evaluate(curve, 60), evaluate(found, 60)
    assert np.array_equal(before[20:32], after[20:32])
    for part in (slice(0, 21), slice(31, 60)):
        assert (((after - data)[part] ** 2).sum(0) <= ((before - data)[part] ** 2).sum(0) + 1e-6).all()
    assert (found.out + found.into <= 1 + 1e-9).all() and min(found.out.min(), found.into.min()) > 0
