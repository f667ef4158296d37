"""Damaged, wrong and unusual keypoint files: a valid result, or one line with file, cause and remedy."""

from __future__ import annotations

import json
import random
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import LAYOUTS
from anatomy_mocap.sources.keypoint_file import describe, is_keypoint_file, open_keypoints, read_keypoints
from tests.sources.test_keypoint_file import FORMATS, assert_same
from tests.support import keypoint_file_writers as writers
from tests.support.keypoint_file_writers import random_clip


def fails(path, *words, **settings):
    """Expect one line with the path, the words and a remedy; return it."""
    with pytest.raises(MocapError) as caught:
        read_keypoints(path, **settings)
    text = str(caught.value)
    assert "\n" not in text and text.startswith(str(path)) and len(text) < 900
    assert ";" in text, f"no remedy in: {text}"
    for word in words:
        assert str(word) in text, text
    return text


def dump(path, document):
    path.write_text(json.dumps(document))
    return path


def openpose_frame(points):
    return {"people": [{"pose_keypoints_2d": np.asarray(points, dtype=float).reshape(-1).tolist()}]}


def body(count=25, score=0.9):
    return np.column_stack((np.linspace(100, 400, count), np.linspace(50, 300, count), np.full(count, score)))


def test_missing_empty_and_other_files(tmp_path):
    fails(tmp_path / "no.json", "no such file")
    (tmp_path / "empty.json").touch()
    fails(tmp_path / "empty.json", "empty")
    (tmp_path / "blank.json").write_text("  \n")
    fails(tmp_path / "blank.json", "empty")
    (tmp_path / "movie.mp4").write_bytes(b"123")
    fails(tmp_path / "movie.mp4", ".mp4", "OpenPose")
    (tmp_path / "folder").mkdir()
    fails(tmp_path / "folder", "no .json files")


def test_what_is_a_keypoint_file(tmp_path):
    clip = random_clip(0, "BODY25")
    folder = writers.openpose(tmp_path / "op", clip)
    assert is_keypoint_file(folder) and is_keypoint_file(str(folder))
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for i in range(3):
        (pictures / f"{i}.png").touch()
    (pictures / "info.json").write_text("{}")
    assert not is_keypoint_file(pictures)
    assert not is_keypoint_file(tmp_path / "clip.mp4")
    assert is_keypoint_file(tmp_path / "absent.json") and is_keypoint_file(tmp_path / "absent.npz")
    np.savez(tmp_path / "take.npz", schema="anatomy_mocap.take", directions=np.zeros((1, 2, 3)))
    assert not is_keypoint_file(tmp_path / "take.npz")
    fails(tmp_path / "take.npz", "a take")
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 nothing")
    assert is_keypoint_file(tmp_path / "broken.npz")
    fails(tmp_path / "broken.npz", "damaged")


