"""The training loop, its files and the export, with a small network and a small set."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.lifting.lift import padding, run_network
from anatomy_mocap.networks.onnx_session import Session
from tests.support.small_motion_set import mocap_set, write_set
from training.command import main
from training.measure.model_card import BEGIN, END, update_card
from training.measure.plot import plot_log
from training.network import int8_weights as few_bits
from training.network.checkpoint import load_checkpoint, load_model
from training.network.export import export_onnx, folded
from training.simulate.device_random import Chance
from training.simulate.simulate_batch import SynthSettings, make_batch
from training.simulate.video_pool import Pool
from training.simulate.worker_processes import synth_settings
from training.train.calibrate import fit, measured_lengths
from training.train.losses import Tensors, bag_of_frames, joints_of, length_losses
from training.train.train import Average, Trainer, build, train
from training.train.train_settings import TrainSettings, schedule
from training.train.windows import window_losses

SMALL = {"videos": 2, "fresh": 2, "pool": 4, "channels": 8, "calibration": 20, "windows": 32, "stills": 64}


def settings(folder, **changes) -> TrainSettings:
    """Return settings of a small network."""
    return TrainSettings(**{"data": "", "out": str(folder), "channels": 16, "bfloat16": False, **changes})


def test_joints_are_those_of_the_skeleton(batch):
    tensors = Tensors.of(batch, 3)
    found = joints_of(tensors.directions[:, :, 1:], tensors.lengths[:, 1:])
    expected = MOCAP22.joint_positions(batch.lengths[0], batch.directions[0], np.zeros(3))
    np.testing.assert_allclose(found[0], expected, atol=1e-5)


def test_a_bag_holds_valid_frames_of_its_video(batch):
    tensors = Tensors.of(batch, 3)
    xy, score, joints, lengths = bag_of_frames(tensors, torch.Generator().manual_seed(0), 20)
    assert xy.shape == (2, 20, 46) and joints.shape == (2, 20, 22, 3)
    np.testing.assert_array_equal(lengths[1], batch.lengths[3, 1:])
    frames = torch.from_numpy(batch.xy).flatten(2)[3:6][torch.from_numpy(batch.valid[3:6])]
    for picked in xy[1]:
        assert (frames == picked).all(dim=1).any()


@pytest.mark.parametrize("still", [0.0, 1.0])
def test_training_learns(batch, tmp_path, still):
    torch.manual_seed(0)
    trainer = Trainer(settings(tmp_path, rate=1e-2, minutes=1000.0, lengths_every=1, still=still, stills=256,
                               windows=64, videos=2))
    tensors = Tensors.of(batch, 3)
    pool = Pool(2, 3)
    pool.add(batch)
    drawn = pool.draw_windows(Chance(0), 64, 81, 40)
    drawn["xy"] = drawn["xy"].flatten(2)

    def loss() -> float:
        with torch.no_grad():
            model = trainer.model.train()
            lengths, _ = length_losses(model, tensors, torch.Generator().manual_seed(0))
            return float(window_losses(model, drawn)["position"] + lengths["frame"])

    first = loss()
    for _ in range(120):
        trainer.learn(pool, Chance(trainer.step))
    assert loss() < 0.6 * first
    assert trainer.step == 120


def test_invalid_frames_teach_nothing(batch):
    hurt = np.where(batch.valid[..., None, None], batch.directions, 7.0).astype(np.float32)
    pool = Pool(2, 3)
    pool.add(type(batch)(**{**vars(batch), "directions": hurt}))
    assert not batch.valid.all()
    for window, before in ((1, 0), (81, 40)):
        assert pool.draw_windows(Chance(0), 500, window, before)["directions"].abs().max() < 1.1
    _, _, joints, _ = bag_of_frames(Tensors.of(type(batch)(**{**vars(batch), "directions": hurt}), 3),
                                    torch.Generator().manual_seed(0))
    assert joints.abs().max() < 2.5


def test_the_schedule_falls():
    rates, momenta = zip(*(schedule(x, 1e-3) for x in np.linspace(0.02, 1, 20)), strict=True)
    assert list(rates) == sorted(rates, reverse=True) and rates[-1] < 1e-5
    assert momenta[-1] == pytest.approx(0.001) and schedule(0, 1e-3)[1] == 0.1
    assert schedule(0, 1e-3)[0] < 1e-4


def test_the_average_follows(tmp_path):
    model = build(settings(tmp_path))
    average = Average(model)
    with torch.no_grad():
        model.directions.first_head.bias += 1
    before = average.state["directions.first_head.bias"].clone()
    for step in range(1, 4000):
        average.update(model, step) if step in (1000, 2000, 3999) else None
    after = average.state["directions.first_head.bias"]
    assert ((after > before) & (after < before + 1)).all()


def test_train_then_resume(tmp_path):
    data, out = write_set(tmp_path), tmp_path / "run"
    said = []
    small = settings(out, data=data, minutes=0.01, **SMALL)
    path = train(small, said.append)
    state = load_checkpoint(path)
    assert state["step"] > 0 and json.loads(said[-2])["validation"]["exact"]["mpjpe"] > 0
    assert not list(out.glob("*.part"))
    longer = settings(out, data=data, minutes=state["seconds"] / 60 + 0.005, **SMALL)
    train(longer, said.append)
    assert load_checkpoint(path)["step"] > state["step"]
    assert any(line.startswith("resumed") for line in said)
    lines = (out / "log.jsonl").read_text().splitlines()
    assert len(lines) == 2
    plot_log([out / "log.jsonl"], tmp_path / "curve.svg")
    assert (tmp_path / "curve.svg").read_text().startswith("<svg")
    assert load_model(path).config.channels == 8


def test_a_line_without_the_length_networks_losses_is_drawn(tmp_path):
    kinds = {kind: {"mpjpe": 9.0, "n_mpjpe": 8.0, "length_error": 2.0} for kind in ("noisy", "exact")}
    line = {"seconds": 60.0, "direction": 0.2, "position": 0.1, "shift": 0.3, "up": 0.1, "validation": kinds}
    log = tmp_path / "log.jsonl"
    log.write_text(f"{json.dumps(line | {'frame': 0.2})}\n{json.dumps(line | {'seconds': 90.0})}\n")
    plot_log([log], tmp_path / "curve.svg")
    assert (tmp_path / "curve.svg").read_text().count("<polyline") == 11
    plot_log([log, log], tmp_path / "twice.svg")
    text = (tmp_path / "twice.svg").read_text()
    points = text.split('points="')[1].split('"')[0].split()
    across = [float(point.split(",")[0]) for point in points]
    assert len(across) == 4 and across == sorted(across) and len(set(across)) == 4  # one after the other
    log.write_text("")
    with pytest.raises(MocapError, match="empty"):
        plot_log([log], tmp_path / "curve.svg")


@pytest.fixture
def trained(tmp_path, batch):
    """Train a checkpoint for a few steps."""
    trainer = Trainer(settings(tmp_path))
    pool = Pool(2, 3)
    pool.add(batch)
    for _ in range(5):
        trainer.learn(pool, Chance(trainer.step))
    trainer.average.state = trainer.model.state_dict()
    trainer.report(mocap_set())
    return trainer.path


def test_folding_changes_nothing(trained):
    model = load_model(trained)
    xy, score = torch.randn(2, 90, 46), torch.rand(2, 90, 23)
    with torch.no_grad():
        for part, args in (("directions", (xy, score)), ("bone_lengths", (xy[:, :9], score[:, :9]))):
            for a, b in zip(getattr(model, part)(*args), getattr(folded(model), part)(*args), strict=True):
                torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


def test_weights_to_start_from(trained, tmp_path):
    small = tmp_path / "lifter.pt"
    assert main(["weights", str(trained), "--out", str(small)]) == 0
    full = sum(value.numel() * value.element_size() for value in load_checkpoint(trained)["average"].values())
    assert small.stat().st_size < 0.9 * full  # half precision, and a file's overhead at this size
    assert set(load_checkpoint(small)) == {"average", "config", "step", "seconds"}  # no optimiser, no second copy
    again = Trainer(settings(tmp_path / "next", start=str(small)))
    assert again.step == 0
    for (name, a), b in zip(load_model(trained).state_dict().items(), again.average.state.values(), strict=True):
        torch.testing.assert_close(a, b, atol=2e-3, rtol=2e-3, msg=name)
    with pytest.raises(MocapError, match="other sizes"):
        Trainer(settings(tmp_path / "other", start=str(small), channels=8))


def test_the_calibration_fits():
    rng = np.random.default_rng(0)
    true = rng.normal(0.3, 0.03, (400, 21))
    true = 0.5 * (true + true[:, MOCAP22.mirror[1:] - 1])
    found = 0.8 * true - 0.02 + rng.normal(0, 0.005, true.shape)
    weight, offset = fit(found, true)
    assert np.abs(found @ weight + offset - true).mean() < 0.4 * np.abs(found - true).mean()
    blind, mean = fit(rng.normal(0.3, 0.03, true.shape), true)
    assert np.abs(blind).max() < 0.3 and np.abs(rng.normal(0.3, 0.03, (5, 21)) @ blind + mean - 0.3).max() < 0.05


@pytest.mark.parametrize("frames, bag", [(1, 1), (40, 50)])
def test_the_exported_model_is_the_trained_one(trained, tmp_path, frames, bag):
    digest = export_onnx(trained, tmp_path / "lifter.onnx")
    assert len(digest) == 64 and not list(tmp_path.glob("*.onnx.part"))
    session = onnxruntime.InferenceSession(str(tmp_path / "lifter.onnx"), providers=["CPUExecutionProvider"])
    model = load_model(trained)
    xy, score = torch.randn(1, frames + 80, 46), torch.rand(1, frames + 80, 23)
    bag_xy, bag_score = torch.randn(1, bag, 46), torch.rand(1, bag, 23)
    directions, up, lengths = session.run(None, {
        "xy": xy.numpy(), "score": score.numpy(), "bag_xy": bag_xy.numpy(), "bag_score": bag_score.numpy()})
    with torch.no_grad():
        expected, clip = model.directions(xy, score)[1], model.bone_lengths(bag_xy, bag_score)[1]
    assert directions.shape == (1, frames, 21, 3) and up.shape == (1, frames, 3) and lengths.shape == (1, 21)
    np.testing.assert_allclose(directions, expected[:, :, :-1], atol=2e-2)  # weights in few bits
    np.testing.assert_allclose(up, expected[:, :, -1], atol=2e-2)
    np.testing.assert_allclose(lengths, clip, atol=5e-3)


@given(arrays(np.float32, (3, 4, 5), elements=st.floats(-4, 4, width=32)), st.sampled_from([0, 2]))
def test_weights_in_8_bits_are_off_by_half_a_step(weight, channels):
    stored, scale = few_bits.in_8_bits(weight, channels)
    assert stored.dtype == np.int8 and scale.shape == ((3, 1, 1) if channels == 0 else (1, 1, 5))
    assert (np.abs(stored * scale - weight) <= scale * 0.5001 + 1e-30).all()
    assert (scale <= np.abs(weight).max() / 127 + 1e-30).all()


def test_weights_in_8_bits_give_nearly_the_same(trained, tmp_path, monkeypatch):
    """This holds for the exported model and for the weights from which a training resumes."""
    def vectors(path):
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        rng = np.random.default_rng(0)
        shapes = {"xy": (1, 120, 46), "score": (1, 120, 23), "bag_xy": (1, 5, 46), "bag_score": (1, 5, 23)}
        return session.run(None, {name: rng.random(shape).astype(np.float32) for name, shape in shapes.items()})

    export_onnx(trained, tmp_path / "half.onnx")
    monkeypatch.setattr(few_bits, "SMALLEST", 1)
    export_onnx(trained, tmp_path / "eighth.onnx")
    assert onnx.TensorProto.INT8 in {t.data_type for t in onnx.load(tmp_path / "eighth.onnx").graph.initializer}
    assert main(["weights", str(trained), "--out", str(tmp_path / "eighth.pt")]) == 0
    export_onnx(tmp_path / "eighth.pt", tmp_path / "again.onnx")
    for other in ("eighth.onnx", "again.onnx"):
        for half, eighth in zip(vectors(tmp_path / "half.onnx"), vectors(tmp_path / other), strict=True):
            np.testing.assert_allclose(half, eighth, atol=0.1)
            assert np.abs(half - eighth).mean() < 0.01


def test_an_exported_causal_model_sees_no_later_frame(batch, tmp_path):
    trainer = Trainer(settings(tmp_path, causal=True, widths=3))
    pool = Pool(2, 3)
    pool.add(batch)
    trainer.learn(pool, Chance(0))
    trainer.average.state = trainer.model.state_dict()
    trainer.report(mocap_set())
    export_onnx(trainer.path, tmp_path / "causal.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "causal.onnx"), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    inputs = {"xy": rng.normal(size=(1, 46, 46)), "score": rng.random((1, 46, 23)),
              "bag_xy": rng.normal(size=(1, 5, 46)), "bag_score": rng.random((1, 5, 23))}
    inputs = {name: value.astype(np.float32) for name, value in inputs.items()}
    before, up, _ = session.run(None, inputs)
    inputs["xy"][:, 36:] += 1.0
    inputs["score"][:, 36:] *= 0.5
    after, later_up, _ = session.run(None, inputs)
    np.testing.assert_array_equal(before[:, :10], after[:, :10])  # frames 26 to 35 of the input
    np.testing.assert_array_equal(up[:, :10], later_up[:, :10])
    assert np.abs(before[:, 10:] - after[:, 10:]).max() > 1e-3


@pytest.mark.parametrize("changes", [{"widths": 3}, {"widths": 3, "causal": True}, {"widths": 4, "causal": True}])
def test_lifting_reads_the_window_off_the_model(tmp_path, changes):
    trainer = Trainer(settings(tmp_path, **changes))
    trainer.save()
    export_onnx(trainer.path, tmp_path / "other.onnx")
    session, rng, bag = Session(tmp_path / "other.onnx", "cpu"), np.random.default_rng(0), np.arange(5)
    xy, score = rng.normal(size=(30, 23, 2)).astype(np.float32), rng.random((30, 23)).astype(np.float32)
    before, after = trainer.model.config.padding
    held = [np.pad(a.reshape(30, -1), ((before, after), (0, 0)), mode="edge")[None] for a in (xy, score)]
    with torch.no_grad():
        expected = load_model(trainer.path).directions(*map(torch.from_numpy, held))[1][0]
    for chunk in (7, 512):
        directions, up, _ = drain(run_network(session, xy, score, bag, chunk=chunk))
        np.testing.assert_allclose(directions, expected[:, :-1], atol=2e-2)  # weights in few bits
        np.testing.assert_allclose(up, expected[:, -1], atol=2e-2)


def test_a_model_that_tells_no_window_is_refused(trained, tmp_path):
    export_onnx(trained, tmp_path / "mute.onnx")
    model = onnx.load(tmp_path / "mute.onnx")
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "mute.onnx")
    with pytest.raises(MocapError, match="window"):
        padding(Session(tmp_path / "mute.onnx", "cpu"))


def test_a_broken_checkpoint_is_told(tmp_path, capsys):
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(b"no")
    with pytest.raises(MocapError, match="checkpoint"):
        load_checkpoint(path)
    assert main(["export", str(path), "--out", str(tmp_path / "x.onnx")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not (tmp_path / "x.onnx").exists()


@pytest.mark.parametrize("line", ["{}", "[1]", '{"seconds": null}', '{"seconds": 1, "position": []}',
                                  '{"seconds": 1, "position": 1, "validation": 3}', "no", "\xff"])
def test_a_log_that_is_none(tmp_path, line):
    (tmp_path / "log.jsonl").write_bytes((line + "\n").encode("latin-1"))
    with pytest.raises(MocapError, match="not a training log"):
        plot_log([tmp_path / "log.jsonl"], tmp_path / "x.svg")
    assert not (tmp_path / "x.svg").exists()


@pytest.mark.parametrize("changes, curves", [
    ({"position": 1.0}, 1), ({"validation": {"noisy": {"mpjpe": 9.0}, "exact": {"mpjpe": 8.0}}}, 2),
    ({"position": 1.0, "validation": {"noisy": {"mpjpe": 9.0}}}, 2), ({"position": float("nan"), "up": 1.0}, 1)])
def test_a_log_without_some_curves_is_drawn_without_them(tmp_path, changes, curves):
    """The plain network has one loss and one error. Logs of resumed trainings have lines without losses."""
    log = tmp_path / "log.jsonl"
    log.write_text(f"{json.dumps({'seconds': 60.0} | changes)}\n{json.dumps({'seconds': 60.0})}\n")
    plot_log([log], tmp_path / "curve.svg")
    assert (tmp_path / "curve.svg").read_text().count("<polyline") == curves


def test_a_log_without_any_curve_is_told(tmp_path):
    (tmp_path / "log.jsonl").write_text('{"seconds": 60.0}\n')
    with pytest.raises(MocapError, match="no loss"):
        plot_log([tmp_path / "log.jsonl"], tmp_path / "x.svg")


def test_the_card_takes_measured_figures(tmp_path, shared_data):
    from training.measure.evaluate import COLUMNS

    card = tmp_path / "lifter.md"
    card.write_text(f"# A\n{BEGIN}\nold\n{END}\nrest\n")
    row = dict.fromkeys(COLUMNS, 12.34) | {"frames_per_second": 100.0}
    update_card(card, {"rows": {"noisy": row}, "clips": 2, "cameras": 6, "frames": 3, "seed": 1, "parameters": 5,
                       "cores": 2,
                       "machine": "m", "python": "3", "onnxruntime": "1", "numpy": "1"})
    text = card.read_text()
    assert "old" not in text and "12.3" in text and "sha256" in text and text.endswith("rest\n")
    card.write_text("nothing")
    with pytest.raises(MocapError, match="marks"):
        update_card(card, {})


def test_everyday_subjects_have_rows_of_their_own(monkeypatch):
    """This holds if the acrobat is among the subjects. A clip's rows have the errors of all six cameras."""
    from training.measure import evaluate

    assert {evaluate.KINDS[name].refined for name in evaluate.WITHOUT_ACROBAT} == {True, False}
    three = mocap_set()  # of subjects 1, 2 and 9
    monkeypatch.setattr(evaluate, "ACROBAT", 2)
    groups = evaluate._groups(three, "exact 2D")
    assert list(groups) == ["exact 2D", "exact 2D, without subject 2"]
    assert groups["exact 2D"].all()
    assert groups["exact 2D, without subject 2"].tolist() == [True] * 6 + [False] * 6 + [True] * 6
    noisy = evaluate._groups(three, "noisy")
    assert (noisy["noisy, without subject 2"] == ~noisy["noisy, subject 2 alone"]).all()
    monkeypatch.setattr(evaluate, "ACROBAT", 85)  # not among these
    assert list(evaluate._groups(three, "exact 2D")) == ["exact 2D"]
    assert list(evaluate._groups(three, "noisy, COCO17 input")) == ["noisy, COCO17 input"]


