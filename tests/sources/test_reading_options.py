"""What a user says of a keypoint file that the file cannot say: units, third values, clips, slow motion, pauses."""

from __future__ import annotations

import json

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import LAYOUTS
from anatomy_mocap.core.keypoints import as_filmed, even_rate_steps
from anatomy_mocap.core.progress import drain
from anatomy_mocap.settings import READING, CaptureSettings, options_of
from anatomy_mocap.sources.keypoint_checks import THIRD
from anatomy_mocap.sources.keypoint_file import Reading, describe, open_keypoints, read_keypoints
from anatomy_mocap.sources.keypoint_units import UNITS
from tests.support.keypoint_cases import FPS, H, T, W, figure

SIZE = (W, H)
REAL = figure("COCO17")


def save(path, xy, score=None, **more):
    np.savez(path, xy=xy, **({} if score is None else {"score": score}), **{"layout": "COCO17", **more})
    return path


def test_readings_and_settings_agree():
    fields = {name: (default, option) for name, default, option in options_of(CaptureSettings)}
    assert set(READING) == set(Reading.__dataclass_fields__) <= set(fields)
    assert all(fields[name][0] == getattr(Reading(), name) for name in READING)
    for name, allowed in (("unit", UNITS), ("third", THIRD)):
        assert [choice.value for choice in fields[name][1].choices] == list(allowed)
        with pytest.raises(MocapError, match="choose one of"):
            Reading(**{name: "inches"})


@pytest.mark.parametrize("unit, numbers", [
    ("shares", REAL[..., :2] / SIZE), ("percent", REAL[..., :2] / SIZE * 100),
    ("centred", REAL[..., :2] / SIZE * 2 - 1), ("screen", REAL[..., :2] / W * 2 - [1, H / W]),
    ("pixels", REAL[..., :2])])
def test_units(tmp_path, unit, numbers):
    path = save(tmp_path / "x.npz", numbers, REAL[..., 2])
    file = open_keypoints(path, unit=unit, size=SIZE)
    np.testing.assert_allclose(file.keypoints.xy, REAL[..., :2], atol=1e-6)
    assert any("as given" in note for note in file.notes)
    if unit != "pixels":
        with pytest.raises(MocapError, match="size"):
            read_keypoints(path, unit=unit)
    wrong = "shares" if unit in ("pixels", "percent") else "pixels"
    with pytest.raises(MocapError, match="so they are not"):
        read_keypoints(path, unit=wrong, size=SIZE)


def test_numbers_below_100_may_be_percent(tmp_path):
    file = open_keypoints(save(tmp_path / "x.npz", REAL[..., :2] / SIZE * 100, REAL[..., 2]), size=SIZE)
    assert any("give the unit percent" in note for note in file.notes)


def test_negative_numbers_name_the_units(tmp_path):
    with pytest.raises(MocapError, match="centred or screen"):
        read_keypoints(save(tmp_path / "x.npz", REAL[..., :2] / SIZE * 2 - 1.01, REAL[..., 2]), size=SIZE)


def test_slow_motion(tmp_path):
    """Filmed at 240, plays at 30: the same frames, eight times as fast."""
    path = save(tmp_path / "x.npz", REAL[..., :2], REAL[..., 2], fps=30)
    played, shot = open_keypoints(path), open_keypoints(path, shot_fps=240)
    assert shot.keypoints.fps == pytest.approx(240) and len(shot.keypoints) == T
    np.testing.assert_allclose(shot.keypoints.times * 8, played.keypoints.times)
    assert any("8 times as fast" in note for note in shot.notes)
    given = open_keypoints(path, fps=60, shot_fps=240).keypoints
    np.testing.assert_allclose(given.times, np.arange(T) / 240)
    np.testing.assert_array_equal(drain(even_rate_steps(shot.keypoints)).xy, shot.keypoints.xy)
    film = as_filmed(played.keypoints, 120)
    assert film.fps == 120 and film.times[-1] == pytest.approx((T - 1) / 120)
    for value in (0, -1, np.nan, "fast"):
        with pytest.raises(MocapError, match="rate of the shot"):
            read_keypoints(path, shot_fps=value)


