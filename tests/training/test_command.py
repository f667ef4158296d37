"""The command line of training: one-line errors, and checks before the work."""

import pytest
import torch

from tests.support.small_motion_set import write_set
from tests.training.train.test_train import settings
from training.command import main
from training.measure import evaluate
from training.network.checkpoint import save_checkpoint
from training.train.train import Trainer


def refused(capsys, *arguments) -> str:
    """Run a command that must fail and return its one-line error."""
    assert main([str(argument) for argument in arguments]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    return lines[0]


PUBLIC = {"model": {}, "optimiser": {}, "epoch": 3, "settings": {}}  # as train-public writes them


@pytest.mark.parametrize("content", [[1, 2], PUBLIC, {"average": [], "config": {}}, {"average": {}, "config": {}}])
@pytest.mark.parametrize("command", ["export --out", "weights --out", "calibrate --data", "compare"])
def test_what_is_no_checkpoint_is_told(tmp_path, capsys, content, command):
    path, data = tmp_path / "other.pt", write_set(tmp_path)
    torch.save(content, path)
    command, *option = command.split()
    if command == "compare":
        arguments = ["--data", data, "--checkpoints", path]
    else:
        arguments = [path, *option, data if "--data" in option else tmp_path / "new"]
    assert str(path) in refused(capsys, command, *arguments)
    assert not (tmp_path / "new").exists()


@pytest.fixture
def plain(tmp_path):
    """Write a checkpoint of the network without bones."""
    trainer = Trainer(settings(tmp_path / "plain", baseline=True, still=0.0))
    trainer.save()
    return trainer.path


def test_the_plain_network_is_neither_exported_nor_calibrated(plain, tmp_path, capsys):
    assert "no bones" in refused(capsys, "export", plain, "--out", tmp_path / "x.onnx")
    assert "no bones" in refused(capsys, "calibrate", plain, "--data", write_set(tmp_path))
    assert not list(tmp_path.glob("*.onnx*"))


@pytest.mark.parametrize("command", ["export {} --out", "weights {} --out", "plot {} --out",
                                     "evaluate --data nowhere.npz --out", "pictures --data nowhere.npz --out"])
def test_an_output_in_no_folder_is_told_before_the_work(tmp_path, capsys, command):
    trainer = Trainer(settings(tmp_path))
    trainer.save()
    file = trainer.path
    if command.startswith("plot"):
        file = tmp_path / "log.jsonl"
        file.write_text('{"seconds": 1.0, "position": 1.0}\n{"seconds": 2.0, "position": 1.0}\n')
    said = refused(capsys, *command.format(file).split(), tmp_path / "none" / "file")
    assert "--out" in said and "make it" in said


@pytest.mark.parametrize("command, clips", [
    ("compare --checkpoints none.pt", -1), ("evaluate", -1), ("measure-directions", 0), ("fit-confidence", 0),
    ("pictures --out clips.png", 0)])
def test_a_number_of_clips_that_is_none_is_told_before_the_work(capsys, command, clips):
    assert f"--clips {clips}" in refused(capsys, *command.split(), "--data", "nowhere.npz", "--clips", clips)


def test_a_wrong_card_is_told_before_the_work(tmp_path, capsys):
    card = tmp_path / "card.md"
    for content, cause in ((None, "not found"), (b"nothing", "marks"), (b"\xff\xfe", "not readable")):
        if content:
            card.write_bytes(content)
        said = refused(capsys, "evaluate", "--data", tmp_path / "nowhere.npz", "--card", card)
        assert str(card) in said and cause in said


def test_more_clips_than_there_are_are_all(plain, tmp_path, capsys):
    data = write_set(tmp_path)  # one of a validation subject
    for clips in (1, 5):
        assert main(["compare", "--data", data, "--checkpoints", str(plain), "--clips", str(clips)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == second


def test_an_interrupted_write_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, {"step": 1})
    before = path.read_bytes()

    def breaks_off(state, part):
        part.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(path, {"step": 2})
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_loading_the_model_is_no_part_of_the_frames_per_second(tmp_path, monkeypatch):
    from anatomy_mocap.lifting import lift

    loaded = []
    monkeypatch.setattr(evaluate, "clip_errors", lambda clip, kind: (
        loaded.append(lift._session.cache_info().currsize), (dict.fromkeys(evaluate.COLUMNS, 1.0), 1.0))[1])
    lift._session.cache_clear()
    evaluate.evaluate(evaluate.EvaluateSettings(write_set(tmp_path), rates=False), lambda line: None)
    assert loaded[0] == 1
