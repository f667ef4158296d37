"""The command line without Blender: capture, info, exit codes, one-line errors, no partial files."""

import argparse
import json

import numpy as np
import pytest

from anatomy_mocap.cli import main, unique_stem
from anatomy_mocap.core.keypoint_layouts import LAYOUTS
from anatomy_mocap.core.take import load_take
from anatomy_mocap.settings import CaptureSettings

av = pytest.importorskip("av")
pytest.importorskip("onnxruntime")


def standing(frames=30, layout="COCO17", fps=30.0):
    """Return keypoints of a person who stands and sways slightly in a 640 x 480 picture, in the layout's order."""
    spots = {"nose": (0, -160), "eye": (6, -165), "ear": (12, -162), "shoulder": (36, -120), "elbow": (44, -65),
             "wrist": (48, -15), "hip": (22, 0), "knee": (24, 80), "ankle": (24, 160)}
    names = LAYOUTS[layout].keypoint_names
    xy = np.zeros((frames, len(names), 2))
    for index, name in enumerate(names):
        side, _, part = name.partition("_")
        x, y = spots[part] if part else spots[name]
        # The person faces the camera: their left is on the picture's right.
        xy[:, index] = (320 + (x if side == "left" else -x if side == "right" else 0), 260 + y)
    xy[..., 0] += 6 * np.sin(np.arange(frames) / 10)[:, None]
    return {"xy": xy, "score": np.full(xy.shape[:2], 0.9), "layout": layout, "fps": fps, "width": 640, "height": 480}


@pytest.fixture
def keypoint_file(tmp_path):
    path = tmp_path / "standing.npz"
    np.savez(path, **standing())
    return path


def write_video(path, pictures, fps=10):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=fps)
        stream.height, stream.width = pictures[0].shape[:2]
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def fails(capsys, *words):
    """Run the command, expect exit code 2 and exactly one line on stderr, and return the line."""
    assert main([str(word) for word in words]) == 2
    text = capsys.readouterr().err.strip()
    assert len(text.splitlines()) == 1, text
    assert "Traceback" not in text
    return text


def two_people(path):
    """Two people who stand side by side in a keypoint file, the larger one on the right."""
    one, frames = standing(), []
    for t in range(len(one["xy"])):
        people = [(scale * one["xy"][t] + (x, 200 - 260 * scale), number)
                  for scale, x, number in ((0.8, 0, 1), (1.0, 500, 0))]
        frames += [{"image_id": f"{t}.jpg", "category_id": 1, "idx": number, "score": 2.0,
                    "keypoints": np.column_stack([xy, np.full(len(xy), 0.9)]).ravel().tolist()}
                   for xy, number in people]
    path.write_text(json.dumps(frames), encoding="utf-8")
    return path


def test_everybody_gets_a_take_in_one_world(tmp_path, capsys):
    source = two_people(tmp_path / "two.json")
    words = ["--person", "all", "--size", "1280x720", "--fps", "25", "--layout", "COCO17", "--json", "--quiet"]
    assert main(["capture", str(source), "-o", str(tmp_path / "t.npz"), *words]) == 0
    facts = json.loads(capsys.readouterr().out)["takes"]
    assert [fact["wrote"] for fact in facts] == [str(tmp_path / "t.A.npz"), str(tmp_path / "t.B.npz")]
    assert not (tmp_path / "t.npz").exists()
    left, right = (load_take(tmp_path / name) for name in ("t.A.npz", "t.B.npz"))
    assert left.info["person"] == "A" and right.info["person"] == "B"
    np.testing.assert_allclose(left.world_from_camera[:3, :3], right.world_from_camera[:3, :3])
    assert left.joint_positions("world")[0, 0, 0] < right.joint_positions("world")[0, 0, 0] - 0.5
    for take in (left, right):
        assert abs(np.percentile(take.joint_positions("world")[..., 2].min(axis=1), 5)) < 0.15


