"""Forms in which users save landmarks, all of the same clip; and the safety of a file's texts."""

from __future__ import annotations

import json

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import LAYOUTS
from anatomy_mocap.sources.keypoint_file import describe, open_keypoints, read_keypoints

T, K, SIZE = 4, 33, (1000, 500)
RNG = np.random.default_rng(0)
POINTS = np.concatenate((RNG.uniform(0.1, 0.9, (T, K, 2)), RNG.uniform(0.2, 1, (T, K, 1))), axis=-1)
DEPTH = RNG.uniform(-0.5, 0.5, (T, K))


def landmark(point, z, score="visibility"):
    return {"x": point[0], "y": point[1], "z": z, score: point[2]}


def frame(t, score="visibility"):
    return [landmark(point, z, score) for point, z in zip(POINTS[t].tolist(), DEPTH[t].tolist(), strict=True)]


def rows(t, *columns):
    table = {"x": POINTS[t, :, 0], "y": POINTS[t, :, 1], "z": DEPTH[t], "s": POINTS[t, :, 2], "p": np.ones(K)}
    return np.column_stack([table[c] for c in columns]).tolist()


FORMS = {
    "list of lists": [frame(t) for t in range(T)],
    "one person in a list": [[frame(t)] for t in range(T)],
    "by number": {str(t): frame(t) for t in reversed(range(T))},
    "by number, named": {str(t): {"pose_landmarks": frame(t)} for t in range(T)},
    "protobuf": [{"poseLandmarks": {"landmark": frame(t)}} for t in range(T)],
    "frames": {"frames": [{"frameNumber": t + 1, "landmarks": frame(t)} for t in range(T)]},
    "frames out of order": [{"frame": t, "landmarks": frame(t)} for t in (2, 0, 3, 1)],
    "results": {"results": [{"landmarks": [frame(t)], "worldLandmarks": [frame(0)]} for t in range(T)]},
    "tensorflow": [[{"score": 0.9, "keypoints": frame(t, "score")}] for t in range(T)],
    "rows x y z v": [rows(t, *"xyzs") for t in range(T)],
    "rows x y z v presence": [rows(t, *"xyzsp") for t in range(T)],
    "rows x y score": [rows(t, *"xys") for t in range(T)],
    "people of rows": [[rows(t, *"xyzs")] for t in range(T)],
}


def dump(path, document):
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("form", FORMS)
def test_forms(tmp_path, form):
    file = open_keypoints(dump(tmp_path / "p.json", FORMS[form]), size=SIZE)
    assert file.keypoints.layout == "MEDIAPIPE33" and file.format == "MediaPipe JSON" and len(file.people) == 1
    np.testing.assert_allclose(file.keypoints.xy, POINTS[..., :2] * SIZE, atol=1e-6)
    np.testing.assert_allclose(file.keypoints.score, POINTS[..., 2], atol=1e-9)


@pytest.mark.parametrize("columns", ["xyz", "xy"])
def test_depth_is_no_score(tmp_path, columns):
    file = open_keypoints(dump(tmp_path / "p.json", [rows(t, *columns) for t in range(T)]), size=SIZE)
    assert (file.keypoints.score == 1).all() and any("gives no confidence" in note for note in file.notes)
    np.testing.assert_allclose(file.keypoints.xy, POINTS[..., :2] * SIZE, atol=1e-6)


def test_one_frame_on_its_own(tmp_path):
    for document in (frame(0), {"landmarks": [frame(0)]}, {"pose_landmarks": frame(0)}, [frame(0)]):
        keypoints = read_keypoints(dump(tmp_path / "p.json", document), size=SIZE)
        np.testing.assert_allclose(keypoints.xy[0], POINTS[0, :, :2] * SIZE, atol=1e-6)


def test_frames_with_nobody(tmp_path):
    for nobody in (None, [], {"landmarks": []}, {"landmarks": None}):
        keypoints = read_keypoints(dump(tmp_path / "p.json", [frame(0), nobody, frame(1)]), size=SIZE)
        assert len(keypoints) == 3 and (keypoints.score[1] == 0).all()


