"""Rotations: products, swings, alignment of two vectors, continuity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anatomy_mocap.maths import rotations as r

vectors = arrays(float, 3, elements=st.floats(-1, 1))
directions = vectors.filter(lambda v: np.linalg.norm(v) > 1e-3).map(lambda v: v / np.linalg.norm(v))
turns = arrays(float, 4, elements=st.floats(-1, 1)).filter(lambda q: np.linalg.norm(q) > 1e-2).map(
    lambda q: q / np.linalg.norm(q))
X, Y, Z = np.eye(3)


@given(turns, turns, vectors)
def test_products_agree_with_scipy(a, b, v):
    ours, theirs = r.multiply(a, b), r.rotation(a) * r.rotation(b)
    assert np.allclose(r.rotation(ours).as_matrix(), theirs.as_matrix())
    assert np.allclose(r.apply(a, v), r.rotation(a).apply(v))
    assert np.allclose(r.apply(r.inverse(a), r.apply(a, v)), v)
    assert r.angle_between(a, b) == pytest.approx((r.rotation(a).inv() * r.rotation(b)).magnitude(), abs=1e-7)


@given(directions, directions)
def test_swing_is_the_shortest_turn(a, b):
    swing = r.swing(a, b)
    assert np.allclose(r.apply(swing, a), b, atol=1e-9)
    angle = np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b)
    assert r.angle_between(swing, (1.0, 0, 0, 0)) == pytest.approx(angle, abs=1e-7)


@given(directions, st.floats(0, 1e-7), directions)
def test_swing_of_opposite_directions(a, slip, off):
    b = r.unit(-a + slip * off)
    assert np.allclose(r.apply(r.swing(a, b), a), b, atol=1e-6)
    assert np.allclose(r.apply(r.swing(a, -a), a), -a, atol=1e-9)


def test_zero_vectors_give_no_turn_and_no_nan():
    zero = np.zeros(3)
    for found in (r.swing(zero, X), r.swing(X, zero), r.swing(zero, zero), r.align(X, Y, zero, zero)):
        assert np.allclose(found, (1, 0, 0, 0))
    assert not r.unit(zero).any() and np.allclose(r.any_perpendicular(zero), Z)
    assert np.isfinite(r.align(X, Y, Z, zero)).all()
    assert np.allclose(r.apply(r.align(X, Y, Z, Z), X), Z)
    assert np.allclose(r.swing_twist(np.array([0, 1.0, 0, 0]), Z)[1], (1, 0, 0, 0))


@given(directions, directions, directions)
def test_align_takes_the_first_exactly_and_the_second_into_its_half_plane(rest, first, second):
    found = r.align(rest, r.any_perpendicular(rest), first, second)
    assert np.allclose(r.apply(found, rest), first, atol=1e-9)
    side = r.apply(found, r.any_perpendicular(rest))
    if np.linalg.norm(np.cross(first, second)) > 1e-3:
        assert side @ second >= -1e-9 and abs(side @ np.cross(first, second)) < 1e-7
    assert np.linalg.norm(found) == pytest.approx(1)


def test_align_takes_the_first_fallback_that_helps():
    assert np.allclose(r.apply(r.align(X, Y, Z, 2 * Z, -Z, Y, X), Y), Y)
    assert np.allclose(r.perpendicular(Z, Z, Z, Y), Y)


@given(turns, directions)
def test_swing_and_twist_make_the_whole(q, axis):
    swing, twist = r.swing_twist(q, axis)
    assert r.angle_between(r.multiply(swing, twist), q) < 1e-6
    assert np.allclose(r.apply(twist, axis), axis)
    assert abs(swing[1:] @ axis) < 1e-6
    turned = r.angle_between(twist, (1.0, 0, 0, 0))
    if np.linalg.norm([q[0], q[1:] @ axis]) > 1e-3:
        assert abs(r.twist_angle(q, axis)) == pytest.approx(turned, abs=1e-6)


@given(directions, st.floats(-3.1, 3.1))
def test_about(axis, angle):
    assert np.allclose(r.rotation(r.about(axis, angle)).as_rotvec(), axis * angle)
    assert r.twist_angle(r.about(axis, angle), axis) == pytest.approx(angle)


@given(turns, directions, directions)
def test_carried_adds_no_twist(parent, rest, direction):
    found = r.carried(parent, rest, direction)
    assert np.allclose(r.apply(found, rest), direction, atol=1e-9)
    change = r.multiply(found, r.inverse(parent))
    assert abs(change[1:] @ r.apply(parent, rest)) < 1e-6 or (r.apply(parent, rest) @ direction) < -0.999


@given(st.integers(0, 2**32 - 1), st.integers(0, 12))
def test_continuous_changes_signs_only(seed, frames):
    rng = np.random.default_rng(seed)
    q = r.unit(rng.normal(size=(frames, 3, 4)))
    found = r.continuous(q)
    assert np.array_equal(np.abs(found), np.abs(q))
    assert ((found[1:] * found[:-1]).sum(-1) >= 0).all() and (found[:1, ..., 0] >= 0).all()


def test_leading_shapes_broadcast():
    q, v = np.tile((1.0, 0, 0, 0), (5, 22, 1)), np.ones((22, 3))
    assert r.apply(q, v).shape == (5, 22, 3) and r.multiply(q, q[0]).shape == (5, 22, 4)
    assert r.swing(np.ones((5, 1, 3)), v).shape == (5, 22, 4)
    assert r.align(X, Y, np.ones((4, 3)), Y).shape == (4, 4)
