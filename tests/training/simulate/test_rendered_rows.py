"""Rendered clips with the detector's keypoints, as a part of the training data."""

from dataclasses import replace

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22
from tests.training.rendered_people.test_render import made_up
from tests.training.train.test_train import settings
from training.rendered_people.clip_file import save_clip
from training.simulate.device_random import Chance
from training.simulate.rendered_rows import LONGEST, load_detected
from training.simulate.video_pool import Pool
from training.train.train import Trainer

FRAMES, PADDING = 40, 7


@pytest.fixture
def folder(tmp_path):
    """Write two clips of a training subject with bones of one metre."""
    for index in range(2):
        save_clip(tmp_path / f"{index}.npz", replace(made_up(FRAMES, index), subject=1))
    return tmp_path


def test_clips_are_rows_held_at_their_ends(folder):
    rows = load_detected(folder, PADDING)
    length = LONGEST + 2 * PADDING
    assert rows.xy.shape == (2, length, 23, 2) and rows.score.shape == (2, length, 23)
    inside = slice(PADDING, PADDING + FRAMES)
    assert not rows.valid[:, :PADDING].any() and not rows.valid[:, inside.stop :].any()
    assert rows.valid[:, inside][:, 1:].all() and not rows.valid[:, PADDING].any()  # nobody is seen in the first frame
    for values in (rows.xy, rows.score, rows.directions, rows.up):
        assert (values[:, :PADDING] == values[:, [PADDING]]).all()
        assert (values[:, inside.stop :] == values[:, [inside.stop - 1]]).all()
    np.testing.assert_allclose(np.linalg.norm(rows.directions[:, :, 1:], axis=-1), 1, atol=1e-5)
    joints, world = made_up(FRAMES).points[5, : len(MOCAP22)], made_up(FRAMES).world_from_camera[5, :3, :3]
    knee = MOCAP22.index("left_knee")
    bone = (joints[knee] - joints[MOCAP22.parents[knee]]) @ world
    found, up = rows.directions[0, PADDING + 5, knee], rows.up[0, PADDING + 5]
    assert found @ up == pytest.approx(bone / np.linalg.norm(bone) @ world[2], abs=1e-3)  # as in the camera's axes
    assert (rows.lengths == 1).all()
    assert set(rows.bone_weight[0, [MOCAP22.index("head"), knee]].tolist()) == {np.float32(0.3), 1.0}


@pytest.mark.parametrize("changes, cause", [
    ({"subject": 86}, "subject 86, which is for validation"), ({"scores": np.zeros((FRAMES, 33))}, "no rendered clip"),
    (None, "no rendered clip")])
def test_what_may_not_be_trained_on_is_refused(tmp_path, changes, cause):
    if changes:
        save_clip(tmp_path / "0.npz", replace(made_up(FRAMES), **{"subject": 1} | changes))
    with pytest.raises(MocapError, match=cause):
        load_detected(tmp_path, PADDING)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_share_of_the_windows_is_as_the_detector_saw_it(folder, tmp_path, batch, share):
    trainer = Trainer(settings(tmp_path / "run", rendered=str(folder), detected=share))
    pool = Pool(2, 3)
    pool.add(batch)
    for window, before, expected in ((81, 40, round(16 * share)), (1, 0, 0)):  # none among single frames
        drawn = trainer._drawn(pool, Chance(0), 16, window, before)
        assert drawn["xy"].shape == (16, window, 46) and drawn["up"].shape == (16, 3)
        assert (drawn["lengths"] == 1).all(dim=1).sum() == expected
