"""The open benchmark: rows with equal budgets, videos, results and the page."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from tests.support.small_motion_set import write_set
from tests.support.videos17 import videos17
from training.command import main
from training.paper.ablate import AblateSettings, ablate, chosen_rows
from training.paper.benchmark_page import BEGIN, END, benchmark_table, update_page
from training.paper.learner import Learner
from training.paper.virtual_set import benchmark_videos, fingerprint


@pytest.fixture
def budget(tmp_path) -> AblateSettings:
    """Return a budget for two rows in seconds."""
    return AblateSettings(write_set(tmp_path), str(tmp_path / "out"), "baseline,full", channels=8, steps=3, windows=8,
                          shared=2, seeds=1, bfloat16=False)


def test_the_benchmark_s_norms_remember_shortly(budget, monkeypatch):
    """A momentum of 0.001 would average over more steps than the training has."""
    made = []

    def noted(*arguments, **named):
        made.append(Learner(*arguments, **named))
        return made[-1]

    monkeypatch.setattr("training.paper.ablate.Learner", noted)
    ablate(replace(budget, rows="baseline", steps=50), quiet)
    assert made[0].model.norms()[0].momentum == pytest.approx(0.1 * 0.2 ** (49 / 50))


def test_the_benchmark_goes_on_where_it_stopped(budget, tmp_path):
    said = []
    results = ablate(budget, said.append)
    assert [result["row"] for result in results] == ["baseline", "full"]
    assert results[1]["test"]["mpjpe"] > 0 and "regressed" in results[1]["test"] and results[0]["parameters"] > 0
    files = sorted((tmp_path / "out").glob("*.json"))
    stamp = [file.stat().st_mtime_ns for file in files]
    files[1].unlink()
    assert ablate(budget, said.append)[0] == results[0]
    assert files[0].stat().st_mtime_ns == stamp[0] and files[1].is_file()
    assert not list((tmp_path / "out").glob("*.part*"))
    files[1].unlink()
    some = replace(budget, train=False)
    assert ablate(some, said.append) == [results[0]] and not files[1].is_file()
    files[0].unlink()
    with pytest.raises(MocapError, match="no-train"):
        ablate(some, said.append)


def quiet(line):
    """Discard the messages."""


def other_data(budget, tmp_path):
    path = Path(budget.data)
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays["pos/c0"] = arrays["pos/c0"] * 1.1
    np.savez(path, **arrays)


def other_split(budget, tmp_path):
    table = Path(budget.data).with_suffix(".csv")
    table.write_text(table.read_text().replace("cmu_002", "cmu_069"))


def older_result(budget, tmp_path):
    path = tmp_path / "out" / "full-0.json"
    path.write_text(json.dumps({key: value for key, value in json.loads(path.read_text()).items() if key != "origin"}))


def result_without_seconds(budget, tmp_path):
    path = tmp_path / "out" / "full-0.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"seconds": {}}))


@pytest.mark.parametrize("done, changes, told", [
    (None, {"steps": 4}, "another budget"), (other_data, {}, "other videos"), (other_split, {}, "other videos"),
    (older_result, {}, "what data"), (result_without_seconds, {}, "no seconds: cpu")])
def test_what_can_t_stand_side_by_side_is_refused(done, changes, told, budget, tmp_path, monkeypatch):
    """The error occurs before any training."""
    ablate(replace(budget, rows="full"), quiet)
    if done:
        done(budget, tmp_path)
    monkeypatch.setattr("training.paper.ablate.run_row", lambda *_: pytest.fail("trained"))
    with pytest.raises(MocapError, match=told):
        ablate(replace(budget, **changes), quiet)


def test_collected_results_agree(budget, tmp_path):
    """The check needs no data and runs on every machine."""
    ablate(budget, quiet)
    collected = replace(budget, data="none.npz", train=False)
    assert len(ablate(collected, quiet)) == 2
    path = tmp_path / "out" / "full-0.json"
    result = json.loads(path.read_text())
    path.write_text(json.dumps(result | {"origin": result["origin"] | {"precision": "bfloat16"}}))
    with pytest.raises(MocapError, match="another precision"):
        ablate(collected, quiet)


def test_the_precision_that_was_really_used_is_told(budget, monkeypatch):
    """It is bfloat16 if the CPU supports it, else single precision."""
    videos = videos17(1)
    for able in (True, False):
        monkeypatch.setattr("training.paper.ablate.multiplies_bfloat16", lambda device, able=able: able)
        assert replace(budget, bfloat16=True).origin((videos,))["precision"] == ("bfloat16" if able else "single")
        assert budget.origin((videos,))["precision"] == "single"


def test_videos_are_made_anew_where_code_motion_or_file_changed(budget, tmp_path, monkeypatch):
    folder = tmp_path / "videos"
    first = benchmark_videos(budget.data, folder)
    kept, = folder.iterdir()
    stamp = kept.stat().st_mtime_ns
    assert fingerprint(benchmark_videos(budget.data, folder)) == fingerprint(first)
    assert kept.stat().st_mtime_ns == stamp  # used as it is
    kept.write_bytes(kept.read_bytes()[:5000])
    assert fingerprint(benchmark_videos(budget.data, folder)) == fingerprint(first)
    with monkeypatch.context() as patch:
        patch.setattr("training.paper.virtual_set.hidden", lambda seen, *_: np.zeros(seen.shape[:3]))
        assert fingerprint(benchmark_videos(budget.data, folder)) != fingerprint(first)
    other_split(budget, tmp_path)
    assert len(benchmark_videos(budget.data, folder)[0]) == 4
    assert len(list(folder.iterdir())) == 3


def test_a_set_without_the_held_out_subjects_is_told(budget, tmp_path):
    table = Path(budget.data).with_suffix(".csv")
    table.write_text(table.read_text().replace("cmu_009", "cmu_003"))
    with pytest.raises(MocapError, match="no clip of a validation subject"):
        benchmark_videos(budget.data, tmp_path / "videos")


def test_a_broken_result_is_told(budget, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "baseline-0.json").write_text("{}")
    with pytest.raises(MocapError, match="not a result"):
        ablate(budget, quiet)


@pytest.mark.parametrize("option, value, told", [
    ("channels", 0, "--channels 0"), ("widths", 0, "--widths 0"), ("steps", -1, "--steps -1"),
    ("threads", 0, "--threads 0"), ("seeds", 0, "--seeds 0"), ("windows", 1, "--windows 1"), ("rate", 0.0, "--rate 0"),
    ("shared", 0, "--shared 0"), ("windows", 11, "not a multiple of --shared 2"), ("page", "none.md", "none.md"),
    ("mark", "other", "measured other"), ("out", "set.npz", "--out .*set.npz")])
def test_settings_are_looked_at_before_the_work(option, value, told, budget, tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text("\n".join((BEGIN.format(""), END.format(""))))
    monkeypatch.setattr("training.paper.ablate.benchmark_videos", lambda *_: pytest.fail("began"))
    value = str(tmp_path / value) if option in ("page", "out") else value
    with pytest.raises(MocapError, match=told):
        ablate(replace(budget, **({"page": str(page)} | {option: value})), quiet)


def test_unknown_rows_are_told():
    assert chosen_rows("full, baseline") == ["baseline", "full"]
    with pytest.raises(MocapError, match="nonsense"):
        chosen_rows("nonsense,full")


def result(row, seed, mpjpe, threads=1):
    return {"row": row, "seed": seed, "parameters": 5, "seconds": {"cpu": 3.0, "wall": 4.0},
            "budget": {"channels": 8, "widths": 3, "steps": 2, "windows": 4, "rate": 0.001},
            "machine": {"torch": "t", "python": "p", "threads": threads},
            "test": {"mpjpe": mpjpe, "p_mpjpe": 1.0, "length_error": 2.0, "angle": 3.0}}


def test_the_page_takes_measured_figures(tmp_path):
    page = tmp_path / "benchmark.md"
    begin, end = (mark.format(" first") for mark in (BEGIN, END))
    page.write_text(f"words\n{begin}\nold\n{end}\nmore words\n")
    update_page(page, [result("baseline", 0, 50.0), result("baseline", 1, 52.0), result("full", 0, 47.0),
                       result("full", 1, 46.0)], "first")
    text = page.read_text()
    assert "old" not in text and text.startswith("words") and text.endswith("more words\n")
    assert "47.7 | 2 | 51.0 ± 1.4 | 2 |" in text and "-4.5 ± 2.1 | 2 of 2 | -4.5 ± 2.1 | 2 of 2" in text
    assert text.count("one thread.") == 1
    assert benchmark_table([result("full", 0, 1.0, 2), result("full", 1, 1.0, 4)]).endswith("2 or 4 threads.")
    page.write_text("no marks")
    with pytest.raises(MocapError, match="marks"):
        update_page(page, [])


def test_the_command(budget, tmp_path, capsys):
    arguments = ["--data", budget.data, "--out", budget.out, "--rows", "baseline", "--channels", "8", "--steps", "2",
                 "--windows", "8", "--shared", "2", "--seeds", "1"]
    assert main(["ablate", *arguments]) == 0
    assert "Baseline" in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "baseline-0.json").read_text())["row"] == "baseline"
    assert main(["ablate", *arguments[:4], "--rows", "x"]) == 2
