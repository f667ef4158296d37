"""Training of the comparisons: the plain network, exact 2D, amsgrad; and where their options have gone."""

import json

import numpy as np
import pytest
import torch

from anatomy_mocap.core.errors import MocapError
from tests.support.small_motion_set import mocap_set, write_set
from tests.support.small_trainings import FEW_VIDEOS, small_comparison, small_training, trained_a_little
from training.command import main
from training.network.checkpoint import load_checkpoint, load_model, save_weights
from training.paper.train_comparison import ComparisonTrainer, train_comparison
from training.paper.variants_of_the_lifter import load_any_model
from training.simulate.device_random import Chance
from training.simulate.simulate_batch import SynthSettings, make_batch
from training.simulate.video_pool import Pool
from training.train.calibrate import measured_lengths
from training.train.train import Trainer


def test_clean_training_sees_exact_2d(tmp_path):
    usual, clean_ones = small_comparison(tmp_path).simulation, small_comparison(tmp_path, clean=True).simulation
    assert usual.noisy and usual.exact > 0 and not clean_ones.noisy and clean_ones.exact == 0
    assert (make_batch(np.random.default_rng(0), mocap_set(), 6, clean_ones).score > 0).mean() > 0.99  # whole bodies
    data = write_set(tmp_path)
    said = []
    changes = FEW_VIDEOS | {"data": data, "steps": 3, "still": 0.0, "clean": True}
    path = train_comparison(small_comparison(tmp_path / "run", **changes), said.append)
    assert load_checkpoint(path)["settings"]["clean"] and "bone length error" in said[-1]
    lengths = [measured_lengths(load_model(path), mocap_set(), 20, 3, clean)[0] for clean in (True, False)]
    assert np.abs(lengths[0] - lengths[1]).max() > 1e-4


def test_clean_training_takes_no_rendered_clips(tmp_path):
    with pytest.raises(MocapError, match="rendered"):
        ComparisonTrainer(small_comparison(tmp_path, clean=True, rendered=str(tmp_path)))


def test_clean_training_learns(tmp_path):
    """With constant scores, the trained and the exported network must still be the same."""
    pool = Pool(6, 3)
    pool.add(make_batch(np.random.default_rng(0), mocap_set(), 6, SynthSettings(noisy=False)))
    chosen = small_comparison(tmp_path, clean=True, still=0.0, windows=32, videos=2, rate=1e-2, minutes=1000.0)
    trainer = ComparisonTrainer(chosen)
    errors = []
    for steps in (1, 150):
        for _ in range(steps):
            trainer.learn(pool, Chance(trainer.step))
        errors.append(json.loads(trainer.report(mocap_set()))["validation"]["exact"]["angle"])
    assert errors[1] < 0.8 * errors[0]
    assert float(trainer.model.directions.see_norm.running_var.min()) > 0.1  # else it would blow up any difference


def test_clean_training_is_not_filmed_by_the_device(tmp_path):
    with pytest.raises(MocapError, match="workers"):
        ComparisonTrainer(small_comparison(tmp_path, clean=True, workers=2))


def test_the_plain_network_learns_and_has_no_bones(tmp_path):
    first = trained_a_little(tmp_path / "a", 1, baseline=True)
    later = trained_a_little(tmp_path / "b", 150, baseline=True, rate=1e-2)
    trained_a_little(tmp_path / "clean", 1, baseline=True, clean=True)
    model = load_any_model(later)
    assert model.bone_lengths is None and len(model.directions(torch.randn(1, 81, 46), torch.rand(1, 81, 23))) == 1
    logs = [(path.parent / "log.jsonl").read_text() for path in (first, later)]
    positions = [float(text.split('"position": ')[1].split(",")[0]) for text in logs]
    assert positions[1] < 0.8 * positions[0]


@pytest.mark.parametrize("changes", [{"amsgrad": True}, {"baseline": True, "still": 0.0}])
def test_a_comparison_is_not_continued_from_another_training(tmp_path, changes):
    Trainer(small_training(tmp_path)).save()
    with pytest.raises(MocapError, match="amsgrad False" if "amsgrad" in changes else "outputs directions"):
        ComparisonTrainer(small_comparison(tmp_path, **changes))
    plain = tmp_path / "plain"
    ComparisonTrainer(small_comparison(plain, baseline=True, still=0.0)).save()
    with pytest.raises(MocapError, match="other settings.*outputs joints"):
        Trainer(small_training(plain))


def test_a_plain_network_is_continued_and_started_from(tmp_path):
    path = trained_a_little(tmp_path / "a", 2, baseline=True)
    again = ComparisonTrainer(small_comparison(tmp_path / "a", baseline=True, still=0.0, minutes=1000.0))
    assert again.step == 2
    save_weights(path, tmp_path / "weights.pt")
    started = ComparisonTrainer(small_comparison(tmp_path / "b", baseline=True, still=0.0,
                                                 start=str(tmp_path / "weights.pt")))
    found = started.model.state_dict()
    for name, expected in load_any_model(path).state_dict().items():
        torch.testing.assert_close(found[name], expected, atol=2e-3, rtol=2e-3, msg=name)
    with pytest.raises(MocapError, match="other sizes"):
        Trainer(small_training(tmp_path / "c", start=str(tmp_path / "weights.pt")))


def test_the_plain_network_learns_from_no_single_frames(tmp_path):
    with pytest.raises(MocapError, match="--baseline "):
        small_comparison(tmp_path, baseline=True)


@pytest.mark.parametrize("option", ["--baseline", "--no-amsgrad", "--clean"])
def test_train_names_the_command_that_has_an_option_now(option, capsys):
    with pytest.raises(SystemExit) as left:
        main(["train", "--data", "d", "--out", "o", option])
    assert left.value.code == 2
    assert f"{option}: now an option of the command train-comparison" in capsys.readouterr().err