def test_slow_motion_of_every_second_frame_and_of_times(tmp_path):
    stepped = [{"frame_id": 2 * t, "instances": [{"keypoints": REAL[t, :, :2].tolist(), "keypoint_scores": [1] * 17}]}
               for t in range(T)]
    (tmp_path / "x.json").write_text(json.dumps(stepped))
    clip = read_keypoints(tmp_path / "x.json", fps=25, shot_fps=100)
    np.testing.assert_allclose(clip.times, np.arange(T) / 50)
    assert clip.fps == pytest.approx(50)
    timed = save(tmp_path / "t.npz", REAL[..., :2], REAL[..., 2], times=np.arange(T) / FPS)
    np.testing.assert_allclose(read_keypoints(timed, shot_fps=100).times, np.arange(T) / 100)


def videopose(path):
    """S1 and S9 with two actions of two cameras each; the camera's number shifts x."""
    positions, shift = {}, 0
    for subject in ("S1", "S9"):
        positions[subject] = {}
        for action in ("Walking", "Sitting Down"):
            clips = []
            for _ in range(2):
                clips.append((REAL[..., :2] + [10 * shift, 0]).astype("f4"))
                shift += 1
            positions[subject][action] = clips
    np.savez(path, positions_2d=positions, metadata={"layout_name": "coco"})
    return path


@pytest.mark.parametrize("clip, number", [
    (None, 0), ("S1/Walking/0", 0), ("s9/sitting down/1", 7), ("5", 5), (3, 3), ("S9/Walking/1", 5),
    ("sitting down/1", None), ("S7", None), ("8", None), ("walk", None)])
def test_clip_of_videopose3d(tmp_path, clip, number):
    path = videopose(tmp_path / "data_2d_x.npz")
    if number is None:
        with pytest.raises(MocapError, match="clips of the file are meant"):
            open_keypoints(path, clip=clip)
        return
    file = open_keypoints(path, clip=clip)
    np.testing.assert_allclose(file.keypoints.xy[0, 0, 0], REAL[0, 0, 0] + 10 * number, atol=1e-3)
    assert len(file.clips) == 8 and any(file.clips[number] in note for note in file.notes)
    assert describe(path)["clips"][7] == "S9/Sitting Down/1"


def test_camera_of_freemocap(tmp_path):
    """Cameras by number, also where the array holds the body's points alone."""
    points = np.stack([figure()[..., :2] + 10 * camera for camera in range(3)])
    wide = np.full((3, T, 553, 2), np.nan)
    wide[:, :, :33] = points
    for array in (wide, points):
        path = tmp_path / "mediapipe_2dData_numCams_numFrames_numTrackedPoints_pixelXY.npy"
        np.save(path, array)
        for clip, camera in ((None, 0), ("2", 2), ("camera 1", 1)):
            file = open_keypoints(path, clip=clip)
            np.testing.assert_allclose(file.keypoints.xy[0, 0], points[camera, 0, 0])
            assert len(file.keypoints) == T and any(f"camera {camera} is read" in note for note in file.notes)
        with pytest.raises(MocapError, match="cameras of the file are meant"):
            read_keypoints(path, clip="3")


def test_a_clip_of_a_file_with_one(tmp_path):
    with pytest.raises(MocapError, match="one clip"):
        read_keypoints(save(tmp_path / "x.npz", REAL[..., :2], REAL[..., 2]), clip="1")
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(MocapError, match="one clip"):
        read_keypoints(tmp_path / "x.json", clip="1")


