"""Regions and crops: coordinates of the picture and of the crop correspond."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.people import crop as crop_module
from anatomy_mocap.people.crop import Region, crop, shrink

NUMBERS = st.floats(-1, 1, allow_nan=False)


def ramp(width=90, height=70):
    """Return a picture with red = 2 x and green = 3 y at each pixel's centre."""
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([2 * x, 3 * y, np.zeros_like(x)], axis=-1).astype(np.uint8)


def test_the_whole_picture_is_itself():
    rgb = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    np.testing.assert_allclose(crop(rgb, Region((32, 32), 64), 64), rgb.transpose(2, 0, 1), atol=1e-3)


def test_quarter_turns_are_exact():
    rgb = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    for quarters in (1, 2, 3):
        # The square's own up points clockwise by the angle; seen upright, the picture turns the other way.
        turned = crop(rgb, Region((32, 32), 64, quarters * np.pi / 2), 64)
        np.testing.assert_allclose(turned, np.rot90(rgb, quarters).transpose(2, 0, 1), atol=0.02)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_a_crop_shows_what_to_picture_says(dx, dy, angle, size):
    region = Region((45 + 8 * dx, 35 + 6 * dy), 30 + 8 * size, np.pi * angle)
    side = 24
    middles = (np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1) + 0.5) / side
    x, y = np.moveaxis(region.to_picture(middles), -1, 0)
    picture = crop(ramp(), region, side)
    # The ramp is stored in whole numbers: y times three is rounded down by half at most.
    np.testing.assert_allclose(picture[0], 2 * x, atol=0.01)
    np.testing.assert_allclose(picture[1], 3 * y - 0.25, atol=0.27)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_up_in_the_square_is_up_of_its_angle(x, y, angle):
    region = Region((x, y), 2.0, np.pi * angle)
    up = region.to_picture([0.5, 0.0]) - region.to_picture([0.5, 0.5])
    np.testing.assert_allclose(up, [np.sin(np.pi * angle), -np.cos(np.pi * angle)], atol=1e-9)


def test_beyond_the_edge_the_edge_is_repeated():
    rgb = np.random.default_rng(0).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    wide = crop(rgb, Region((4, 4), 16), 16).transpose(1, 2, 0)
    np.testing.assert_allclose(wide, np.pad(rgb, ((4, 4), (4, 4), (0, 0)), mode="edge"), atol=1e-3)


def test_pictures_of_one_row_column_or_pixel():
    for shape in ((1, 1, 3), (1, 9, 3), (9, 1, 3)):
        assert np.all(crop(np.full(shape, 7, dtype=np.uint8), Region((0.5, 0.5), 4), 5) == 7)


def test_shrink_is_a_block_mean():
    rgb = np.random.default_rng(0).integers(0, 255, (13, 11, 3), dtype=np.uint8)
    for factor in (2, 3, 4):
        height, width = 13 // factor, 11 // factor
        blocks = rgb[:height * factor, :width * factor].reshape(height, factor, width, factor, 3).astype(float)
        np.testing.assert_allclose(shrink(rgb, factor), np.floor(blocks.mean(axis=(1, 3))), atol=1e-9)
    assert shrink(rgb, 1) is rgb
    assert abs(float(shrink(np.full((90, 90, 3), 200, dtype=np.uint8), 9).mean()) - 200) < 1


@pytest.mark.parametrize("part", [1, 1000, 65536])
def test_the_size_of_the_parts_does_not_matter(monkeypatch, part):
    rgb = np.random.default_rng(0).integers(0, 255, (60, 90, 3), dtype=np.uint8)
    region = Region((50.0, 20.0), 40.0, 0.4)
    expected = crop_module.crop(rgb, region, 50)
    monkeypatch.setattr(crop_module, "_PART", part)
    np.testing.assert_array_equal(crop_module.crop(rgb, region, 50), expected)
