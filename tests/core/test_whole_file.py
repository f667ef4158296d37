"""Files are written whole or not at all, and nothing else in the folder is touched."""

import os
import threading

import pytest

from anatomy_mocap.cli import check_output
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.whole_file import temporary_beside, written_whole


def test_a_users_own_part_file_stays(tmp_path):
    own = tmp_path / "walk.npz.part"
    own.write_text("mine")
    check_output(tmp_path / "walk.npz", (".npz",))
    with written_whole(tmp_path / "walk.npz", "take") as partial:
        partial.write_text("new")
    assert own.read_text() == "mine" and (tmp_path / "walk.npz").read_text() == "new"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["walk.npz", "walk.npz.part"]


def test_nothing_is_written_through_links(tmp_path):
    precious, path = tmp_path / "precious", tmp_path / "walk.npz"
    precious.write_text("mine")
    for name in ("walk.npz", "walk.npz.part", ".walk.part.npz"):
        (tmp_path / name).symlink_to(precious)
    with written_whole(path, "take") as partial:
        assert not partial.is_symlink() and partial.parent == tmp_path
        partial.write_text("new")
    assert precious.read_text() == "mine" and path.read_text() == "new" and not path.is_symlink()


def test_several_writers_of_one_file_do_not_disturb_each_other(tmp_path):
    path, together = tmp_path / "walk.npz", threading.Barrier(3)
    errors = []

    def write(text):
        try:
            with written_whole(path, "take") as partial:
                partial.write_text(text)
                together.wait(20)
                assert partial.read_text() == text
        except Exception as error:  # asserted below
            errors.append(error)

    threads = [threading.Thread(target=write, args=(letter * 1000,)) for letter in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and path.read_text() in {letter * 1000 for letter in "abc"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["walk.npz"]


def test_names_at_the_limit_and_usual_permissions(tmp_path):
    path = tmp_path / ("ñ" * 120 + ".npz")
    plain = tmp_path / "plain"
    plain.write_text("")
    with written_whole(path, "take") as partial:
        partial.write_text("new")
    assert path.read_text() == "new"
    assert os.stat(path).st_mode == os.stat(plain).st_mode


def test_errors_leave_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), written_whole(tmp_path / "a", "take") as partial:
        partial.write_text("half")
        raise ZeroDivisionError
    with pytest.raises(MocapError, match="take can't be written"), written_whole(tmp_path / "no" / "a", "take"):
        pass
    with pytest.raises(MocapError, match="take can't be written"), written_whole(tmp_path, "take"):
        pass
    with temporary_beside(tmp_path / "a", ".blend") as partial:
        assert partial.suffix == ".blend" and partial.read_bytes() == b""
    assert not list(tmp_path.iterdir())