def third(kind):
    rng, t = np.random.default_rng(0), np.arange(T)[:, None]
    joint = np.arange(17)[None] / 17
    return {"smooth": 0.6 + 0.2 * np.sin(t / 6 + joint) + 0.1 * joint, "low": rng.uniform(0.05, 0.3, (T, 17)),
            "one depth": 0.7 + rng.normal(0, 0.01, (T, 17)), "scores": REAL[..., 2],
            "sure": np.clip(rng.normal(0.97, 0.02, (T, 17)), 0, 1), "flags": np.full((T, 17), 1.0),
            "noisy": rng.beta(6, 2, (T, 17)), "negative": rng.uniform(-0.2, 0.1, (T, 17)),
            "metres": rng.uniform(2, 3, (T, 17))}[kind]


@pytest.mark.parametrize("form", ["npz", "npy", "json"])
@pytest.mark.parametrize("kind, want", [
    ("smooth", None), ("low", None), ("one depth", None), ("scores", "score"), ("sure", "score"), ("flags", "score"),
    ("noisy", "score"), ("negative", "depth"), ("metres", "depth")])
def test_third_values(tmp_path, form, kind, want):
    array, path = np.concatenate((REAL[..., :2], third(kind)[..., None]), axis=-1), tmp_path / f"x.{form}"
    if form == "npz":
        save(path, array)
    elif form == "npy":
        np.save(path, array)
    else:
        path.write_text(json.dumps([{"landmarks": rows} for rows in array.tolist()]))
    for given in ("auto", "score", "depth"):
        kept = want if given == "auto" else given
        if kept is None:
            with pytest.raises(MocapError, match="--third score"):
                read_keypoints(path, layout="COCO17")
            continue
        score = read_keypoints(path, layout="COCO17", third=given).score
        np.testing.assert_allclose(score, 1 if kept == "depth" else np.clip(third(kind), 0, 1))


def test_low_scores_with_zeros_at_missing_keypoints(tmp_path):
    array = np.concatenate((REAL[..., :2], third("low")[..., None]), axis=-1)
    array[3, 4:9] = 0
    np.testing.assert_allclose(read_keypoints(save(tmp_path / "x.npz", array)).score, array[..., 2])


@pytest.mark.parametrize("array", [REAL[..., 0] + 1j * REAL[..., 1], REAL[..., :2].astype(complex),
                                   REAL[..., :2].astype("M8[s]"), REAL[..., :2].astype(str)])
def test_numbers_that_are_not_real(tmp_path, array):
    np.savez(tmp_path / "x.npz", xy=array, layout="COCO17")
    np.save(tmp_path / "x.npy", array)
    for path in (tmp_path / "x.npz", tmp_path / "x.npy"):
        with pytest.raises(MocapError, match="not of real numbers|in place of numbers"):
            read_keypoints(path, layout="COCO17")


def test_scores_that_are_complex(tmp_path):
    with pytest.raises(MocapError, match="score is an array of complex numbers"):
        read_keypoints(save(tmp_path / "x.npz", REAL[..., :2], REAL[..., 2] + 0j))


def test_body_25b(tmp_path):
    """Recognised by the body that it forms; BODY_25 stays BODY_25."""
    for layout in ("BODY25", "BODY25B"):
        real, folder = figure(layout), tmp_path / layout
        folder.mkdir()
        for t in range(T):
            people = [{"pose_keypoints_2d": real[t].ravel().tolist()}]
            (folder / f"a_{t:012d}_keypoints.json").write_text(json.dumps({"people": people}))
        for given in (None, layout):
            clip = read_keypoints(folder, layout=given)
            assert clip.layout == layout
            np.testing.assert_allclose(clip.xy, real[..., :2])
    assert len(LAYOUTS["BODY25B"]) == 25


def timed(path, times, numbers=None):
    frames = [{"timestamp_ms": int(time), "landmarks": [{"x": x / W, "y": y / H, "visibility": s} for x, y, s in
                                                        figure()[t % T].tolist()]} for t, time in enumerate(times)]
    for frame, number in zip(frames, numbers if numbers is not None else (), strict=False):
        frame["frame"] = int(number)
    path.write_text(json.dumps(frames))
    return path