def test_who_is_hardly_seen_gets_no_take(tmp_path, capsys):
    """A detector's flash in a keypoint file, two frames of somebody else, is no performer."""
    source = two_people(tmp_path / "two.json")
    entries = json.loads(source.read_text(encoding="utf-8"))
    flash = [{**entry, "idx": 7, "keypoints": [value + 300 if place % 3 == 0 else value
                                               for place, value in enumerate(entry["keypoints"])]}
             for entry in entries if entry["idx"] == 0][4:6]
    source.write_text(json.dumps(entries + flash), encoding="utf-8")
    words = ["--person", "all", "--size", "1280x720", "--fps", "25", "--layout", "COCO17", "--json", "--quiet"]
    assert main(["capture", str(source), "-o", str(tmp_path / "t.npz"), *words]) == 0
    facts = json.loads(capsys.readouterr().out)["takes"]
    assert len(facts) == 2 and not any("is used" in warning for fact in facts for warning in fact["warnings"])
    assert any("1 of 3 people are seen in fewer than 3 frames" in warning for warning in facts[0]["warnings"])


def test_a_batch_of_everybody_replaces_no_input(tmp_path, capsys, monkeypatch):
    """An input may have the very name of one person's result."""
    from anatomy_mocap import cli

    source, other = two_people(tmp_path / "walk.json"), tmp_path / "walk.A.npz"
    other.write_bytes(b"the user's own")
    settings = CaptureSettings(person="all", size=(1280, 720), fps=25.0, layout="COCO17")
    (found,) = cli._convert_one(source, tmp_path / "walk", settings, None, None,
                                argparse.Namespace(format="blend", quiet=True), [source, other])
    assert "walk.A.npz: the result would overwrite this input" in found["error"]
    assert other.read_bytes() == b"the user's own"


def test_capture_keypoints_writes_a_valid_take(keypoint_file, tmp_path, capsys):
    output = tmp_path / "take.npz"
    assert main(["capture", str(keypoint_file), "-o", str(output), "--json", "--quiet"]) == 0
    facts = json.loads(capsys.readouterr().out)
    take = load_take(output)
    assert facts["frames"] == len(take) == 30
    assert facts["device"] == "cpu" or facts["device"].startswith("cuda")
    assert take.fps == 30
    joints = take.joint_positions("world")
    names = take.joint_names
    # Standing: head above feet, left on the world's +X side (the person faces the camera, which looks along +Y).
    assert (joints[:, names.index("head"), 2] > joints[:, names.index("left_ankle"), 2] + 1.0).all()
    assert (joints[:, names.index("left_hip"), 0] > joints[:, names.index("right_hip"), 0]).all()
    assert list(tmp_path.glob("*.part")) == []


def test_height_sets_the_size(keypoint_file, tmp_path, capsys):
    for height in (1.5, 1.9):
        assert main(["capture", str(keypoint_file), "-o", str(tmp_path / "t.npz"), "--height", str(height),
                     "--json", "--quiet"]) == 0
        assert json.loads(capsys.readouterr().out)["person_height_m"] == pytest.approx(height, abs=1e-3)


def test_exact_keypoints_are_believed_and_others_not(keypoint_file, tmp_path):
    for words in ([], ["--exact"]):
        assert main(["capture", str(keypoint_file), "-o", str(tmp_path / "t.npz"), "--quiet", *words]) == 0
        take = load_take(tmp_path / "t.npz")
        assert take.keypoints.exact == bool(words) and ("exact" in take.info["detector"]) == bool(words)


def test_size_is_taken_for_files_without_one(tmp_path, capsys):
    data = standing(layout="COCO17")
    frames = [[[x / 640, y / 480, 0.0, 0.9] for x, y in frame] for frame in data["xy"]]
    path = tmp_path / "landmarks.json"
    path.write_text(json.dumps({"layout": "COCO17", "frames": frames}))
    output = tmp_path / "t.npz"
    assert main(["capture", str(path), "-o", str(output), "--layout", "COCO17", "--size", "640x480", "--quiet"]) == 0
    take = load_take(output)
    assert (take.keypoints.width, take.keypoints.height) == (640, 480)
    np.testing.assert_allclose(take.keypoints.xy, data["xy"], atol=0.01)
    assert main(["capture", str(path), "-o", str(output), "--size", "big"]) == 2


