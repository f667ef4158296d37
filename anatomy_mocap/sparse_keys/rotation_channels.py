"""Quaternions over time in a bone's rotation mode, continuous from key to key (no bpy here)."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.spatial.transform import Rotation

from ..maths.rotations import about, unit


def rotation_channels(quaternions: np.ndarray, rotation_mode: str) -> tuple[str, np.ndarray]:
    """The rotation property of a bone with this rotation mode, and its values over time.

    quaternions: (T, 4) w x y z, any length and sign. rotation_mode: "QUATERNION", "AXIS_ANGLE" or an Euler order.
    Returns the property's name and (T, C): a quaternion, three Euler angles in radians, or an angle and its axis.
    Successive values are as close together as possible, so that keys interpolate the short way.
    """
    quaternions = continuous_quaternions(quaternions)
    if rotation_mode == "QUATERNION":
        return "rotation_quaternion", quaternions
    if rotation_mode == "AXIS_ANGLE":
        return "rotation_axis_angle", _axis_angles(quaternions)
    return "rotation_euler", _eulers(quaternions, rotation_mode)


def channel_rotations(values: np.ndarray, rotation_mode: str) -> np.ndarray:
    """(T, 4) unit quaternions of (T, C) values of a bone's rotation property, as Blender reads them."""
    values = np.asarray(values, dtype=float)
    if rotation_mode == "QUATERNION":
        return values / np.linalg.norm(values, axis=-1, keepdims=True)
    if rotation_mode == "AXIS_ANGLE":
        return about(unit(values[:, 1:]), values[:, 0])
    order = ["XYZ".index(axis) for axis in rotation_mode]
    return np.roll(Rotation.from_euler(rotation_mode.lower(), values[:, order]).as_quat(), 1, axis=-1)


def continuous_quaternions(quaternions: np.ndarray) -> np.ndarray:
    """(T, 4) unit quaternions whose signs follow one another; the first has w >= 0."""
    quaternions = np.array(quaternions, dtype=float)
    quaternions /= np.linalg.norm(quaternions, axis=-1, keepdims=True)
    turned = np.einsum("ti,ti->t", quaternions[1:], quaternions[:-1]) < 0
    signs = np.cumprod(np.concatenate([[-1.0 if quaternions[0, 0] < 0 else 1.0], np.where(turned, -1.0, 1.0)]))
    return quaternions * signs[:, None]


def _eulers(quaternions: np.ndarray, order: str) -> np.ndarray:
    """(T, 3) radians x, y, z; Blender's order "XYZ" turns about the fixed axes x, then y, then z."""
    rotations = Rotation.from_quat(np.roll(quaternions, -1, axis=-1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # gimbal lock: scipy sets one of the two angles to 0
        turned = rotations.as_euler(order.lower())
    # Every rotation has a second triple of angles. The change between two frames is the same for both triples, so the
    # better successor does not depend on the earlier choice: the choices are a running parity.
    other = turned * (1, -1, 1) + np.pi
    stay = np.sum(_wrapped(turned[1:] - turned[:-1]) ** 2, axis=-1)
    swap = np.sum(_wrapped(other[1:] - turned[:-1]) ** 2, axis=-1)
    second = np.concatenate([[False], np.cumsum(swap < stay) % 2 == 1])
    chosen = np.unwrap(np.where(second[:, None], other, turned), axis=0)
    return chosen[:, np.argsort(["XYZ".index(axis) for axis in order])]


def _axis_angles(quaternions: np.ndarray) -> np.ndarray:
    """(T, 4) angle in radians and unit axis; at the identity the previous axis is kept."""
    sines = np.linalg.norm(quaternions[:, 1:], axis=-1)
    turns = sines > 1e-7
    axes = np.divide(quaternions[:, 1:], sines[:, None], out=np.zeros((len(quaternions), 3)), where=turns[:, None])
    known = np.flatnonzero(turns)
    if len(known) == 0:
        axes[:] = (0.0, 1.0, 0.0)
    else:
        latest = np.maximum.accumulate(np.where(turns, np.arange(len(axes)), known[0]))
        axes = axes[latest]
    signs = np.cumprod(np.concatenate([[1.0], np.where(np.einsum("ti,ti->t", axes[1:], axes[:-1]) < 0, -1.0, 1.0)]))
    angles = np.unwrap(2 * np.arctan2(sines, quaternions[:, 0]) * signs)
    return np.concatenate([angles[:, None], axes * signs[:, None]], axis=-1)


def _wrapped(angles: np.ndarray) -> np.ndarray:
    return (angles + np.pi) % (2 * np.pi) - np.pi