def test_a_pause_of_a_day_is_cut_out(tmp_path):
    steps = np.full(60, 40)
    steps[[30, 45]] = 86_400_000, 5_000
    file = open_keypoints(timed(tmp_path / "x.json", np.cumsum(steps)), size=SIZE)
    assert any("2 pauses of 8.64e+04 s" in note and "cut out" in note for note in file.notes)
    even = drain(even_rate_steps(file.keypoints))
    assert len(even) == 60 and (even.score > 0).all()


def test_a_pause_of_two_seconds_stays_a_gap(tmp_path):
    steps = np.full(60, 40)
    steps[30] = 2000
    file = open_keypoints(timed(tmp_path / "x.json", np.cumsum(steps)), size=SIZE)
    even = drain(even_rate_steps(file.keypoints))
    assert len(even) == 109 and (even.score[32:76] == 0).all()


def test_frame_numbers_that_go_on_show_that_the_film_ran_on(tmp_path):
    numbers = [*range(30), *range(280, 310)]
    file = open_keypoints(timed(tmp_path / "x.json", np.array(numbers) * 40, numbers), size=SIZE)
    assert file.keypoints.times[-1] == pytest.approx(309 * 0.04) and not any("cut out" in note for note in file.notes)


def test_a_given_rate_replaces_times_and_keeps_missing_frames(tmp_path):
    numbers = [*range(10), *range(20, 30)]
    path = timed(tmp_path / "x.json", np.array(numbers) * 40, numbers)
    clip = read_keypoints(path, size=SIZE, fps=50)
    assert len(clip) == 30 and clip.times[-1] == pytest.approx(29 / 50) and (clip.score[10:20] == 0).all()
    with pytest.raises(MocapError, match="not one clip"):
        read_keypoints(timed(path, np.arange(3) * 40, [0, 1, 10**12]), size=SIZE, fps=50)


def test_times_of_an_array(tmp_path):
    for name, values in (("times", np.arange(T) / FPS), ("timestamps", np.arange(T) * 1000 / FPS),
                         ("times", np.arange(T) * 1e6 / FPS), ("timestamp_ms", np.arange(T) * 1000 / FPS)):
        clip = read_keypoints(save(tmp_path / "x.npz", REAL[..., :2], REAL[..., 2], **{name: values}))
        assert clip.fps == pytest.approx(FPS) and clip.times[-1] == pytest.approx((T - 1) / FPS)


@pytest.mark.parametrize("document, words", [
    ([{"people": [{"person_id": [float("inf")], "pose_keypoints_2d": REAL[0].ravel().tolist() + [0] * 24}]}] * 3, None),
    ([{"image_id": i * 10**30, "category_id": 1, "keypoints": REAL[0].ravel().tolist()} for i in range(9)],
     "no frames of one clip"),
    ([{"image_id": i * 1000, "category_id": 1, "keypoints": REAL[0].ravel().tolist()} for i in range(9)],
     "no frames of one clip")])
def test_infinite_ids_and_huge_steps(tmp_path, document, words):
    (tmp_path / "x.json").write_text(json.dumps(document))
    if words is None:
        assert len(read_keypoints(tmp_path / "x.json")) == 3
        return
    with pytest.raises(MocapError, match=words):
        read_keypoints(tmp_path / "x.json")


def test_detectron_without_frames(tmp_path):
    for value in (1.5, [1, [2]], [[[], 3]]):
        np.savez(tmp_path / "x.npz", keypoints=np.array(value, object) if isinstance(value, float) else
                 np.array([*value, None], object)[:-1], boxes=np.array(1.5, object))
        with pytest.raises(MocapError):
            read_keypoints(tmp_path / "x.npz")


def test_a_picture_of_impossible_size(tmp_path):
    with pytest.raises(MocapError, match="states a picture of"):
        read_keypoints(save(tmp_path / "x.npz", REAL[..., :2] / SIZE, REAL[..., 2], width=10**8, height=10**8))
