"""Training of the contact network: what is true, which clips, and that it learns and exports."""

import numpy as np
import onnxruntime
import pytest
import torch

from anatomy_mocap.core.soles import body_points
from anatomy_mocap.touch.features import FEATURES
from tests.support import moving_bodies as bodies
from tests.support.small_motion_set import mocap_set
from training.contacts.clips import ACTS, SHARES, pieces
from training.contacts.contact_net import ContactNet, write_graph
from training.contacts.train_contacts import ContactSettings, Seen, fit, table
from training.contacts.true_contacts import floor_of, true_contacts


def test_feet_of_a_walk_are_true_where_they_stand():
    positions, stands = bodies.walk(4.0, 25.0)
    found = true_contacts(positions)
    assert (found.feet.any(axis=-1) == stands).mean() > 0.8
    assert not (found.hands.any() or found.knees.any() or found.seat.any() or found.back.any())


def test_who_lies_touches_with_seat_and_back_wherever_the_floor_is():
    lying = bodies.t_pose(40) @ np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    lying = lying - body_points(lying)[..., 2].min() * np.array([0.0, 0.0, 1.0])
    assert true_contacts(lying, 0.0).back.all() and true_contacts(lying + (0, 0, 3.0), 3.0).seat.all()
    assert floor_of(lying + (0, 0, 3.0)) == pytest.approx(floor_of(lying) + 3.0)


def test_pieces_are_the_same_for_the_same_seed_and_of_all_kinds():
    mocap = mocap_set()
    first, again = pieces(mocap, 60, 3), pieces(mocap, 60, 3)
    assert [one.name for one in first] == [one.name for one in again]
    assert all(np.array_equal(a.motion.positions, b.motion.positions) for a, b in zip(first, again, strict=True))
    assert {one.kind for one in first} >= set(ACTS) and sum(SHARES.values()) == pytest.approx(1.0)


def clip(frames, rng):
    """Features of which the first says which foot stands."""
    features = np.zeros((2, frames, FEATURES), dtype=np.float32)
    features[..., 0] = rng.normal(size=(2, frames))
    labels = np.zeros((2, frames, 6), dtype=bool)
    labels[..., 0] = features[..., 0] > 0
    return Seen(features, labels, "walk", 1)


def test_it_learns_what_is_there_and_exports_it(tmp_path):
    rng = np.random.default_rng(0)
    net = fit([clip(frames, rng) for frames in (200, 150, 40, 90, 300)], ContactSettings(data="none", epochs=150),
              lambda line: None)
    one = clip(50, rng)
    with torch.no_grad():
        chances = torch.sigmoid(net(torch.tensor(one.features))).numpy()
    assert ((chances[..., 0] > 0.5) == one.labels[..., 0]).mean() > 0.85
    assert "feet, walk" in table(net, [one])
    write_graph(net, tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "net.onnx"), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"features": one.features})
    assert np.allclose(found, chances, atol=1e-5)


def test_a_clip_of_one_frame_has_an_answer():
    net = ContactNet(torch.zeros(FEATURES), torch.ones(FEATURES)).eval()
    assert net(torch.zeros(2, 1, FEATURES)).shape == (2, 1, 6)
