"""Hinge axes of elbows, knees and ankles over a whole clip, steady where a straight limb gives no evidence.

The hinge axis of a bent limb is the normal of the plane through its two bones. A straight limb has no such plane, and
that of a nearly straight limb is mostly noise. See `steady_axis` for the problem that is solved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..maths.banded_least_squares import solve_bands
from ..maths.rotations import apply, perpendicular, swing, unit
from .tuning import TUNING

_FULL_BEND = np.sin(np.radians(TUNING.hinge_bend))


@dataclass(frozen=True)
class Hinge:
    """The hinge of a limb in the rest pose, and the range in which its evidence is used.

    rest_bone: (3,) direction of the upper bone in the rest pose.
    rest_axis: (3,) axis about which the lower bone bends in the rest pose, right-handed.
    centre: (3,) a direction in the middle of the upper bone's reach. The reference axis is moved from the rest pose to
        the centre and on to the bone by shortest rotations; its one singular direction, -centre, is then out of reach.
    trusted, refused: cosines of the angle between evidence and reference. Down to `trusted` the evidence has full
        weight, at `refused` none: the joint would bend the wrong way there (a knee forwards).
    """

    rest_bone: tuple[float, float, float]
    rest_axis: tuple[float, float, float]
    centre: tuple[float, float, float]
    trusted: float
    refused: float

    def reference(self, bones: np.ndarray) -> np.ndarray:
        """(T, 3) unit axes for (T, 3) directions of the upper bone, both in the trunk's axes."""
        centre = unit(self.centre)
        at_centre = apply(swing(self.rest_bone, centre), self.rest_axis)
        return apply(swing(centre, bones), at_centre)


def steady_axis(evidence: np.ndarray, reference: np.ndarray, fps: float, trusted: float = -1.0,
                refused: float = -2.0) -> np.ndarray:
    """Follow the evidence of a hinge axis where it is strong, the reference and the neighbouring frames elsewhere.

    The axis h (T, 3), made a unit vector by the caller, minimises

        sum_t  w_t |h_t - e_t|^2 + hinge_prior |h_t - reference_t|^2 + (hinge_seconds fps)^2 |h_(t+1) - h_t|^2

    with the unit evidence e, the weight w = (sin(bend) / sin(hinge_bend))^4 and the numbers of `Tuning`: at a bend of
    15 degrees evidence and neighbours have equal weight, at 60 degrees the evidence dominates. The system is
    tridiagonal.

    evidence: (T, 3) normals of the bending plane; their length is the sine of the bend.
    reference: (T, 3) unit axes of the straight limb. fps: frames per second. trusted, refused: see `Hinge`.
    """
    strength = np.linalg.norm(evidence, axis=-1)
    direction = unit(evidence)
    agreement = np.clip(((direction * reference).sum(-1) - refused) / (trusted - refused), 0.0, 1.0)
    weight = (strength / _FULL_BEND) ** 4 * agreement
    near = (TUNING.hinge_seconds * fps) ** 2
    banded = np.zeros((2, len(weight)))
    banded[1] = weight + TUNING.hinge_prior
    banded[1, :-1] += near
    banded[1, 1:] += near
    banded[0, 1:] = -near
    return solve_bands(banded, weight[:, None] * direction + TUNING.hinge_prior * reference)


def hinge_axis(hinge: Hinge, upper: np.ndarray, lower: np.ndarray, fps: float,
               hint: np.ndarray | None = None) -> np.ndarray:
    """(T, 3) unit hinge axes at right angles to the upper bone.

    upper, lower: (T, 3) unit directions of the two bones, in the trunk's axes. fps: frames per second.
    hint: (T, 3) more evidence of a straight limb's axis (of a leg: the foot's side axis); its length is its weight.
    """
    reference = hinge.reference(upper)
    if hint is not None:
        across = hint - upper * (hint * upper).sum(-1, keepdims=True)
        # A hint against the reference (a foot turned backwards) can only be an error of the directions.
        agrees = (across * reference).sum(-1, keepdims=True) > 0
        reference = unit(reference + np.where(agrees, across, 0.0))
    axis = steady_axis(np.cross(upper, lower), reference, fps, hinge.trusted, hinge.refused)
    return perpendicular(axis, upper, reference)
