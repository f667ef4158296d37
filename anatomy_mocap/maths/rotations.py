"""Rotations that scipy's Rotation lacks: swings, frames from two vectors, twist about an axis, sign continuity.

Quaternions are (..., 4) arrays in the order (w, x, y, z). Every function takes any leading shape and stays finite for
zero-length and opposite vectors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.transform import Rotation

TINY = 1e-9


def rotation(quaternions: ArrayLike) -> Rotation:
    """(..., 4) quaternions (w, x, y, z) as a scipy Rotation."""
    return Rotation.from_quat(quaternions, scalar_first=True)


def quaternions(rotations: Rotation) -> np.ndarray:
    """A scipy Rotation as (..., 4) quaternions (w, x, y, z)."""
    return rotations.as_quat(scalar_first=True)


def multiply(first: ArrayLike, *others: ArrayLike) -> np.ndarray:
    """Product of (..., 4) quaternions; the last factor acts first. Leading shapes broadcast."""
    product = np.asarray(first, dtype=float)
    for other in others:
        product = _product(product, np.asarray(other, dtype=float))
    return product


def _product(a: ArrayLike, b: ArrayLike) -> np.ndarray:
    """Component by component: np.cross and concatenating would take several times as long."""
    aw, ax, ay, az = (a[..., i] for i in range(4))
    bw, bx, by, bz = (b[..., i] for i in range(4))
    result = np.empty((*np.broadcast_shapes(aw.shape, bw.shape), 4))
    result[..., 0] = aw * bw - ax * bx - ay * by - az * bz
    result[..., 1] = aw * bx + bw * ax + ay * bz - az * by
    result[..., 2] = aw * by + bw * ay + az * bx - ax * bz
    result[..., 3] = aw * bz + bw * az + ax * by - ay * bx
    return result


def inverse(quaternions_: ArrayLike) -> np.ndarray:
    """Inverse of (..., 4) unit quaternions."""
    return np.asarray(quaternions_) * np.array([1.0, -1.0, -1.0, -1.0])


def apply(quaternions_: ArrayLike, vectors: ArrayLike) -> np.ndarray:
    """Turn (..., 3) vectors by (..., 4) unit quaternions; leading shapes broadcast."""
    q, v = np.asarray(quaternions_, dtype=float), np.asarray(vectors, dtype=float)
    w, x, y, z = (q[..., i] for i in range(4))
    vx, vy, vz = (v[..., i] for i in range(3))
    # v + w t + q x t with t = 2 q x v, component by component for speed.
    tx, ty, tz = 2.0 * (y * vz - z * vy), 2.0 * (z * vx - x * vz), 2.0 * (x * vy - y * vx)
    result = np.empty((*np.broadcast_shapes(w.shape, vx.shape), 3))
    result[..., 0] = vx + w * tx + y * tz - z * ty
    result[..., 1] = vy + w * ty + z * tx - x * tz
    result[..., 2] = vz + w * tz + x * ty - y * tx
    return result


def unit(vectors: ArrayLike) -> np.ndarray:
    """(..., 3) vectors scaled to length 1; (almost) zero vectors become zero."""
    vectors = np.asarray(vectors, dtype=float)
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > TINY)


def any_perpendicular(vectors: ArrayLike) -> np.ndarray:
    """(..., 3) unit vectors perpendicular to `vectors` (+Z where those are zero)."""
    vectors = unit(vectors)
    smallest = np.eye(3)[np.abs(vectors).argmin(axis=-1)]
    found = unit(np.cross(vectors, smallest))
    return np.where(np.abs(found).sum(-1, keepdims=True) > 0, found, (0.0, 0.0, 1.0))


def perpendicular(vectors: ArrayLike, to: ArrayLike, *fallbacks: ArrayLike) -> np.ndarray:
    """(..., 3) unit vectors: the part of `vectors` at right angles to `to`.

    Where `vectors` is parallel to `to`, the first of `fallbacks` that is not takes its place, and any perpendicular
    after them.
    """
    to = unit(to)
    result = np.zeros(np.broadcast_shapes(np.shape(vectors), to.shape))
    for candidate in (vectors, *fallbacks, any_perpendicular(to)):
        candidate = unit(np.broadcast_to(candidate, result.shape))
        part = candidate - to * (candidate * to).sum(-1, keepdims=True)
        missing = ~result.any(axis=-1, keepdims=True) & (np.linalg.norm(part, axis=-1, keepdims=True) > 1e-6)
        result = np.where(missing, unit(part), result)
    return result


def swing(start: ArrayLike, end: ArrayLike) -> np.ndarray:
    """(..., 4) shortest rotations that take direction `start` to direction `end`.

    Opposite directions turn about an arbitrary perpendicular of `start`; a zero vector gives the identity.
    """
    start, end = np.broadcast_arrays(unit(start), unit(end))
    # The half-way vector gives full precision at every angle but the straight one, unlike acos of the dot product.
    half = unit(start + end)
    cosine = (start * half).sum(-1, keepdims=True)
    turn = np.concatenate([cosine, np.cross(start, half)], axis=-1)
    flip = np.concatenate([np.zeros_like(cosine), any_perpendicular(start)], axis=-1)
    result = np.where(half.any(-1, keepdims=True), turn, flip)
    present = start.any(-1, keepdims=True) & end.any(-1, keepdims=True)
    result = np.where(present, result, (1.0, 0.0, 0.0, 0.0))
    return result / np.linalg.norm(result, axis=-1, keepdims=True)


def align(rest_first: ArrayLike, rest_second: ArrayLike, first: ArrayLike, second: ArrayLike,
          *fallbacks: ArrayLike) -> np.ndarray:
    """(..., 4) rotations that take `rest_first` to `first` exactly and `rest_second` as near as may be to `second`.

    fallbacks: directions to use for `second` where it is parallel to `first` (see `perpendicular`).
    """
    def axes(primary: ArrayLike, *secondary: ArrayLike):
        primary = unit(primary)
        side = perpendicular(secondary[0], primary, *secondary[1:])
        return np.stack(np.broadcast_arrays(primary, side, np.cross(primary, side)), axis=-1)

    first = unit(first)
    present = first.any(-1, keepdims=True)
    first, second = np.where(present, first, unit(rest_first)), np.where(present, second, rest_second)
    matrices = axes(first, second, *fallbacks) @ np.swapaxes(axes(rest_first, rest_second), -1, -2)
    return quaternions(Rotation.from_matrix(matrices))


def carried(parent: ArrayLike, rest_direction: ArrayLike, direction: ArrayLike) -> np.ndarray:
    """(..., 4) `parent`'s rotation, swung the shortest way so that `rest_direction` ends on `direction`.

    The bone that does so has no twist relative to its parent.
    """
    return multiply(swing(apply(parent, rest_direction), direction), parent)


def twist_angle(quaternions_: ArrayLike, axis: ArrayLike) -> np.ndarray:
    """(...) radians in -pi..pi: how far rotations turn about the unit vector `axis` (their twist)."""
    q = np.asarray(quaternions_, dtype=float)
    angle = 2.0 * np.arctan2((q[..., 1:] * axis).sum(-1), q[..., 0])
    return (angle + np.pi) % (2.0 * np.pi) - np.pi


def swing_twist(quaternions_: ArrayLike, axis: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Split rotations into swing * twist: the twist (it acts first) is about `axis`, the swing at right angles to it.

    A half turn about a perpendicular axis has no defined twist and gets none.
    """
    q = np.asarray(quaternions_, dtype=float)
    along = (q[..., 1:] * axis).sum(-1, keepdims=True)
    twist = np.concatenate([q[..., :1], along * np.asarray(axis)], axis=-1)
    norms = np.linalg.norm(twist, axis=-1, keepdims=True)
    twist = np.where(norms > TINY, twist / np.maximum(norms, TINY), (1.0, 0.0, 0.0, 0.0))
    return multiply(q, inverse(twist)), twist


