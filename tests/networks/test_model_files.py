"""The search path of the networks' files."""

import hashlib
import shutil

import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.networks import model_files
from anatomy_mocap.networks.model_files import HASHES, read_model, record_hash


def test_models_lie_inside_the_installed_add_on(tmp_path, monkeypatch):
    (tmp_path / "addon" / "networks").mkdir(parents=True)
    (tmp_path / "addon" / "models").mkdir()
    monkeypatch.setattr(model_files, "__file__", str(tmp_path / "addon" / "networks" / "model_files.py"))
    assert model_files.models_folder() == tmp_path / "addon" / "models"


def test_the_table_has_the_hash_of_every_model_and_no_more(root):
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (root / "models").glob("*.onnx")}
    lines = (root / "models" / HASHES).read_text(encoding="utf-8").splitlines()
    assert sorted(lines) == sorted(f"{digest}  {name}" for name, digest in found.items())
    for name, digest in found.items():
        assert f"`{digest}`" in (root / "models" / name).with_suffix(".md").read_text(encoding="utf-8")


def test_another_file_than_the_tables_is_refused(root, tmp_path):
    for name in ("movenet_multipose.onnx", HASHES):
        shutil.copy(root / "models" / name, tmp_path / name)
    path = tmp_path / "movenet_multipose.onnx"
    data = bytearray(read_model(path))
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(MocapError, match="movenet_multipose.onnx: the model can't be loaded .it is not the file"):
        read_model(path)
    record_hash(path)
    assert read_model(path) == bytes(data)
    before = (root / "models" / HASHES).read_text(encoding="utf-8").splitlines()
    assert len((tmp_path / HASHES).read_text(encoding="utf-8").splitlines()) == len(before)
    (tmp_path / HASHES).unlink()
    record_hash(path)
    assert not (tmp_path / HASHES).exists()
    with pytest.raises(MocapError, match="can't be loaded"):
        read_model(path)
