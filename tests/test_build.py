"""build.py and its steps, without network access and without Blender."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import pytest

import build
from buildtools import environments, package, project, pythons, run_tests, wheels
from buildtools.project import BuildError
from buildtools.pythons import BLENDERS

ROOT = Path(__file__).resolve().parents[1]
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")


# The manifest and the pins


def test_manifest_keeps_blenders_limits():
    facts = project.manifest()
    assert SEMVER.fullmatch(facts["version"])
    assert len(facts["tagline"]) <= 64 and facts["tagline"][-1].isalnum()
    assert facts["license"] == ["SPDX:GPL-3.0-or-later"]
    assert "network" not in facts["permissions"]  # the networks' weights are in the zip
    for text in facts["permissions"].values():
        assert len(text) <= 64 and not text.endswith(".")


def test_the_version_stands_in_the_manifest_alone():
    assert project.read_toml("pyproject.toml")["project"]["dynamic"] == ["version"]
    version = re.escape(project.manifest()["version"])
    assert not [
        path for path in (ROOT / "anatomy_mocap").rglob("*.py") if re.search(f'"{version}"', path.read_text("utf-8"))
    ]


def test_every_requirement_is_pinned():
    table = project.read_toml("pyproject.toml")["dependency-groups"]
    assert {blender.group for blender in BLENDERS.values()} <= set(table)
    for requirement in project.requirements(*table):
        assert re.fullmatch(r"[a-z0-9-]+==[0-9.]+", requirement), requirement


# The wheels


@pytest.mark.parametrize("flavour", ["cpu", "cuda"])
@pytest.mark.parametrize("platform", wheels.PLATFORMS)
@pytest.mark.parametrize("blender", BLENDERS.values(), ids=BLENDERS)
def test_lock_has_the_pinned_wheels_of_each_zip(blender, platform, flavour):
    if flavour == "cuda" and platform not in wheels.CUDA_PLATFORMS:
        with pytest.raises(BuildError, match="onnxruntime-gpu"):
            wheels.locked_wheels(blender, platform, flavour)
        return
    pins = dict(r.split("==") for r in project.requirements(blender.group, "runtime", "cuda"))
    found = wheels.locked_wheels(blender, platform, flavour)
    assert "numpy" not in {wheel.name for wheel in found}  # it would take the place of Blender's own
    assert len([wheel for wheel in found if wheel.name.startswith("onnxruntime")]) == 1
    for wheel in found:
        assert wheel.version == pins[wheel.name], "run build.py lock"
        assert wheel.file.startswith(f"{wheel.name.replace('-', '_')}-{wheel.version}-")
        assert any(tag in wheel.file for tag in (f"-{blender.tag}-", "-abi3-", "-py3-none-any"))
        assert re.fullmatch("[0-9a-f]{64}", wheel.sha256)


def test_fetch_refuses_a_wheel_with_another_hash(tmp_path, monkeypatch):
    monkeypatch.setattr(wheels, "FOLDER", tmp_path)
    good = b"what the lock names"
    wheel = wheels.Wheel("x", "1", "linux-x64", ("cp311",), "x.whl", 19, hashlib.sha256(good).hexdigest())
    (tmp_path / "x.whl").write_bytes(good)
    assert wheels.fetch(wheel, Path("unused")).read_bytes() == good
    (tmp_path / "x.whl").write_bytes(b"something else")
    with pytest.raises(BuildError, match="hash"):
        wheels.fetch(wheel, Path("unused"))
    assert not (tmp_path / "x.whl").exists()


def test_lock_rows_are_read_back():
    wheel = wheels.Wheel("av", "1.0", "linux-x64", ("cp311", "cp313"), "av-1.0.whl", 7, "ab" * 32)
    [row] = tomllib.loads(wheels._row(wheel))["wheel"]
    assert wheels.Wheel(**{**row, "pythons": tuple(row["pythons"])}) == wheel


# The package


def test_package_holds_exactly_the_product_folder():
    names = dict(package.package_files())
    product = [path for path in package.PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    code = {name for name in names if not name.startswith("models/")} - set(package.DOCUMENTS)
    assert code == {path.relative_to(package.PACKAGE).as_posix() for path in product}
    assert {"__init__.py", "cli.py", "core/take.py"} <= code and set(package.DOCUMENTS) <= set(names)
    assert {path.name for path in (ROOT / "models").glob("*.onnx")} == {
        Path(n).name for n in names if n.endswith(".onnx")
    }
    assert not [name for name in names if "__pycache__" in name or "rebuild" in name]
    assert not [name for name in names if Path(name).suffix in (".pt", ".pyc", ".npz", ".whl")]


@pytest.mark.parametrize("platform", wheels.PLATFORMS)
def test_staged_manifests_share_the_blenders_out(platform):
    old, new = (tomllib.loads(package.staged_manifest(platform, b, ["a.whl", "b.whl"])) for b in BLENDERS.values())
    assert (old["blender_version_min"], old["blender_version_max"]) == ("4.5.0", "5.1.0")
    assert new["blender_version_min"] == old["blender_version_max"] and "blender_version_max" not in new
    for facts in (old, new):
        assert facts["platforms"] == [platform]
        assert facts["wheels"] == ["./wheels/a.whl", "./wheels/b.whl"]
        assert facts["permissions"] == project.manifest()["permissions"]


def test_repack_makes_the_same_bytes_of_the_same_content(tmp_path):
    results = []
    for turn, names in enumerate((["b/x.txt", "a.bin"], ["a.bin", "b/x.txt"])):
        raw, done = tmp_path / f"raw{turn}.zip", tmp_path / f"done{turn}.zip"
        with zipfile.ZipFile(raw, "w") as archive:
            for name in names:
                info = zipfile.ZipInfo(name, (2000 + turn, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED if name.endswith("txt") else zipfile.ZIP_STORED
                info.external_attr = (0o600 + turn) << 16
                archive.writestr(info, name * 100)
        package.repack(raw, done)
        results.append(done.read_bytes())
    assert results[0] == results[1]
    with zipfile.ZipFile(tmp_path / "done0.zip") as archive:
        assert archive.testzip() is None
        kinds = {info.filename: info.compress_type for info in archive.infolist()}
        assert kinds == {"a.bin": zipfile.ZIP_STORED, "b/x.txt": zipfile.ZIP_DEFLATED}


def test_cuda_is_not_for_macos(tmp_path):
    with pytest.raises(BuildError, match="cuda"):
        package.package(Path(sys.executable), ["macos-arm64"], list(BLENDERS.values()), "cuda", tmp_path)


# The environments


def stamp(folder: Path, python: list[int], requirements: list[str]) -> None:
    folder.mkdir(parents=True)
    facts = {"python": python, "requirements": requirements, "folder": str(folder)}
    (folder / environments.STAMP).write_text(json.dumps(facts))


def test_the_plain_environment_stays_with_its_python(tmp_path, monkeypatch):
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    monkeypatch.setattr(environments, "blender_of_this_python", lambda: BLENDERS["5.2"])
    assert environments._folder(BLENDERS["5.2"]).name == ".venv"
    assert environments._folder(BLENDERS["4.5"]).name == ".venv-4.5"
    stamp(tmp_path / ".venv", [3, 11], [])
    assert environments._folder(BLENDERS["5.2"]).name == ".venv-5.2"
    assert environments._folder(BLENDERS["4.5"]).name == ".venv"


def test_an_environment_that_was_moved_is_made_anew(tmp_path):
    stamp(tmp_path / "first", [3, 11], [])
    assert environments._read_stamp(tmp_path / "first")
    (tmp_path / "first").rename(tmp_path / "second")
    assert environments._read_stamp(tmp_path / "second") is None


def test_a_foreign_environment_is_not_touched(tmp_path):
    folder = tmp_path / ".venv"
    (folder / "bin").mkdir(parents=True)
    with pytest.raises(BuildError, match="not created by build.py"):
        environments._create(folder, pythons.blender_of_this_python())
    assert (folder / "bin").exists()


def test_an_interrupted_environment_is_taken_up_again(tmp_path, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(environments.subprocess, "run", stopped)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            environments._create(tmp_path / ".venv", pythons.blender_of_this_python())
    assert environments._read_stamp(tmp_path / ".venv")["requirements"] == []


def test_pip_is_asked_for_what_is_missing_together_with_what_stays(tmp_path, monkeypatch):
    asked = []

    def run(command, check):
        asked.append([word for word in command if "==" in word])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(environments.subprocess, "run", run)
    monkeypatch.setattr(environments, "all_requirements", lambda: ["a==1", "b==2", "c==1", "d==1"])
    state = {"python": [3, 11], "requirements": ["a==1", "b==1", "dropped==1"]}
    environments._install(Path("python"), state, ["a==1"], tmp_path)
    assert asked == []
    environments._install(Path("python"), state, ["b==2", "c==1"], tmp_path)
    assert asked == [["a==1", "b==2", "c==1"]]
    assert json.loads((tmp_path / environments.STAMP).read_text())["requirements"] == asked[0]


def test_build_py_starts_on_an_older_python():
    for path in (ROOT / "build.py", ROOT / "buildtools" / "__init__.py", ROOT / "buildtools" / "pythons.py"):
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))


def test_an_unfit_python_without_a_fit_one_is_told_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(build, "blender_of_this_python", lambda: None)
    monkeypatch.setattr(build, "find_python", lambda version: None)
    assert build.main(["demo"]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1 and "3.11" in message and "3.13" in message


def test_find_python_passes_over_a_shim_that_does_not_start(tmp_path):
    shim = tmp_path / "python3.11"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    assert pythons._executable([str(shim)], (3, 11)) is None
    assert pythons._executable([sys.executable], (2, 7)) is None
    assert pythons._executable([sys.executable], sys.version_info[:2]) == sys.executable


# The test command


@pytest.fixture
def small_tests(tmp_path, monkeypatch):
    for name in ("core/test_a.py", "blender/test_b.py", "blender/test_c.py", "test_top.py", "gui/notes.txt"):
        path = tmp_path / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    monkeypatch.setattr(run_tests, "BLENDER_TESTS", tmp_path / "tests" / "blender")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ([], [["tests/core", "tests/test_top.py"], ["tests/blender/test_b.py"], ["tests/blender/test_c.py"]]),
        (["tests/blender"], [["tests/blender/test_b.py"], ["tests/blender/test_c.py"]]),
        (["tests/core", "tests/blender/test_b.py::one"], [["tests/core"], ["tests/blender/test_b.py::one"]]),
    ],
)
def test_each_blender_module_has_its_process(small_tests, chosen, expected):
    assert run_tests._processes(chosen) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("def test_it(): pass", {"passed": 1}),
        ("def test_it(): assert False", {"failed": 1}),
        ("import pytest\ndef test_it(): pytest.skip('why')", {"skipped": 1}),
        ("import missing_module", {"failed": 1}),
        ("import os\ndef test_it(): os._exit(3)", {"failed": 1}),
        ("", {}),
    ],
)
def test_counts_of_one_process(body, expected, tmp_path):
    path = tmp_path / "test_it.py"
    path.write_text(body + "\n")
    counts = run_tests._pytest(Path(sys.executable), [str(path), "-p", "no:cacheprovider", f"--rootdir={tmp_path}"])
    assert +counts == Counter(expected)


def test_the_last_line_is_the_plain_one(monkeypatch, capsys, tmp_path):
    answers = iter([Counter(passed=3, skipped=1), Counter(passed=2, failed=1)])
    monkeypatch.setattr(run_tests, "environment", lambda *_, **__: tmp_path)
    monkeypatch.setattr(run_tests, "_one_blender", lambda *_: next(answers))
    assert run_tests.run_tests(list(BLENDERS.values()), [], training=False) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed, 1 failed, 1 skipped"
