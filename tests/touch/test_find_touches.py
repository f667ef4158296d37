"""The contact network on takes of known motion."""

import hashlib
import time

import numpy as np
import onnxruntime
import pytest

from anatomy_mocap.core.soles import PARTS, body_points
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.touch.features import FEATURES, features, frame_times
from anatomy_mocap.touch.find_touches import OUTPUTS, with_touches
from tests.support import moving_bodies as bodies


def on_floor(positions):
    return positions - body_points(positions)[..., 2].min() * np.array([0.0, 0.0, 1.0])


def test_card_and_file_agree(root):
    data = (root / "models" / "contacts.onnx").read_bytes()
    card = (root / "models" / "contacts.md").read_text(encoding="utf-8")
    assert f"{len(data):,} bytes, sha256 `{hashlib.sha256(data).hexdigest()}`" in card
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    for value in (*session.get_inputs(), *session.get_outputs()):
        assert f"| `{value.name}` | ({', '.join(map(str, value.shape))}) float32 |" in card
    assert session.get_inputs()[0].shape[2] == FEATURES and session.get_outputs()[0].shape[2] == len(OUTPUTS)


@pytest.mark.parametrize("fps", [12.5, 25.0, 60.0])
def test_feet_of_a_walk_and_of_a_stand(fps):
    positions, stands = bodies.walk(4.0, fps)
    found = with_touches(take_from_positions(positions, fps)).contacts
    assert found.shape == (len(positions), len(PARTS)) and found.min() >= 0 and found.max() <= 1
    feet = np.stack([found[:, :2].max(axis=1), found[:, 2:4].max(axis=1)], axis=1) > 0.4
    assert (feet == stands).mean() > 0.75
    still = with_touches(take_from_positions(on_floor(bodies.t_pose(40)), fps)).contacts
    assert still[:, :4].max(axis=1).min() > 0.5 and still[:, 8:].max() < 0.3


def test_a_mirrored_take_has_mirrored_contacts():
    positions, _ = bodies.walk(3.0, 25.0)
    found = with_touches(take_from_positions(positions, 25.0)).contacts
    other = with_touches(take_from_positions(bodies.mirrored(positions), 25.0)).contacts
    assert np.allclose(other, found[:, [2, 3, 0, 1, 5, 4, 7, 6, 8, 9]], atol=0.02)


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_very_short_takes(frames):
    take = take_from_positions(on_floor(bodies.t_pose(frames)), 25.0)
    assert with_touches(take).contacts.shape == (frames, len(PARTS))
    assert features(take).shape == (2, len(frame_times(take)), FEATURES)


def test_a_thousand_frames_take_some_hundredths_of_a_second():
    take = take_from_positions(np.tile(on_floor(bodies.walk(4.0, 25.0)[0]), (10, 1, 1)), 25.0)
    with_touches(take[:50])
    started = time.perf_counter()
    with_touches(take)
    assert time.perf_counter() - started < 1.0 and len(take) >= 1000