def test_clean_training_sees_exact_2d(tmp_path):
    usual, clean_ones = synth_settings(settings(tmp_path)), synth_settings(settings(tmp_path, clean=True))
    assert usual.noisy and usual.exact > 0 and not clean_ones.noisy and clean_ones.exact == 0
    assert (make_batch(np.random.default_rng(0), mocap_set(), 6, clean_ones).score > 0).mean() > 0.99  # whole bodies
    data = write_set(tmp_path)
    said = []
    changes = SMALL | {"data": data, "steps": 3, "still": 0.0, "clean": True}
    path = train(settings(tmp_path / "run", **changes), said.append)
    assert load_checkpoint(path)["settings"]["clean"] and "bone length error" in said[-1]
    lengths = [measured_lengths(load_model(path), mocap_set(), 20, 3, clean)[0] for clean in (True, False)]
    assert np.abs(lengths[0] - lengths[1]).max() > 1e-4


def test_clean_training_takes_no_rendered_clips(tmp_path):
    with pytest.raises(MocapError, match="rendered"):
        Trainer(settings(tmp_path, clean=True, rendered=str(tmp_path)))


def test_clean_training_learns(tmp_path):
    """With constant scores, the trained and the exported network must still be the same."""
    pool = Pool(6, 3)
    pool.add(make_batch(np.random.default_rng(0), mocap_set(), 6, SynthSettings(noisy=False)))
    chosen = settings(tmp_path, clean=True, still=0.0, windows=32, videos=2, rate=1e-2, minutes=1000.0)
    trainer = Trainer(chosen)
    errors = []
    for steps in (1, 150):
        for _ in range(steps):
            trainer.learn(pool, Chance(trainer.step))
        errors.append(json.loads(trainer.report(mocap_set()))["validation"]["exact"]["angle"])
    assert errors[1] < 0.8 * errors[0]
    assert float(trainer.model.directions.see_norm.running_var.min()) > 0.1  # else it would blow up any difference