def test_one_frame_works(tmp_path):
    path = tmp_path / "one.npz"
    np.savez(path, **standing(frames=1))
    assert main(["capture", str(path), "-o", str(tmp_path / "take.npz"), "--quiet"]) == 0
    assert len(load_take(tmp_path / "take.npz")) == 1


def test_take_is_recognised_by_info(keypoint_file, tmp_path, capsys):
    main(["capture", str(keypoint_file), "-o", str(tmp_path / "take.npz"), "--quiet"])
    capsys.readouterr()
    assert main(["info", str(tmp_path / "take.npz"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "take"
    assert main(["info", str(keypoint_file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "keypoint file"


def test_missing_empty_and_foreign_files(tmp_path, capsys):
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("not a video at all")
    for name in ("missing.mp4", "empty.mp4", "text.mp4"):
        text = fails(capsys, "capture", tmp_path / name, "-o", tmp_path / "t.npz", "--quiet")
        assert name in text
    assert not (tmp_path / "t.npz").exists()


def test_video_without_a_person(tmp_path, capsys):
    write_video(tmp_path / "wall.mp4", [np.full((120, 160, 3), 120, np.uint8)] * 12)
    text = fails(capsys, "capture", tmp_path / "wall.mp4", "-o", tmp_path / "t.npz", "--quiet")
    assert "wall.mp4" in text and "person" in text


@pytest.mark.parametrize("change, word", [
    (lambda d: d.update(layout="MARTIAN9"), "MARTIAN9"),
    (lambda d: d["xy"].__setitem__((3, 4, 0), np.nan), "NaN"),
    (lambda d: d.update(xy=d["xy"][:0], score=d["score"][:0]), "frames"),
])
def test_bad_keypoint_files(tmp_path, capsys, change, word):
    data = standing()
    change(data)
    np.savez(tmp_path / "bad.npz", **data)
    text = fails(capsys, "capture", tmp_path / "bad.npz", "-o", tmp_path / "t.npz", "--quiet")
    assert "bad.npz" in text and word.lower() in text.lower()


def test_take_of_another_schema(keypoint_file, tmp_path, capsys):
    main(["capture", str(keypoint_file), "-o", str(tmp_path / "take.npz"), "--quiet"])
    with np.load(tmp_path / "take.npz") as data:
        arrays = {**{key: data[key] for key in data.files}, "schema_version": 99}
    np.savez(tmp_path / "new.npz", **arrays)
    capsys.readouterr()
    text = fails(capsys, "info", tmp_path / "new.npz")
    assert "new.npz" in text and "99" in text


def test_output_that_cannot_be_written(keypoint_file, tmp_path, capsys):
    assert "does not exist" in fails(capsys, "capture", keypoint_file, "-o", tmp_path / "no" / "t.npz")
    assert "ending" in fails(capsys, "capture", keypoint_file, "-o", tmp_path / "t.mp3")
    (tmp_path / "file").write_text("in the way")
    assert "t.npz" in fails(capsys, "capture", keypoint_file, "-o", tmp_path / "file" / "t.npz")


def test_bad_usage(capsys):
    assert main([]) == 2
    assert main(["capture"]) == 2
    assert main(["capture", "a", "-o", "b.npz", "--person", "tallest"]) == 2
    assert main(["--help"]) == 0
    capsys.readouterr()


@pytest.mark.parametrize("words, word", [(["--fps", "0"], "fps"), (["--fov", "200"], "fov"),
                                         (["--height", "17"], "height"), (["--focal", "-3"], "focal")])
def test_settings_out_of_range(keypoint_file, tmp_path, capsys, words, word):
    assert word in fails(capsys, "capture", keypoint_file, "-o", tmp_path / "t.npz", *words)


def test_interrupt_leaves_nothing(keypoint_file, tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", stop)
    assert main(["capture", str(keypoint_file), "-o", str(tmp_path / "t.npz"), "--quiet"]) == 130
    assert sorted(p.name for p in tmp_path.iterdir()) == ["standing.npz"]


def test_results_of_equal_names_do_not_collide(tmp_path):
    taken = set()
    stems = [unique_stem(tmp_path / folder / "walk.mp4", taken) for folder in "abc"]
    assert len(set(stems)) == 3 and stems[0] == "walk"


def test_info_of_an_image_sequence_by_its_pattern(tmp_path, capsys):
    with av.open(str(tmp_path / "shot_%04d.png"), "w", format="image2") as container:
        stream = container.add_stream("png", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        for shade in (10, 120, 240):
            picture = np.full((48, 64, 3), shade, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    assert main(["info", str(tmp_path / "shot_####.png"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["kind"], facts["frames"], facts["width"], facts["height"]) == ("image sequence", 3, 64, 48)


def test_an_input_is_never_overwritten(keypoint_file, capsys):
    before = keypoint_file.read_bytes()
    text = fails(capsys, "capture", keypoint_file, "-o", keypoint_file, "--quiet")
    assert "standing.npz" in text and "input" in text
    assert keypoint_file.read_bytes() == before


def test_an_unforeseen_error_is_one_line_that_names_the_file_and_a_log(tmp_path, capsys, monkeypatch):
    def broken(*_, **__):
        raise KeyError("first\nsecond \x1b[31m")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("anatomy_mocap.cli.describe", broken)
    line = fails(capsys, "info", tmp_path / "odd.json")
    assert "odd.json: unexpected error (KeyError" in line and "\x1b" not in line
    [log] = tmp_path.glob("*.log")
    assert str(log) in line and "Traceback" in log.read_text(encoding="utf-8")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    assert "please report it" in fails(capsys, "info", tmp_path / "odd.json")


def test_an_unforeseen_error_of_one_input_does_not_stop_the_others(tmp_path, capsys, monkeypatch):
    from anatomy_mocap import cli

    def broken(*_):
        raise RecursionError("too deep")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(cli, "capture_everybody", broken)
    (found,) = cli._convert_one(tmp_path / "odd.mp4", tmp_path / "odd", None, None, None,
                             argparse.Namespace(format="blend", quiet=True), [])
    assert "odd.mp4: unexpected error (RecursionError: too deep)" in found["error"]
    assert found["error"] in capsys.readouterr().err


def test_measure_prints_the_figures_of_a_take_and_changes_nothing(keypoint_file, tmp_path, capsys):
    take = tmp_path / "take.npz"
    assert main(["capture", str(keypoint_file), "-o", str(take), "--quiet"]) == 0
    before = take.read_bytes()
    capsys.readouterr()
    assert main(["measure", str(take), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["kind"] == "take" and facts["frames"] == 30
    assert 0 < facts["reprojection_percent_of_height"]["median"] < 20
    assert facts["cleaned_up"]["slide_mean_mm"] <= facts["captured"]["slide_mean_mm"]
    assert main(["measure", str(take), "--smoothing", "0", "--ground", "0", "--json"]) == 0
    raw = json.loads(capsys.readouterr().out)
    assert raw["cleaned_up"]["jerk_m_s3"] == pytest.approx(raw["captured"]["jerk_m_s3"], abs=0.2)
    slow = [f"--smooth-{region}" for region in ("root", "trunk", "head", "arms", "hands", "legs")]
    assert main(["measure", str(take), "--smoothing", "0", "--ground", "0", "--json",
                 *(word for option in slow for word in (option, "1"))]) == 0
    smoothed = json.loads(capsys.readouterr().out)
    assert smoothed["cleaned_up"]["acceleration_m_s2"] < 0.8 * raw["cleaned_up"]["acceleration_m_s2"]
    assert main(["measure", str(take)]) == 0
    assert "foot slide in contact" in capsys.readouterr().out
    assert take.read_bytes() == before


def test_measure_refuses_what_is_no_take(keypoint_file, tmp_path, capsys):
    assert "not a take" in fails(capsys, "measure", keypoint_file)
    assert "neither a take" in fails(capsys, "measure", tmp_path / "walk.mp4")
    assert "no such file" in fails(capsys, "measure", tmp_path / "take.npz")