def test_several_people_with_ids(tmp_path):
    """The ids identify the people in every order of the list."""
    def person(t, p):
        return {"id": p, "keypoints": [{**spot, "x": spot["x"] * 0.3 + 0.5 * p, "y": spot["y"] * (0.9 - 0.3 * p)}
                                       for spot in frame(t)]}
    document = [[person(t, p) for p in ((0, 1) if t % 2 else (1, 0))] for t in range(T)]
    file = open_keypoints(dump(tmp_path / "p.json", document), size=SIZE)
    assert [one.label for one in file.people] == ["0", "1"]
    np.testing.assert_allclose(file.keypoints.xy[..., 0], POINTS[..., 0] * 300, atol=1e-6)


def test_a_left_out_visibility_is_zero(tmp_path):
    document = [frame(0), frame(1)]
    del document[0][5]["visibility"]
    assert read_keypoints(dump(tmp_path / "p.json", document), size=SIZE).score[0, 5] == 0


def test_pixels_and_other_layouts(tmp_path):
    """The number of keypoints determines the layout; pixel coordinates need no size."""
    count = len(LAYOUTS["HALPE26"])
    points = np.column_stack((RNG.uniform(100, 900, (count, 2)), RNG.uniform(0.2, 1, count))).tolist()
    file = open_keypoints(dump(tmp_path / "p.json", [points] * 3))
    assert file.keypoints.layout == "HALPE26" and file.format == "landmark JSON"


def test_table_with_names(tmp_path):
    """A CSV table with MediaPipe's landmark names."""
    names = [n.removesuffix("_knuckle") for n in LAYOUTS["MEDIAPIPE33"].keypoint_names]
    lines = ["frame_id,landmark_name,landmark_id,x,y,z,visibility"]
    lines += [f"{t},{name.upper()},{k},{POINTS[t, k, 0]},{POINTS[t, k, 1]},0,{POINTS[t, k, 2]}"
              for t in range(T) for k, name in enumerate(names)]
    (tmp_path / "p.csv").write_text("\n".join(lines) + "\n")
    keypoints = read_keypoints(tmp_path / "p.csv", size=SIZE)
    np.testing.assert_allclose(keypoints.xy, POINTS[..., :2] * SIZE, atol=1e-6)
    by_name = "\n".join(line.replace("landmark_name", "landmark").replace("landmark_id", "number") for line in lines)
    (tmp_path / "p.csv").write_text(by_name)
    np.testing.assert_allclose(read_keypoints(tmp_path / "p.csv", size=SIZE).xy, keypoints.xy)
    assert read_keypoints(tmp_path / "p.csv", size=SIZE).layout == "MEDIAPIPE33"


def test_partial_bodies_are_refused(tmp_path):
    with pytest.raises(MocapError, match="not a body|ambiguous or unknown"):
        read_keypoints(dump(tmp_path / "p.json", [{"landmarks": frame(0)[11:15]}]), size=SIZE)
    with pytest.raises(MocapError, match="13"):
        read_keypoints(dump(tmp_path / "p.json", [{"landmarks": frame(0)[11:24]}]), size=SIZE)


def test_text_of_a_file_is_made_safe(tmp_path):
    """Control characters, line ends and surrogates of a file never reach a terminal."""
    bad = "a\x1b[2J\n\ud800\u202e"
    entries = [{"image_id": f"{bad}{t}.jpg", "category_id": 1, "idx": bad, "keypoints": [5.0, 6.0, 1.0] * 15}
               for t in range(2)]
    path = tmp_path / "p.json"
    dump(path, entries)
    with pytest.raises(MocapError) as caught:
        read_keypoints(path)
    assert str(caught.value).isprintable()
    entries = [{**entry, "keypoints": (np.arange(51.0) + 1).tolist()} for entry in entries]
    facts = describe(dump(path, entries))
    assert all(text.isprintable() for text in (*facts["notes"], *(person["id"] for person in facts["people"])))
    entries[1]["keypoints"] = [np.inf] * 51
    with pytest.raises(MocapError) as caught:
        read_keypoints(dump(path, entries))
    assert "NaN" in str(caught.value) and str(caught.value).isprintable()


def test_impossible_letters_in_an_array(tmp_path):
    """A damaged text array contains characters beyond Unicode, on which Python itself fails."""
    layout = np.frombuffer(np.array([ord("C"), 0x1000037], "<u4").tobytes(), "<U2").reshape(())
    np.savez(tmp_path / "p.npz", xy=np.ones((2, 17, 2)), score=np.ones((2, 17)), layout=layout)
    with pytest.raises(MocapError, match="invalid characters"):
        read_keypoints(tmp_path / "p.npz")