def test_truncated_json_tells_where(tmp_path):
    path = writers.alphapose(tmp_path / "a.json", random_clip(0, "COCO17"))
    text = path.read_text()
    path.write_text(text[:len(text) // 2])
    fails(path, "line 1, column")
    folder = writers.openpose(tmp_path / "op", random_clip(0, "BODY25"))
    file = sorted(folder.iterdir())[2]
    file.write_text(file.read_text()[:40])
    fails(folder, file.name, "line 1, column")


@pytest.mark.parametrize("document", [
    [], {}, None, 3, "text", [1, 2], {"a": 1}, [{}], [[]], [None], {"people": []}, {"instance_info": []},
    {"images": [], "annotations": []}, [[[]]], {"frames": []}, [{"people": []}, {"people": []}],
    [{"frame_id": 0, "instances": []}], {"people": [3]}, {"people": [{"pose_keypoints_2d": 7}]}, [{"instances": [1]}],
    [{"image_id": 1, "keypoints": None}], [{"image_id": None, "keypoints": [1, 2, 3]}],
    [{"image_id": 1, "keypoints": [1, 2]}], [{"image_id": 1, "keypoints": "abc"}],
    {"people": [{"pose_keypoints_2d": [[1, 2, 3], [1]]}]}])
def test_documents_without_keypoints(tmp_path, document):
    fails(dump(tmp_path / "x.json", document))


@pytest.mark.parametrize("place", [(3, 4, 0), (3, 4, 1), (3, 4, 2)])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_names_frame_and_keypoint(tmp_path, place, value):
    clip = random_clip(0, "BODY25", missing=0)
    clip.there[:] = True
    clip.points[(0, *place)] = value
    folder = writers.openpose(tmp_path / "op", clip)
    fails(folder, "clip_000000000003", LAYOUTS["BODY25"].keypoint_names[4], "NaN")
    fails(writers.own_npz(tmp_path / "o.npz", clip), "frame 3", "right_wrist", "NaN")


def test_nan_with_score_zero_is_missing(tmp_path):
    clip = random_clip(0, "BODY25", missing=0)
    clip.there[:] = True
    clip.points[0, 3, 4] = (np.nan, np.nan, 0)
    keypoints = read_keypoints(writers.own_npz(tmp_path / "o.npz", clip))
    assert keypoints.score[3, 4] == 0 and np.isfinite(keypoints.xy).all()


def test_one_frame_works(tmp_path):
    keypoints = read_keypoints(dump(tmp_path / "x.json", openpose_frame(body())))
    assert len(keypoints) == 1 and keypoints.layout == "BODY25"
    assert keypoints.xy[0, 3] == pytest.approx(body()[3, :2])


def test_layouts(tmp_path):
    for count in (15, 21, 23):
        fails(dump(tmp_path / f"{count}.json", openpose_frame(body(count))), count, "COCO17", "MEDIAPIPE33")
    np.savez(tmp_path / "17.npz", xy=body(17)[None, :, :2], score=body(17)[None, :, 2])
    fails(tmp_path / "17.npz", "ambiguous or unknown", "COCO17 (17)", "H36M17 (17)")
    assert read_keypoints(tmp_path / "17.npz", layout="h36m").layout == "H36M17"
    assert read_keypoints(tmp_path / "17.npz", layout="Coco_17").layout == "COCO17"
    fails(tmp_path / "17.npz", "COCO99", "give one of", layout="COCO99")
    fails(tmp_path / "17.npz", "26", "17", layout="HALPE26")
    np.savez(tmp_path / "named.npz", xy=body(17)[None, :, :2], score=body(17)[None, :, 2], layout="MARTIAN9")
    fails(tmp_path / "named.npz", "MARTIAN9", "COCO17")
    np.savez(tmp_path / "lies.npz", xy=body(17)[None, :, :2], score=body(17)[None, :, 2], layout="BODY25")
    fails(tmp_path / "lies.npz", "BODY25", "17")


def test_layout_by_the_names_in_the_file(tmp_path):
    """MMPose's names decide instead of the count: 17 keypoints of another data set are refused."""
    points = body(17)
    people = [{"keypoints": points[:, :2].tolist(), "keypoint_scores": points[:, 2].tolist()}]

    def file(names):
        meta = {"dataset_name": "anything", "keypoint_id2name": dict(enumerate(names))}
        return dump(tmp_path / "m.json", {"meta_info": meta, "instance_info": [{"frame_id": 1, "instances": people}]})
    assert read_keypoints(file(LAYOUTS["H36M17"].keypoint_names)).layout == "H36M17"
    named = [name.replace("_", " ").title() for name in LAYOUTS["COCO17"].keypoint_names]
    assert read_keypoints(file(named)).layout == "COCO17"
    fails(file([f"paw_{i}" for i in range(17)]), "paw_0", "COCO17")


def test_halpe136_gives_its_body(tmp_path):
    keypoints = open_keypoints(dump(tmp_path / "a.json", [
        {"image_id": "0.jpg", "category_id": 1, "keypoints": body(136).reshape(-1).tolist(), "score": 1}]))
    assert keypoints.keypoints.layout == "HALPE26" and any("HALPE136" in note for note in keypoints.notes)
    np.testing.assert_allclose(keypoints.keypoints.xy[0], body(136)[:26, :2])


def test_mixed_models_are_refused(tmp_path):
    folder = tmp_path / "op"
    folder.mkdir()
    dump(folder / "0_keypoints.json", openpose_frame(body(25)))
    dump(folder / "1_keypoints.json", openpose_frame(body(18)))
    fails(folder, "1_keypoints", "18", "25")


def test_several_clips_in_a_folder_are_refused(tmp_path):
    folder = tmp_path / "op"
    folder.mkdir()
    for name in ("left", "right"):
        for t in range(3):
            dump(folder / f"{name}_{t:012d}_keypoints.json", openpose_frame(body()))
    fails(folder, "several clips", "left", "right")


def test_scores_out_of_range_are_cut_with_a_note(tmp_path):
    clip = random_clip(0, "COCO17", missing=0)
    clip.there[:] = True
    clip.points[..., 2] *= 6
    clip.points[0, 0, 1, 2] = -0.1
    file = open_keypoints(writers.alphapose(tmp_path / "a.json", clip))
    assert file.keypoints.score.max() == 1 and file.keypoints.score.min() == 0
    assert any("above 1" in note for note in file.notes)


def test_gaps_and_steps_in_frame_numbers(tmp_path):
    clip = random_clip(0, "BODY25", 20, missing=0)
    clip.there[:] = True
    folder = writers.openpose(tmp_path / "gap", clip, order=[0, 1, 5, 6, 9])
    keypoints = open_keypoints(folder, fps=10)
    assert len(keypoints.keypoints) == 10 and any("5 of 10 frames" in note for note in keypoints.notes)
    assert (keypoints.keypoints.score[[2, 3, 4, 7, 8]] == 0).all()
    np.testing.assert_allclose(keypoints.keypoints.xy[6], clip.points[0, 6, :, :2])
    np.testing.assert_allclose(keypoints.keypoints.times, np.arange(10) / 10)
    stepped = tmp_path / "step"
    stepped.mkdir()
    for t in range(10):
        dump(stepped / f"f_{5 * t:06d}.json", openpose_frame(body()))
    file = open_keypoints(stepped, fps=50)
    assert len(file.keypoints) == 10 and file.keypoints.fps == 10 and any("steps of 5" in note for note in file.notes)
    np.testing.assert_allclose(file.keypoints.times, np.arange(10) / 10)


def test_frames_in_any_order(tmp_path):
    for shuffle in range(5):
        clip = random_clip(shuffle, "COCO17", 25)
        for write in (writers.alphapose, writers.coco_results):
            path = write(tmp_path / f"{write.__name__}{shuffle}.json", clip, shuffle=shuffle)
            assert_same(read_keypoints(path), clip)
    order = list(range(12))
    random.Random(4).shuffle(order)
    clip = random_clip(9, "BODY25", 12)
    assert_same(read_keypoints(writers.openpose(tmp_path / "op", clip, order=order, first=998)), clip)


def test_unpadded_numbers_are_numbers(tmp_path):
    """frame_9 comes before frame_10."""
    folder = tmp_path / "mm"
    folder.mkdir()
    for t in range(12):
        dump(folder / f"take2_frame_{t}_v3.json", openpose_frame(body() + [t, 0, 0]))
    keypoints = read_keypoints(folder)
    np.testing.assert_allclose(keypoints.xy[:, 0, 0], 100 + np.arange(12))


def test_wild_frame_numbers_are_refused(tmp_path):
    entries = [{"image_id": i, "category_id": 1, "keypoints": body(17).reshape(-1).tolist(), "score": 1}
               for i in (139, 285, 581781)]
    fails(dump(tmp_path / "coco.json", entries), "581781", "not one clip")
    entries[0]["image_id"] = -10**30
    fails(dump(tmp_path / "huge.json", entries), "not one clip")


def test_shares_of_the_picture_need_its_size(tmp_path):
    clip = random_clip(0, "MEDIAPIPE33")
    path = writers.mediapipe_list(tmp_path / "p.json", clip)
    fails(path, "fractions of the picture size", "1920x1080")
    assert_same(read_keypoints(path, size=(1280, 720)), clip)
    for size in ((0, 720), (1280,), "big", (np.nan, 3), (10**9, 10)):
        with pytest.raises(MocapError, match="size"):
            read_keypoints(path, size=size)


def test_openpose_minus_one_to_one(tmp_path):
    clip = random_clip(0, "BODY25", missing=0.1)
    assert_same(read_keypoints(writers.openpose_normalised(tmp_path / "op", clip), size=(1280, 720)), clip)


def test_size_is_estimated_with_a_note(tmp_path):
    file = open_keypoints(writers.openpose(tmp_path / "op", random_clip(0, "BODY25")))
    assert any("is assumed" in note for note in file.notes)
    keypoints = file.keypoints
    assert keypoints.xy[..., 0].max() <= keypoints.width and keypoints.xy[..., 1].max() <= keypoints.height
    tall = body()
    tall[:, 1] *= 5
    assert read_keypoints(dump(tmp_path / "tall.json", openpose_frame(tall))).height == 1920


def test_frame_rates(tmp_path):
    path = writers.own_npz(tmp_path / "o.npz", random_clip(0, "BODY25"))
    assert read_keypoints(path).fps == 25
    file = open_keypoints(path, fps=50)
    assert file.keypoints.fps == 50 and any("the file has 25" in note for note in file.notes)
    for fps in (0, -1, np.nan, np.inf, "fast"):
        with pytest.raises(MocapError, match="frame rate"):
            read_keypoints(path, fps=fps)


def test_times_of_the_file(tmp_path):
    """Uneven times are preserved; times that do not increase are refused."""
    frame = [{"x": x / 1000, "y": y / 1000, "visibility": s} for x, y, s in body(33)]

    def file(times):
        return dump(tmp_path / "t.json", [{"timestamp_ms": t, "landmarks": [frame]} for t in times])
    keypoints = read_keypoints(file([500, 533, 600, 700]), size=(1000, 1000))
    np.testing.assert_allclose(keypoints.times, [0, 0.033, 0.1, 0.2])
    assert keypoints.fps == pytest.approx(15)
    fails(file([5, 4, 3]), "times", size=(1000, 1000))
    away = read_keypoints(file([*range(0, 1000, 40), *range(20_000, 21_000, 40)]), size=(1000, 1000))
    assert away.fps == pytest.approx(25) and len(away) == 50
    assert len(read_keypoints(file([0, 1, 2, 10**9]), size=(1000, 1000))) == 4


def test_people_out_of_range(tmp_path):
    path = dump(tmp_path / "x.json", openpose_frame(body()))
    fails(path, "person 3", person=3)
    fails(path, "person", person="tallest")


def test_describe(tmp_path):
    clip = random_clip(3, "COCO17", 10, people=2)
    facts = describe(writers.alphapose(tmp_path / "a.json", clip))
    assert facts["format"] == "AlphaPose JSON" and facts["layout"] == "COCO17" and facts["frames"] == 10
    assert [person["frames"] for person in facts["people"]] == sorted(clip.there.sum(axis=1), reverse=True) \
        or len(facts["people"]) == 2
    keypoints = read_keypoints(tmp_path / "a.json")
    assert facts["missing"] == pytest.approx((keypoints.score == 0).mean())
    json.dumps(facts)


@pytest.mark.parametrize("text, word", [
    ("a,b,c\n1,2,3\n", "columns"), ("x0,y0\n", "without rows"), ("frame,landmark,x,y\n1,0,abc,2\n", "abc"),
    ("frame,landmark,x,y\n1,0,5\n", "line 2"), ("landmark,x,y\n0,5,6\n", "frame column"),
    ("frame,landmark,x,y\n1,0,5,6\n1,0,5,6\n", "twice"),
])
def test_tables(tmp_path, text, word):
    (tmp_path / "t.csv").write_text(text)
    fails(tmp_path / "t.csv", word)


# Fuzzing: whatever happens to a file, the result is keypoints or a MocapError.

def sound(path):
    """Read the file. A successful result must be valid."""
    try:
        assert isinstance(is_keypoint_file(path), bool)
        keypoints = read_keypoints(path)
    except MocapError as error:
        assert "\n" not in str(error) and str(path) in str(error)
        return
    assert len(keypoints) == len(keypoints.times) == len(keypoints.score) > 0
    assert keypoints.xy.shape == (*keypoints.score.shape, 2) == (len(keypoints), len(LAYOUTS[keypoints.layout]), 2)
    assert np.isfinite(keypoints.xy).all() and (keypoints.score >= 0).all() and (keypoints.score <= 1).all()


@settings(max_examples=60)
@given(content=st.binary(max_size=400), suffix=st.sampled_from([".json", ".npz", ".csv"]))
def test_random_bytes(tmp_path_factory, content, suffix):
    path = tmp_path_factory.mktemp("fuzz") / f"x{suffix}"
    path.write_bytes(content)
    sound(path)


_VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                       lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([
                           "people", "pose_keypoints_2d", "image_id", "keypoints", "instances", "keypoint_scores",
                           "instance_info", "meta_info", "landmarks", "x", "y", "visibility", "frames", "images",
                           "annotations", "bodies", "joints", "scores", "id", "0", "fps", "timestamp_ms"]), inner,
                           max_size=4), max_leaves=12)


