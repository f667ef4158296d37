"""The search path of the networks' files."""

from anatomy_mocap.networks import model_files


def test_models_lie_inside_the_installed_add_on(tmp_path, monkeypatch):
    (tmp_path / "addon" / "networks").mkdir(parents=True)
    (tmp_path / "addon" / "models").mkdir()
    monkeypatch.setattr(model_files, "__file__", str(tmp_path / "addon" / "networks" / "model_files.py"))
    assert model_files.models_folder() == tmp_path / "addon" / "models"