def about(axis: ArrayLike, angle: ArrayLike) -> np.ndarray:
    """(..., 4) rotations by `angle` radians (...) about the unit vectors `axis` (..., 3)."""
    half = np.asarray(angle, dtype=float)[..., None] / 2.0
    vector = np.sin(half) * np.asarray(axis, dtype=float)
    return np.concatenate([np.broadcast_to(np.cos(half), (*vector.shape[:-1], 1)), vector], axis=-1)


def continuous(quaternions_: ArrayLike) -> np.ndarray:
    """(T, ..., 4) the same rotations, signs chosen so that neighbours in time are close; the first has w >= 0."""
    q = np.array(quaternions_, dtype=float)
    if not len(q):
        return q
    start = np.where(q[:1, ..., :1] < 0, -1.0, 1.0)
    steps = np.where((q[1:] * q[:-1]).sum(-1, keepdims=True) < 0, -1.0, 1.0)
    return q * np.cumprod(np.concatenate([start, steps]), axis=0)


def angle_between(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """(...) radians in 0..pi: the angle of the rotation between two (..., 4) quaternions."""
    difference = multiply(inverse(first), second)
    return 2.0 * np.arctan2(np.linalg.norm(difference[..., 1:], axis=-1), np.abs(difference[..., 0]))


def slerp(start: ArrayLike, end: ArrayLike, share: ArrayLike) -> np.ndarray:
    """(..., 4): `share` (0..1, a number or (...)) of the short way from `start` to `end`."""
    step = multiply(end, inverse(start))
    step = step * np.where(step[..., :1] < 0, -1.0, 1.0)
    sine = np.linalg.norm(step[..., 1:], axis=-1)
    return multiply(about(unit(step[..., 1:]), np.asarray(share) * 2.0 * np.arctan2(sine, step[..., 0])), start)
