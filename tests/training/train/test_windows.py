"""Windows with one output frame give the same outputs as the network on whole clips."""

import numpy as np
import pytest
import torch

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22
from tests.support.small_motion_set import mocap_set
from training.measure.metrics import mpjpe
from training.network.lifter import Lifter, LifterConfig
from training.simulate.device_random import Chance
from training.simulate.simulate_batch import SynthSettings, make_batch
from training.simulate.video_pool import Pool
from training.train.losses import WEIGHTS, Tensors
from training.train.windows import window_losses, window_vectors


@pytest.fixture(params=[(3, False), (4, False), (4, True)], ids=["27", "81", "81 causal"])
def model(request) -> Lifter:
    torch.manual_seed(0)
    widths, causal = request.param
    return Lifter(LifterConfig(len(CANONICAL), MOCAP22.parents, 16, widths, causal)).eval()


def clip(frames: int, rows: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return (torch.randn(rows, frames, 46, generator=generator), torch.rand(rows, frames, 23, generator=generator))


def test_a_window_gives_what_the_whole_clip_gives(model):
    xy, score = clip(model.config.window + 4)
    whole = model.directions(xy, score)
    for at in (0, 4):
        part = slice(at, at + model.config.window)
        for found, expected in zip(window_vectors(model.directions, xy[:, part], score[:, part]), whole, strict=True):
            torch.testing.assert_close(found, expected[:, at], atol=2e-6, rtol=1e-4)


def test_one_frame_stands_for_a_person_who_holds_still(model):
    xy, score = clip(1)
    still = model.directions(xy.expand(-1, model.config.window, -1), score.expand(-1, model.config.window, -1))
    for found, expected in zip(window_vectors(model.directions, xy, score), still, strict=True):
        torch.testing.assert_close(found, expected[:, 0], atol=2e-6, rtol=1e-4)


def test_the_losses_are_what_they_say():
    """The position loss is the sum of both sub-networks' MPJPE, as training/measure/metrics.py measures it."""
    torch.manual_seed(0)
    model = Lifter(LifterConfig(len(CANONICAL), MOCAP22.parents, 16, 4)).eval()
    batch = make_batch(np.random.default_rng(0), mocap_set(), 2, SynthSettings(frames=81))
    tensors = Tensors.of(batch, 3)
    rows = {"xy": tensors.xy, "score": tensors.score, "directions": tensors.directions[:, 40], "up": tensors.up[:, 40],
            "lengths": tensors.lengths, "bone_weight": torch.ones_like(tensors.bone_weight)}
    found = window_losses(model, rows)
    assert set(found) == {name for name in ("direction", "position", "shift", "up") if WEIGHTS[name]}
    position = direction = up = 0.0
    for vectors in window_vectors(model.directions, tensors.xy, tensors.score):
        vectors = vectors.detach().numpy()
        off = [mpjpe(*(MOCAP22.joint_positions(lengths, part, np.zeros(3))[None] for part in (guess, true)))
               for lengths, guess, true in zip(batch.lengths, np.insert(vectors[:, :-1], 0, 0.0, axis=1),
                                               batch.directions[:, 40], strict=True)]
        position += np.mean(off)
        direction += ((vectors[:, :-1] - batch.directions[:, 40, 1:]) ** 2).sum(-1).mean()
        up += ((vectors[:, -1] - batch.up[:, 40]) ** 2).sum(-1).mean()
    for name, expected in (("position", position), ("direction", direction), ("up", up)):
        assert float(found[name].detach()) == pytest.approx(expected, rel=1e-3)


def test_the_pool_draws_windows_around_valid_frames():
    """Each window is around a frame of the pool or its mirror image, with keypoints, bones and up rolled alike."""
    batch = make_batch(np.random.default_rng(0), mocap_set(), 4, SynthSettings(frames=99))
    pool = Pool(4, 3)
    pool.add(batch)
    drawn = {name: value.numpy() for name, value in pool.draw_windows(Chance(1), 50, 81, 40).items()}
    assert drawn["xy"].shape == (50, 81, 23, 2) and drawn["directions"].shape == (50, 22, 3)
    valid = batch.valid[:, 40:-40].ravel()
    xy, bones, up = (part[:, 40:-40].reshape(-1, *part.shape[2:])[valid]
                     for part in (batch.xy, batch.directions, batch.up))
    mirror = np.array((-1, 1, 1))
    xy = np.concatenate([xy, xy[:, CANONICAL.flip] * mirror[:2]])
    bones, up = np.concatenate([bones, bones[:, MOCAP22.mirror] * mirror]), np.concatenate([up, up * mirror])
    angles = []
    for index, window in enumerate(drawn["xy"]):
        like = np.abs(np.hypot(*xy.T) - np.hypot(*window[40].T)[:, None]).max(axis=0).argmin()
        x, y = xy[like].T
        across, along = window[40].T
        angle = np.arctan2((x * along - y * across).sum(), (x * across + y * along).sum())
        turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
        assert np.allclose(xy[like] @ turn[:2, :2].T, window[40], atol=1e-5)
        assert np.allclose(bones[like] @ turn.T, drawn["directions"][index], atol=1e-5)
        assert np.allclose(up[like] @ turn.T, drawn["up"][index], atol=1e-5)
        angles.append(np.degrees(angle))
    assert 2 < np.std(angles) < 6
    single = pool.draw_windows(Chance(1), 20, 1, 0)
    assert single["score"].shape == (20, 1, 23)


def test_windows_are_of_the_frame_that_they_are_for():
    """Every frame contains its number where neither mirroring nor roll changes it."""
    batch = make_batch(np.random.default_rng(0), mocap_set(), 4, SynthSettings(frames=99))
    number = np.arange(batch.valid.size, dtype=np.float32).reshape(batch.valid.shape)
    batch.score[:] = number[..., None]
    batch.directions[..., 2] = number[..., None]
    batch.up[..., 2] = number
    batch.lengths[:] = number[:, :1]
    pool = Pool(4, 3)
    pool.add(batch)
    for before in (40, 80):
        found = {name: value.numpy() for name, value in pool.draw_windows(Chance(0), 500, 81, before).items()}
        middle = found["score"][:, before, 0]
        assert len(np.unique(middle)) > 100 and batch.valid.ravel()[middle.astype(int)].all()
        np.testing.assert_array_equal(found["score"][..., 3], middle[:, None] - before + np.arange(81))
        np.testing.assert_array_equal(found["directions"][:, 5, 2], middle)
        np.testing.assert_array_equal(found["up"][:, 2], middle)
        np.testing.assert_array_equal(found["lengths"][:, 4], middle // 99 * 99)


def test_windows_are_of_valid_frames_even_where_they_are_few():
    batch = make_batch(np.random.default_rng(0), mocap_set(), 2, SynthSettings(frames=99, noisy=False))
    batch.valid[:] = False
    batch.valid[4, 50] = True
    pool = Pool(2, 3)
    pool.add(batch)
    found = pool.draw_windows(Chance(0), 300, 81, 40)
    close = (found["directions"][..., 2].abs() - torch.from_numpy(batch.directions[4, 50, :, 2]).abs()).abs()
    straight = close.amax(-1) < 1e-5
    mirrored = (found["directions"][:, MOCAP22.mirror, 2] - torch.from_numpy(batch.directions[4, 50, :, 2])).abs()
    assert bool((straight | (mirrored.amax(-1) < 1e-5)).all())