def test_a_budget_of_steps(tmp_path):
    data = write_set(tmp_path)
    path = train(settings(tmp_path / "run", **SMALL | {"data": data, "steps": 3, "still": 0.0}), lambda line: None)
    assert load_checkpoint(path)["step"] == 3


def test_processes_move_people_and_the_device_films_them(tmp_path):
    """Runs the GPU's part on a CPU: filming, training, resuming; and no calibration unless requested."""
    data, said = write_set(tmp_path), []
    changes = SMALL | {"data": data, "still": 0.0, "workers": 2, "crowd": 128, "pool": 8, "calibration": 0}
    for steps in (14, 16):  # more than there are between two filmings
        path = train(settings(tmp_path / "run", steps=steps, **changes), said.append)
        assert load_checkpoint(path)["step"] == steps
    entries = [json.loads(line) for line in said if line.startswith("{")]
    assert len(entries) == 2 and all(np.isfinite(entry["position"]) for entry in entries)
    assert not any("calibrated" in line for line in said)


def test_clean_training_is_not_filmed_by_the_device(tmp_path):
    with pytest.raises(MocapError, match="workers"):
        Trainer(settings(tmp_path, clean=True, workers=2))


def test_positions_are_not_added_up_in_bfloat16(batch):
    """bfloat16 resolves a metre to 4 mm, too coarsely for a loss in millimetres."""
    true, lengths = torch.from_numpy(batch.directions[:, :, 1:]), torch.from_numpy(batch.lengths[:, 1:])
    with torch.autocast("cpu", torch.bfloat16):
        found = joints_of(true, lengths)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, joints_of(true, lengths))
