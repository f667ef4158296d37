"""Resuming from a checkpoint, stopping, and settings that prevent training."""

import json
from types import SimpleNamespace

import pytest
import torch

from anatomy_mocap.core.errors import MocapError
from tests.support.small_motion_set import write_set
from tests.training.train.test_train import SMALL, settings
from training.network.checkpoint import load_checkpoint, save_checkpoint, save_weights
from training.simulate import training_videos as source
from training.simulate.device_random import Chance
from training.simulate.training_videos import Simulated
from training.simulate.video_pool import Pool
from training.train.devices import find_place
from training.train.train import Trainer, train


@pytest.fixture
def begun(tmp_path, batch):
    """Train some steps and save a checkpoint."""
    trainer = Trainer(settings(tmp_path / "run", minutes=1000.0, still=0.0, windows=16, videos=2, widths=3))
    pool = Pool(2, 3)
    pool.add(batch)
    for _ in range(5):
        trainer.learn(pool, Chance(trainer.step))
    trainer.save()
    return trainer


def same_settings(begun, **changes):
    """Return the settings of the checkpoint with `changes`."""
    return settings(begun.folder, minutes=1000.0, **{"still": 0.0, "windows": 16, "videos": 2, "widths": 3} | changes)


def test_a_training_goes_on_where_it_was(begun):
    again = Trainer(same_settings(begun))
    assert again.step == 5
    moments = (trainer.optimiser.state_dict()["state"].values() for trainer in (begun, again))
    for was, now in ((begun.model.state_dict(), again.model.state_dict()), (begun.average.state, again.average.state),
                     *zip(*moments, strict=True)):
        assert was.keys() == now.keys() and len(was) >= 3
        for name in was:
            torch.testing.assert_close(now[name], was[name], atol=0, rtol=0, msg=name)
    assert any((begun.average.state[name] != value).any() for name, value in begun.model.state_dict().items())


@pytest.mark.parametrize("changes", [{"causal": True}, {"channels": 8}, {"widths": 4}, {"amsgrad": True},
                                     {"baseline": True}])
def test_a_training_goes_on_with_the_same_network_only(begun, changes):
    with pytest.raises(MocapError, match="outputs" if "baseline" in changes else next(iter(changes))):
        Trainer(same_settings(begun, **changes))


def test_weights_are_nothing_to_go_on_from(begun):
    save_weights(begun.path, begun.path)
    with pytest.raises(MocapError, match="model, optimiser.*--start"):
        Trainer(same_settings(begun))


def test_a_training_that_goes_on_has_no_calibration_yet(begun):
    state = load_checkpoint(begun.path)
    state["average"]["bone_lengths.calibration"] *= 2
    save_checkpoint(begun.path, state)
    again = Trainer(same_settings(begun))
    assert again.average.state["bone_lengths.calibration"].equal(torch.eye(21))


def test_a_centred_network_does_not_begin_with_causal_weights(tmp_path):
    causal = Trainer(settings(tmp_path / "causal", causal=True))
    causal.save()
    with pytest.raises(MocapError, match="--causal"):
        Trainer(settings(tmp_path / "centred", start=str(causal.path)))


@pytest.mark.parametrize("changes", [
    {"steps": -1}, {"minutes": 0.0}, {"minutes": -1.0}, {"minutes": float("nan")}, {"fresh": 0}, {"exact": 7.0},
    {"widths": 2}, {"baseline": True}, {"lengths_every": 0}, {"threads": 0}, {"channels": 0}, {"pool": 0},
    {"chunks": 0}, {"videos": 0}, {"windows": 1}, {"stills": 1}, {"crowd": 0}, {"dropout": 1.5}, {"dropout": 1.0},
    {"rate": -1.0}, {"calibration": -5}, {"seed": -1}, {"still": 2.0}, {"detected": -0.1}, {"workers": -1},
    {"report": -1.0}])
def test_what_nothing_can_be_trained_with_is_told_at_once(tmp_path, changes):
    name = next(iter(changes))
    with pytest.raises(MocapError, match=f"--{name} "):
        settings(tmp_path, **changes)


def test_a_set_without_validation_subjects_is_told_before_anything_is_written(tmp_path):
    data, table = write_set(tmp_path), tmp_path / "set.csv"
    table.write_text(table.read_text().replace("cmu_009", "cmu_003"))
    with pytest.raises(MocapError, match="validation subject"):
        train(settings(tmp_path / "run", **SMALL | {"data": data}))
    assert not (tmp_path / "run").exists()


def test_an_output_that_is_a_file_is_told(tmp_path):
    (tmp_path / "run").write_text("")
    with pytest.raises(MocapError, match="--out"):
        Trainer(settings(tmp_path / "run"))


class Drawn:
    """Replaces a feed's processes: makes their batches on demand."""

    def __init__(self, batch, stops_at=0, stop=None):
        self.batch, self.stops_at, self.stop, self.asked = batch, stops_at, stop, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def next(self):
        return self.batch

    def ready(self):
        self.asked += 1
        if self.asked == self.stops_at:
            raise self.stop


@pytest.fixture
def run(tmp_path, batch, monkeypatch):
    """Train some steps; the error `stop` stops them before step `stops_at` of this run. Returns the printed lines."""
    data = write_set(tmp_path)

    def run(stops_at=0, stop=None, **changes):
        said = []
        monkeypatch.setattr(source, "Feed", lambda *_: Drawn(batch, stops_at, stop))
        train(settings(tmp_path / "run", **SMALL | {"data": data, "still": 0.0} | changes), said.append)
        return said

    return run


@pytest.mark.parametrize("stop, told", [(KeyboardInterrupt(), "saved at step 3"), (MocapError("gone"), "gone")])
def test_a_training_that_is_stopped_is_saved(run, tmp_path, stop, told):
    """Ctrl-C or the death of a simulation process stops the training."""
    with pytest.raises(MocapError, match=told):
        run(stops_at=4, stop=stop, steps=9)
    assert load_checkpoint(tmp_path / "run" / "checkpoint.pt")["step"] == 3
    assert run(steps=5)[0].startswith("resumed at step 3")
    assert load_checkpoint(tmp_path / "run" / "checkpoint.pt")["step"] == 5


def test_each_step_is_reported_once(run, tmp_path):
    """This holds for a last step with a regular report, and for a resumed training that was already complete."""
    for steps in (3, 3, 4):
        run(steps=steps, report=0.0)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3, 4] and all("position" in line for line in lines)


def test_new_videos_come_in_before_each_step(batch, tmp_path):
    simulated = Simulated(settings(tmp_path, pool=4), (0,), find_place("cpu"))
    simulated.feed = SimpleNamespace(ready=iter((batch, None, batch)).__next__)
    filled = []
    for _ in range(3):
        simulated.go_on()
        filled.append(simulated.pool.filled)
    assert filled == [2, 2, 4]
