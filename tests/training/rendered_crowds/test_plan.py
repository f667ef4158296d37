"""Plans of crowd clips, their movements, places and cameras."""

import numpy as np
import pytest

from anatomy_mocap.core.skeleton import MOCAP22
from training.rendered_crowds import movements
from training.rendered_crowds.camera_path import film, shaken
from training.rendered_crowds.cast import _apart
from training.rendered_crowds.kinds import KINDS, plan_crowd

NUMBER = {name: number for number, name in enumerate(KINDS)}


def test_plans_do_not_depend_on_what_was_made_before(motions):
    first = plan_crowd(7, 1, motions, 40)
    plan_crowd(3, 1, motions, 40)
    assert plan_crowd(7, 1, motions, 40).described() == first.described()
    assert plan_crowd(7, 2, motions, 40).described() != first.described()
    again = plan_crowd(7 + len(KINDS), 1, motions, 40)
    assert again.kind == first.kind and again.described() != first.described()


@pytest.mark.parametrize("frames", [1, 2, 100])
def test_all_kinds_have_a_plan(motions, frames):
    for number, kind in enumerate(KINDS):
        plan = plan_crowd(number, 1, motions, frames)
        assert plan.kind == kind and plan.frames >= frames and plan.shots[0].start == 0
        assert (plan.height > plan.width) == (kind == "portrait")
        assert all(part.start + part.frames <= max(plan.frames, part.start + 1) for actor in plan.actors
                   for part in actor.parts)


def test_clothes_are_as_different_as_the_kind_says(motions):
    apart = {}
    for kind in ("cross_different", "cross_similar", "cross_same"):
        first, second = (actor.outfit for actor in plan_crowd(NUMBER[kind], 1, motions, 40).actors)
        apart[kind] = _apart(first, second)
        assert not np.allclose(first.colours[:2], second.colours[:2])  # skin and hair are one's own
    assert apart["cross_same"] == 0 < apart["cross_similar"] < 0.4 < apart["cross_different"]


def test_a_walk_goes_on_for_ever(motions):
    """Straight along +X, at the wanted speed, without a jump where the cycle begins again."""
    rng = np.random.default_rng(3)
    for _ in range(4):
        movement = movements.walking(rng, motions, 25.0, 1.2)
        joints = movements.recorded(movement, motions, 300, 25.0)
        root = joints[:, 0]
        assert root[-1, 0] / 12 == pytest.approx(1.2, rel=0.25)
        assert abs(root[-1, 1]) < 0.05 * root[-1, 0] and np.diff(root[:, 0]).min() > 0
        speeds = np.linalg.norm(np.diff(joints, axis=0), axis=-1)
        assert speeds.max() * 25 < 7  # a foot that swings
        assert np.abs(np.diff(joints, n=2, axis=0)).max() < 0.12
        feet = joints[:, [MOCAP22.index("left_ankle"), MOCAP22.index("right_ankle")]]
        across = feet[:, 0] - feet[:, 1]
        assert np.median(across[:, 1]) > 0  # the left foot on the left


def test_a_handstand_is_upside_down_and_a_roll_lies(motions):
    up = np.array([0.0, 0, 1])
    hand = movements.turned(movements.Movement("handstand", 0, 0, 1, False, 0), 60) @ up
    assert hand[0, 2] == pytest.approx(1) and hand[-1, 2] == pytest.approx(1)
    assert (hand[25:45, 2] < -0.99).all()
    roll = movements.turned(movements.Movement("roll", 0, 0, 1, False, 0), 60) @ up
    np.testing.assert_allclose(roll, np.tile([1.0, 0, 0], (60, 1)), atol=1e-9)


def test_cameras(motions):
    """A cut changes the place at once; a shaking camera stays near its place; a panning one keeps somebody in sight."""
    plan = plan_crowd(NUMBER["cut"], 1, motions, 60)
    pelvis = np.zeros((len(plan.actors), plan.frames, 3))
    there = np.ones(pelvis.shape[:2], bool)
    eye = film(plan, pelvis, there)[:, :3, 3]
    jump = np.linalg.norm(np.diff(eye, axis=0), axis=1)
    assert plan.shots[1].start == 36 and jump.argmax() == 35 and jump[35] > 1 and np.delete(jump, 35).max() == 0
    plan = plan_crowd(NUMBER["pan"], 1, motions, 60)
    pelvis = np.tile(np.linspace((-1.5, 0.3, 1), (1.5, 0.3, 1), plan.frames), (2, 1, 1))
    pose = film(plan, pelvis, np.ones((2, plan.frames), bool))
    seen = np.einsum("tij,ti->tj", pose[:, :3, :3], pelvis[0] - pose[:, :3, 3])
    assert np.abs(seen[:, 0] / seen[:, 2]).max() < 0.2
    assert np.linalg.norm(pose[-1, :3, 3] - pose[0, :3, 3]) > 1
    unrest = shaken(np.random.default_rng(0), 200, 25.0, 1.3)
    assert np.degrees(unrest.std()) == pytest.approx(1.3, rel=0.15)
    assert not shaken(np.random.default_rng(0), 20, 25.0, 0.0).any()
