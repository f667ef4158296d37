"""Hinge axes of elbows, knees and ankles over a whole clip, steady where a limb is straight and says nothing.

A bent limb shows its hinge: the normal of the plane through its two bones. A straight one doesn't, and a nearly
straight one shows mostly noise. So the axis h(t), in the axes of the trunk (pelvis or chest), minimises

    sum w(t) |h - evidence|^2 + PRIOR |h - reference|^2 + (seconds * fps)^2 |h(t+1) - h(t)|^2

with a weight w that rises steeply with the bend: at 15 degrees evidence and neighbours count alike, at 60 degrees the
evidence alone. The system is tridiagonal and is solved for the clip at once; nothing can flip between frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..maths.banded_least_squares import solve_bands
from ..maths.rotations import apply, perpendicular, swing, unit

PRIOR = 0.1
"""Weight of the reference axis, in units of a limb that is bent by FULL_BEND."""
FULL_BEND = np.sin(np.radians(15.0))
SECONDS = 0.1
"""How far neighbours reach (at a bend of 15 degrees)."""


@dataclass(frozen=True)
class Hinge:
    """How a limb's hinge lies when the limb is straight.

    rest_bone: (3,) direction of the upper bone in the rest pose.
    rest_axis: (3,) axis about which the lower bone bends in the rest pose, right-handed.
    centre: (3,) a direction in the middle of the upper bone's reach; the reference axis is carried from the rest pose
    to there and on to the bone by shortest rotations, so its one singular direction, -centre, is out of reach.
    trusted, refused: cosines between the evidence and the reference. Down to `trusted` the evidence counts fully, at
    `refused` not at all: such a bend would be one the wrong way (a knee bent forwards).
    """

    rest_bone: tuple[float, float, float]
    rest_axis: tuple[float, float, float]
    centre: tuple[float, float, float]
    trusted: float
    refused: float

    def reference(self, bones) -> np.ndarray:
        """(T, 3) unit axes for (T, 3) directions of the upper bone, both in the trunk's axes."""
        centre = unit(self.centre)
        at_centre = apply(swing(self.rest_bone, centre), self.rest_axis)
        return apply(swing(centre, bones), at_centre)


def steady_axis(evidence, reference, fps: float, trusted: float = -1.0, refused: float = -2.0) -> np.ndarray:
    """(T, 3) unit axes that follow `evidence` where it is strong, and `reference` and their neighbours where not.

    evidence: (T, 3) normals of the bending plane, as long as the sine of the bend.
    reference: (T, 3) unit axes for a straight limb.
    fps: frames per second. trusted, refused: see `Hinge`.
    """
    strength = np.linalg.norm(evidence, axis=-1)
    shown = unit(evidence)
    agreement = np.clip(((shown * reference).sum(-1) - refused) / (trusted - refused), 0.0, 1.0)
    weight = (strength / FULL_BEND) ** 4 * agreement
    near = (SECONDS * fps) ** 2
    banded = np.zeros((2, len(weight)))
    banded[1] = weight + PRIOR
    banded[1, :-1] += near
    banded[1, 1:] += near
    banded[0, 1:] = -near
    return solve_bands(banded, weight[:, None] * shown + PRIOR * reference)


def hinge_axis(hinge: Hinge, upper, lower, fps: float, hint=None) -> np.ndarray:
    """(T, 3) unit hinge axes at right angles to the upper bone.

    upper, lower: (T, 3) unit directions of the two bones, in the trunk's axes. fps: frames per second.
    hint: (T, 3) further evidence of a straight limb's axis (a leg's: the foot's side axis), as long as it is sure.
    """
    reference = hinge.reference(upper)
    if hint is not None:
        across = hint - upper * (hint * upper).sum(-1, keepdims=True)
        # A hint against the reference (a foot turned backwards) would be an error of the directions: leave it out.
        agrees = (across * reference).sum(-1, keepdims=True) > 0
        reference = unit(reference + np.where(agrees, across, 0.0))
    axis = steady_axis(np.cross(upper, lower), reference, fps, hinge.trusted, hinge.refused)
    return perpendicular(axis, upper, reference)
