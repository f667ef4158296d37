"""The correction of the forward lean of upright people."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_mocap.fitting import lean_correction as lean
from anatomy_mocap.fitting.lean_correction import lean_made_good
from tests.support.waving_person import clip

UP = np.array([0.0, -1.0, 0.0])


def lifted_of(trunk, up, frames=2):
    """Return the Lifted of a person straight ahead whose trunk points to `trunk`, with `up` in each frame."""
    truth, _, _ = clip(frames)
    directions = truth.directions.copy()
    for name in ("spine", "thorax"):
        directions[:, truth.skeleton.index(name)] = trunk
    return (replace(truth, directions=directions, up=np.tile(up, (frames, 1))), np.tile([0.0, 0.0, 4.0], (frames, 1)))


def tilted(degrees, axis=(1.0, 0.0, 0.0)):
    return Rotation.from_rotvec(np.radians(degrees) * np.array(axis))


def test_who_stands_upright_is_turned_by_a_share_of_what_up_is_off():
    """The lifter overestimates the camera's pitch by 10 degrees, so the person leans by the same angle."""
    wrong = tilted(10)
    lifted, root = lifted_of(wrong.apply(UP), wrong.apply(UP))
    found = lean_made_good(lifted.directions, lifted, root, UP)
    np.testing.assert_allclose(found, tilted(-10 * lean.SHARE).apply(lifted.directions.reshape(-1, 3)).reshape(
        found.shape), atol=1e-9)
    trunk = lifted.skeleton.index("spine")
    assert found[0, trunk] @ UP > lifted.directions[0, trunk] @ UP


@pytest.mark.parametrize(("trunk", "up"), [
    (UP, UP),  # the frame and the clip agree
    ((1.0, 0.0, 0.0), tilted(10).apply(UP)),  # lying
    (-UP, tilted(10).apply(UP)),  # upside down
    (UP, tilted(10, (0.0, 0.0, 1.0)).apply(UP)),  # the picture shows a roll
    (UP, tilted(40).apply(UP)),  # the frame's up is plainly wrong
], ids=["right", "lying", "upside down", "rolled", "far off"])
def test_others_stay_as_they_are(trunk, up):
    lifted, root = lifted_of(trunk, up)
    np.testing.assert_allclose(lean_made_good(lifted.directions, lifted, root, UP), lifted.directions, atol=1e-9)


def test_directions_stay_unit_vectors_and_the_root_bone_none():
    lifted, root = lifted_of(UP, tilted(8).apply(UP), 5)
    found = lean_made_good(lifted.directions, lifted, root, UP)
    np.testing.assert_allclose(np.linalg.norm(found[:, 1:], axis=-1), 1, atol=1e-12)
    assert not found[:, 0].any()
