"""Boxes and visible shares of bodies that are boards of known size."""

import numpy as np
import pytest

from training.rendered_crowds.coverage import denser, shown

FOCAL, SIZE = 1000.0, (1280, 720)
INTRINSICS = np.array([[FOCAL, 0, 640], [0, FOCAL, 360], [0, 0, 1]])


def board(x: float, depth: float, width: float = 0.5, height: float = 1.8) -> np.ndarray:
    """Make points all over an upright board in camera axes, its middle at (x, 0, depth)."""
    across, down = np.meshgrid(np.linspace(-width / 2, width / 2, 40), np.linspace(-height / 2, height / 2, 120))
    return np.stack([across + x, down, np.full_like(across, depth)], axis=-1).reshape(-1, 3)


def joints(x: float, depth: float) -> np.ndarray:
    return np.array([[x, 0.0, depth], [x + 0.1, 0.3, depth]])


def of(*places: tuple[float, float]):
    return shown([board(*place) for place in places], [joints(*place) for place in places], INTRINSICS, SIZE)


def test_alone_in_the_middle():
    one, = of((0.0, 5.0))
    np.testing.assert_allclose(one.box, [590, 180, 690, 540], atol=1)
    assert one.visible == 1 and one.covered == one.outside == 0 and not one.hidden.any()


@pytest.mark.parametrize(("beside", "covered"), [(0.0, 1.0), (0.3, 0.4), (0.125, 0.75), (1.0, 0.0)])
def test_the_nearer_one_hides(beside, covered):
    """The nearer board is as wide in the picture as the farther one, and stands aside. A cell is 9 %."""
    far, near = shown([board(0.0, 5.0), board(0.8 * beside, 4.0, 0.4, 1.6)], [joints(0.0, 5.0), joints(2.0, 4.0)],
                      INTRINSICS, SIZE)
    assert far.covered == pytest.approx(covered, abs=0.11) and far.visible == pytest.approx(1 - covered, abs=0.11)
    assert near.visible == 1
    assert bool(far.hidden[0]) == (beside < 0.2)


def test_outside_of_the_picture():
    """Half of a board at the right edge; one that has gone altogether; nothing of both lies behind anybody."""
    half, gone = of((640 / FOCAL * 5, 5.0), (1000 / FOCAL * 5, 5.0))
    assert half.outside == pytest.approx(0.5, abs=0.05) and half.visible == pytest.approx(0.5, abs=0.05)
    assert gone.outside == 1 and gone.visible == 0 and gone.box[0] > 640
    assert half.covered == gone.covered == 0


def test_who_is_not_in_the_scene_hides_nobody():
    one, nobody = shown([board(0.0, 5.0), None], [joints(0.0, 5.0), None], INTRINSICS, SIZE)
    assert nobody is None and one.visible == 1


def test_coarse_meshes_have_no_holes():
    """A body of quads as large as MakeHuman's largest is closed: nobody behind it is to be seen."""
    across, down = np.meshgrid(np.arange(-0.3, 0.31, 0.06), np.arange(-0.9, 0.91, 0.06))
    corners = np.stack([across, down, np.full_like(across, 3.0)], axis=-1)
    rows, columns = across.shape
    index = np.arange(rows * columns).reshape(rows, columns)
    faces = np.stack([index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]], axis=-1).reshape(-1, 4)
    near = denser(corners.reshape(-1, 3), faces)
    far, _ = shown([board(0.0, 4.0, 0.4, 1.6), near], [joints(0.0, 4.0)] * 2, INTRINSICS, SIZE)
    assert far.covered > 0.98
