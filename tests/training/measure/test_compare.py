"""Comparisons on the benchmark: the plain temporal network, causal weights, several checkpoints."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.lifting.lifter_input import normalise
from tests.support.small_motion_set import mocap_set, write_set
from tests.training.train.test_train import settings
from training.command import main
from training.measure.compare import clip_errors
from training.network.checkpoint import load_model, save_weights
from training.simulate.device_random import Chance
from training.simulate.simulate_batch import SynthSettings, make_batch
from training.simulate.simulate_clip import simulate_clip
from training.simulate.video_pool import Pool
from training.train.train import Trainer

MIRROR = np.array([-1.0, 1.0, 1.0])


def trained(folder, steps=6, **changes):
    """Train a checkpoint for some steps."""
    pool = Pool(6, 3)
    pool.add(make_batch(np.random.default_rng(0), mocap_set(), 6, SynthSettings()))
    trainer = Trainer(settings(folder, still=0.0, windows=32, videos=2, minutes=1000.0, **changes))
    for _ in range(steps):
        trainer.learn(pool, Chance(trainer.step))
    trainer.report(mocap_set())
    return trainer.path


class Knows(torch.nn.Module):
    """A network that returns the truth of one clip, or the truth of `other` for its mirror image."""

    def __init__(self, seen, joints, other=None):
        super().__init__()
        self.seen, self.joints = seen.xy.reshape(len(seen.xy), -1), joints
        self.other = joints if other is None else other
        self.config = SimpleNamespace(padding=(0, 0))
        self.bone_lengths = None

    def directions(self, xy, score):
        shown = np.allclose(xy[0].numpy(), self.seen, atol=1e-5)
        joints = self.joints if shown else self.other[:, MOCAP22.mirror] * MIRROR
        return (torch.from_numpy(joints.astype(np.float32))[None],)


def test_the_truth_has_no_error_and_an_offset_its_own():
    clip = simulate_clip(mocap_set(), 0, 1)
    seen = normalise(clip.keypoints, clip.camera)
    joints = clip.joints @ np.swapaxes(seen.view_from_camera, -1, -2)
    assert max(clip_errors(Knows(seen, joints), clip)) < 0.01
    bent = joints.copy()
    bent[:, MOCAP22.index("left_wrist"), 0] += 0.17
    mpjpe, aligned, lengths = clip_errors(Knows(seen, bent), clip)
    assert mpjpe == pytest.approx(10, abs=0.01) and 5 < aligned < 30 and lengths > 0.5
    for knows in (Knows(seen, bent, joints), Knows(seen, joints, bent)):  # the mean of the clip and its mirror image
        assert clip_errors(knows, clip)[0] == pytest.approx(5, abs=0.01)


def test_the_plain_network_learns_and_has_no_bones(tmp_path):
    first, later = trained(tmp_path / "a", 1, baseline=True), trained(tmp_path / "b", 150, baseline=True, rate=1e-2)
    trained(tmp_path / "clean", 1, baseline=True, clean=True)
    model = load_model(later)
    assert model.bone_lengths is None and len(model.directions(torch.randn(1, 81, 46), torch.rand(1, 81, 23))) == 1
    logs = [(path.parent / "log.jsonl").read_text() for path in (first, later)]
    positions = [float(text.split('"position": ')[1].split(",")[0]) for text in logs]
    assert positions[1] < 0.8 * positions[0]


def test_a_causal_network_begins_with_what_a_centred_one_does_for_a_person_who_holds_still(tmp_path):
    save_weights(trained(tmp_path / "centred"), tmp_path / "centred.pt")
    causal = Trainer(settings(tmp_path / "causal", start=str(tmp_path / "centred.pt"), causal=True))
    assert causal.model.config.causal and causal.model.config.padding == (80, 0)
    centred, model = load_model(tmp_path / "centred.pt"), causal.model.eval()
    xy, score = (torch.rand(2, 1, count).expand(2, 81, count) for count in (46, 23))
    with torch.no_grad():
        for found, expected in zip(model.directions(xy, score), centred.directions(xy, score), strict=True):
            torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
        # What moved long ago is as good as forgotten, what moves now is not.
        before, now = xy.clone(), xy.clone()
        before[:, :30], now[:, 78:] = 0, 0
        still = model.directions(xy, score)[-1]
        long_ago, just_now = (float((model.directions(x, score)[-1] - still).abs().mean()) for x in (before, now))
    assert just_now > 2 * long_ago


def test_checkpoints_side_by_side(tmp_path, capsys):
    write_set(tmp_path)
    paths = [trained(tmp_path / name, **changes) for name, changes in
             (("ours", {}), ("causal", {"causal": True}), ("plain", {"baseline": True}))]
    data = next(tmp_path.glob("*.npz"))
    assert main(["compare", "--data", str(data), "--checkpoints", ",".join(map(str, paths)), "--clips", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and "+0.0 % better" in lines[0] and "causal True" in lines[1] and "joints" in lines[2]
    assert torch.is_grad_enabled()  # as it was
    model = load_model(paths[0])
    model.shifts = None  # what only training needs does not count
    assert f" {sum(value.numel() for value in model.parameters()):,} parameters" in lines[0]
    assert main(["compare", "--data", str(data), "--checkpoints", str(paths[0]), "--clips", "1", "--exact"]) == 0
    assert capsys.readouterr().out.splitlines()[0] != lines[0]  # other 2D, other errors
