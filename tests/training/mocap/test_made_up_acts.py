"""Made-up acts: sitting, kneeling, lying."""

import numpy as np
import pytest

from anatomy_mocap.core.skeleton import MOCAP22
from tests.support.small_motion_set import moving
from training.mocap.act_poses import POSES, STORIES
from training.mocap.made_up_acts import act, stool_below

J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}


@pytest.mark.parametrize("kind", list(STORIES))
def test_acts_are_what_they_are_called(kind):
    assert {name for story in STORIES[kind] for name in story} <= set(POSES)
    recorded = moving(100, 0)
    for seed in range(4):
        joints = act(np.random.default_rng(seed), kind, recorded, 25.0)
        assert joints.shape == recorded.shape and np.isfinite(joints).all()
        assert np.linalg.norm(np.diff(joints, axis=0), axis=-1).max() < 0.16  # 4 m/s
        assert joints[..., 2].min() == pytest.approx(0, abs=1e-9)
        height = joints[:, J["head"], 2].min()
        assert height < {"sit": 1.45, "kneel": 1.45, "lie": 1.0}[kind]


def test_a_stool_stands_below_whoever_sits_high():
    points, vertices = np.zeros((3, 28, 3)), np.zeros((3, 4, 3))
    points[:, 0, 2] = (0.9, 0.55, 0.9)
    vertices[..., 2] = 0.46
    x, y, top, half = stool_below(points, vertices)
    assert (x, y, top) == pytest.approx((0, 0, 0.45)) and half > 0.1
    points[1, 0, 2] = 0.1
    assert stool_below(points, vertices * 0.1) is None
