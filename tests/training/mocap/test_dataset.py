"""Reading the motion set."""

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22
from tests.support.small_motion_set import write_set
from training.mocap.dataset import load_mocap, split

NAMES = CANONICAL.keypoint_names


def test_reading_a_set(tmp_path):
    mocap = load_mocap(write_set(tmp_path))
    train, held_out = split(mocap)
    assert len(train) == 2 and list(held_out.subject) == [9] and held_out.names == ("c2",)
    assert list(mocap.loose_shoulders) == [False, True, False]
    height = mocap.positions[..., MOCAP22.index("head"), 2] - mocap.positions[..., MOCAP22.index("left_ankle"), 2]
    assert height.min() > 1.0  # Z is up
    poses = held_out.sample(np.array([0]), np.array([-5.0]), np.array([1.5]), 10)
    np.testing.assert_array_equal(poses[0, 0], mocap.positions[800])
    np.testing.assert_allclose(poses[0, 5], (mocap.positions[802] + mocap.positions[803]) / 2, atol=1e-6)


def test_a_missing_set_is_told(tmp_path):
    with pytest.raises(MocapError, match=r"none\.npz.*not found"):
        load_mocap(tmp_path / "none.npz")


@pytest.mark.parametrize("name, damaged", [
    ("set.npz", lambda content: content[:2000]), ("set.npz", lambda content: b""),
    ("set.npz", lambda content: b"no zip file"), ("set.npz", lambda content: content.replace(b"pos/c1", b"pos/x1")),
    ("set.npz", lambda content: content[:40_000] + bytes(4000) + content[44_000:]),
    ("set.csv", lambda content: b""), ("set.csv", lambda content: content.partition(b"\r\n")[0]),
    ("set.csv", lambda content: content.replace(b"subject", b"person")), ("set.csv", lambda content: b"\xff\xfe\0"),
    ("set.csv", lambda content: content.replace(b"cmu_009", b"nobody")),
    ("set.csv", lambda content: content.replace(b"50.0", b"fast"))])
def test_a_damaged_set_is_told(name, damaged, tmp_path):
    path = write_set(tmp_path)
    file = tmp_path / name
    file.write_bytes(damaged(file.read_bytes()))
    with pytest.raises(MocapError, match=rf"{name}: .* again"):
        load_mocap(path)