@settings(max_examples=300)
@given(document=_VALUES)
def test_random_documents(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("fuzz") / "x.json"
    path.write_text(json.dumps(document))
    sound(path)


def _places(document, path=()):
    """Yield the path of every value in a JSON document."""
    yield path
    is_list = isinstance(document, list)
    items = document.items() if isinstance(document, dict) else enumerate(document) if is_list else ()
    for key, value in items:
        yield from _places(value, (*path, key))


@pytest.mark.parametrize("name", [n for n, row in FORMATS.items() if row[1].endswith(".json")])
@settings(max_examples=25)
@given(data=st.data())
def test_one_value_changed(name, tmp_path_factory, data):
    """One value of a valid file is replaced or removed."""
    write, file_name, layouts, _ = FORMATS[name]
    path = write(tmp_path_factory.mktemp("fuzz") / file_name, random_clip(1, layouts[0], 3))
    document = json.loads(path.read_text())
    places = [place for place in _places(document) if place]
    rng = random.Random(data.draw(st.integers(0, 10**9)))
    place = rng.choice([p for p in places if len(p) == rng.choice(sorted({len(q) for q in places}))])
    holder = document
    for key in place[:-1]:
        holder = holder[key]
    if data.draw(st.booleans()):
        del holder[place[-1]]
    else:
        holder[place[-1]] = data.draw(_VALUES)
    path.write_text(json.dumps(document))
    sound(path)


@pytest.mark.parametrize("name", [n for n, row in FORMATS.items() if "." in row[1]] + ["videopose3d"])
@settings(max_examples=20)
@given(data=st.data())
def test_damaged_files(name, tmp_path_factory, data):
    """The files are cut off anywhere, or have a few changed bytes (also inside the arrays of an .npz)."""
    folder = tmp_path_factory.mktemp("fuzz")
    if name == "videopose3d":
        path = writers.videopose3d(folder / "v.npz", random_clip(1, "COCO17", 3, missing=0))
    else:
        write, file_name, layouts, _ = FORMATS[name]
        path = write(folder / file_name, random_clip(1, layouts[0], 3))
    content = path.read_bytes()
    if path.suffix == ".npz" and data.draw(st.booleans()):
        with zipfile.ZipFile(path) as archive:
            members = {n: bytearray(archive.read(n)) for n in archive.namelist()}
        member = members[data.draw(st.sampled_from(sorted(members)))]
        for _ in range(data.draw(st.integers(1, 4))):
            member[data.draw(st.integers(0, len(member) - 1))] = data.draw(st.integers(0, 255))
        with zipfile.ZipFile(path, "w") as archive:
            for n, value in members.items():
                archive.writestr(n, bytes(value))
    elif data.draw(st.booleans()):
        path.write_bytes(content[:data.draw(st.integers(0, len(content) - 1))])
    else:
        changed = bytearray(content)
        for _ in range(data.draw(st.integers(1, 5))):
            changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(bytes(changed))
    sound(path)
