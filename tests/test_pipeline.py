"""The capture pipeline: trimming, cameras, progress, cancelling, refitting without inference."""

from dataclasses import replace

import numpy as np
import pytest

from anatomy_mocap import pipeline
from anatomy_mocap.animation.animate import animate
from anatomy_mocap.core.camera import Camera
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoints import Keypoints2D
from anatomy_mocap.core.progress import Progress, drain
from anatomy_mocap.core.take import take_problem
from anatomy_mocap.fitting import fit_to_picture
from anatomy_mocap.fitting.floor_plane import find_world, level
from anatomy_mocap.pipeline import trim
from anatomy_mocap.settings import CaptureSettings
from anatomy_mocap.touch import find_touches

pytest.importorskip("onnxruntime")


def clip(frames=20, seen=slice(None)):
    score = np.zeros((frames, 17))
    score[seen] = 0.9
    xy = np.random.default_rng(0).uniform(100, 400, (1, 17, 2)).repeat(frames, axis=0)
    return Keypoints2D(xy, score, "COCO17", 25.0, np.arange(frames) / 25, 640, 480)


def keypoint_file(folder):
    path, keypoints = folder / "clip.npz", clip(30)
    np.savez(path, xy=keypoints.xy, score=keypoints.score, layout="COCO17", fps=25.0, width=640, height=480)
    return path


def test_trim_cuts_the_empty_ends_and_says_so():
    warnings = []
    short = trim(clip(20, slice(3, 15)), warnings)
    assert len(short) == 12 and short.times[0] == pytest.approx(3 / 25)
    assert "first 3" in warnings[0] and "last 5" in warnings[0]


def test_trim_keeps_gaps_and_says_so():
    keypoints = clip(20)
    keypoints.score[8:11] = 0
    warnings = []
    assert len(trim(keypoints, warnings)) == 20
    assert "3 frames in between" in warnings[0]


def test_nobody_at_all_is_an_error():
    with pytest.raises(MocapError, match="no keypoint"):
        trim(clip(5, slice(0)), [])


def test_a_gap_gets_confidence_zero_and_a_finite_pose():
    keypoints = clip(40)
    keypoints.score[15:25] = 0
    info = {"warnings": [], "seconds": {}}
    take = drain(pipeline.lift_keypoints(keypoints, Camera.from_fov(640, 480), CaptureSettings(), info))
    assert np.isfinite(take.joint_positions("world")).all()
    assert take.confidence[20].max() == 0 and take.confidence[5].max() > 0.5


def test_a_take_has_contacts_and_without_the_model_a_warning(monkeypatch):
    def lifted(info):
        return drain(pipeline.lift_keypoints(clip(30), Camera.from_fov(640, 480), CaptureSettings(), info))

    take = lifted({"warnings": [], "seconds": {}})
    assert take.contacts.shape == (30, 10) and take_problem(take) == ""

    def missing(take):
        raise MocapError("contacts.onnx: the model is missing; install the add-on again")
    monkeypatch.setattr(find_touches, "with_touches", missing)
    info = {"warnings": [], "seconds": {}}
    take = lifted(info)
    assert take.contacts is None and "found by rule alone (contacts.onnx" in take.info["warnings"][-1]


def test_what_jumps_is_left_out_and_said():
    keypoints = clip(40)
    keypoints.xy[20] += 900
    info = {"warnings": [], "seconds": {}}
    camera = Camera.from_fov(640, 480)
    take = drain(pipeline.lift_keypoints(keypoints, camera, CaptureSettings(), info))
    clean = drain(pipeline.lift_keypoints(clip(40), camera, CaptureSettings(), {"warnings": [], "seconds": {}}))
    assert any("17 keypoints jump away" in warning for warning in info["warnings"])
    np.testing.assert_array_equal(take.keypoints.xy, keypoints.xy)
    others = np.delete(np.arange(40), [20])
    off = np.linalg.norm((take.directions - clean.directions)[others], axis=-1)
    assert off.mean() < 0.02 and np.isfinite(take.directions).all()


def test_frames_that_show_nobody_have_no_say_in_the_tilt(monkeypatch):
    """Most of the clip shows nobody. The network's outputs there must not change the up direction."""
    keypoints = clip(60)
    keypoints.score[10:50] = 0
    heard = []

    def listening(positions, up, *others):
        heard.append(len(up))
        return level(positions, up, *others)

    monkeypatch.setattr(fit_to_picture, "level", listening)
    monkeypatch.setattr(fit_to_picture, "find_world", lambda *given: heard.append(len(given[1])) or find_world(*given))
    drain(pipeline.lift_keypoints(keypoints, Camera.from_fov(640, 480), CaptureSettings(), {"warnings": [],
                                                                                           "seconds": {}}))
    assert set(heard) == {20}


def test_progress_reaches_the_end_and_stopping_early_is_quiet(tmp_path):
    path = keypoint_file(tmp_path)
    heard = []
    take = drain(pipeline.capture(path), heard.append)
    stages = [*dict.fromkeys(p.stage for p in heard)]
    assert stages == ["read", "lift", "fit", "lift again", "fit again"] and heard[-1].fraction == 1.0
    for stage in stages:
        fractions = [p.fraction for p in heard if p.stage == stage]
        assert fractions == sorted(fractions) and fractions[0] < 0.1 and fractions[-1] > 0.9, stage
    overall = [p.overall for p in heard]
    assert overall == sorted(overall) and overall[-1] == 1.0
    assert len(take) == 30 and "field of view" in " ".join(take.info["warnings"])
    steps = pipeline.capture(path)
    next(steps)
    steps.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clip.npz"]


def test_a_given_lens_is_used():
    info = {"warnings": []}
    assert pipeline._camera(clip(), CaptureSettings(focal=700), info).focal == 700
    assert np.degrees(pipeline._camera(clip(), CaptureSettings(fov=np.radians(40)), info).fov) == pytest.approx(40)
    assert info["warnings"] == []
    with pytest.raises(MocapError, match="only one"):
        CaptureSettings(fov=1.0, focal=700)


def test_the_limits_that_a_refusal_names_may_be_given():
    for settings in ({"fps": 1000.0}, {"height": 3.0}, {"height": 0.3}):
        CaptureSettings(**settings)
    for settings in ({"fps": 1000.1}, {"fps": 0.0}, {"height": 3.1}, {"fov": np.pi}, {"focal": np.inf},
                     {"fps": np.nan}):
        with pytest.raises(MocapError, match=next(iter(settings))):
            CaptureSettings(**settings)


@pytest.mark.parametrize(("degrees", "told"), [(125, False), (135, True)])
def test_a_field_of_view_that_few_lenses_have_is_told(tmp_path, degrees, told):
    path = keypoint_file(tmp_path)
    take = drain(pipeline.capture(path, CaptureSettings(fov=np.radians(degrees), device="cpu")))
    assert (f"{degrees} degrees" in " ".join(take.info["warnings"])) == told


def test_scores_out_of_range_are_brought_in():
    keypoints = clip(30)
    bad, good = keypoints.score.copy(), keypoints.score.copy()
    for frames, point, value, counts in ((slice(0, 30, 7), 3, np.nan, 0), (slice(0, 30, 9), 10, -100.0, 0),
                                         (slice(0, 30, 4), 12, 100.0, 1)):
        bad[frames, point], good[frames, point] = value, counts
    found = [drain(pipeline.lift_keypoints(replace(keypoints, score=score), Camera.from_fov(640, 480),
                                           CaptureSettings(device="cpu"), {"warnings": [], "seconds": {}}))
             for score in (bad, good)]
    np.testing.assert_array_equal(found[0].joint_positions("world"), found[1].joint_positions("world"))
    assert found[0].keypoints.score.min() >= 0 and found[0].keypoints.score.max() <= 1


def test_retuning_needs_no_inference(monkeypatch):
    info = {"warnings": [], "seconds": {}}
    take = drain(pipeline.lift_keypoints(clip(40), Camera.from_fov(640, 480), CaptureSettings(), info))
    import anatomy_mocap.lifting.lift as lift

    monkeypatch.setattr(lift, "lift", lambda *_, **__: pytest.fail("inference ran again"))
    plain, smooth, grounded = animate(take), animate(take, 0.2), animate(take, 0.2, 1.0)
    np.testing.assert_allclose(plain.directions[:, 1:], take.directions[:, 1:] @ take.world_from_camera[:3, :3].T,
                               atol=1e-6)
    for motion in (smooth, grounded):
        joints = motion.joint_positions()
        lengths = np.linalg.norm(joints[:, 1:] - joints[:, list(take.parents[1:])], axis=-1)
        np.testing.assert_allclose(lengths, np.tile(take.bone_lengths[1:], (len(take), 1)), atol=1e-9)


def test_progress_without_a_total_has_no_fraction():
    assert Progress("detect", 5, 0).fraction == 0.0 and Progress("detect", 5, 10).fraction == 0.5


def test_exact_asked_of_a_video_is_told(monkeypatch, tmp_path):
    def tracked(*_):
        yield Progress("look", 1, 1)
        return [pipeline._Seen("", clip())]

    monkeypatch.setattr(pipeline, "_track", tracked)
    warned = [drain(pipeline.capture(tmp_path / "walk.mp4", CaptureSettings(exact=exact))).info["warnings"]
              for exact in (True, False)]
    assert ["exact keypoints" in " ".join(lines) for lines in warned] == [True, False]


class _Film:
    """A film as the pipeline opens it, without pictures."""

    warnings: list = []

    def __init__(self, own_times):
        self.own_times = own_times

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@pytest.mark.parametrize(("own_times", "given", "rate"), [(True, {}, 200.0), (True, {"fps": 50.0}, 50.0),
                                                          (False, {"fps": 25.0}, 200.0)])
def test_a_film_in_slow_motion_gets_its_true_speed(monkeypatch, tmp_path, own_times, given, rate):
    """It plays at 25 and was filmed at 200. A rate that is given resamples a film with times of its own."""
    from anatomy_mocap.people import watch
    from anatomy_mocap.sources import video

    def tracked(*_, **__):
        yield Progress("detect", 0, 1)
        return watch.Clip((watch.Watched("A", clip(41), (), np.zeros((41, 33, 3))),), "cpu")

    monkeypatch.setattr(watch, "watch", tracked)
    monkeypatch.setattr(video, "open_video", lambda *_, **__: _Film(own_times))
    info = {"warnings": [], "seconds": {}}
    settings = CaptureSettings(shot_fps=200.0, unit="shares", **given)
    (_, found, _), = drain(pipeline._read(tmp_path / "walk.mp4", settings, info))
    assert found.fps == rate and found.times[-1] == pytest.approx(40 / 200)
    assert any("8 times as fast" in note for note in info["warnings"])
    assert any("unit: given for keypoint files" in note for note in info["warnings"])


def test_a_keypoint_file_in_slow_motion_keeps_each_frame(tmp_path):
    info = {"warnings": [], "seconds": {}}
    (_, found, _), = drain(pipeline._read(keypoint_file(tmp_path), CaptureSettings(fps=30.0, shot_fps=240.0), info))
    assert len(found) == 30 and found.fps == pytest.approx(240) and found.times[-1] == pytest.approx(29 / 240)


def test_a_keypoint_file_has_no_fingers_and_that_is_said(tmp_path):
    take = drain(pipeline.capture(keypoint_file(tmp_path), CaptureSettings(fingers=True)))
    assert take.finger_points is None
    assert any("fingers are captured from videos only" in note for note in take.info["warnings"])


def test_one_take_is_not_everybody(tmp_path):
    with pytest.raises(MocapError, match='clip.npz: person "all" gives a take of each person; use capture_everybody'):
        drain(pipeline.capture(keypoint_file(tmp_path), CaptureSettings(person="all")))
    (label, take), = drain(pipeline.capture_everybody(keypoint_file(tmp_path), CaptureSettings(person="all")))
    assert label == "A" and take.info["person"] == "A"


@pytest.mark.parametrize("hands", [False, True])
def test_the_bar_of_several_people_never_falls(hands):
    """Each person is lifted after the other; together they fill the bar once, with the hands at the end."""
    run = pipeline._Run(hands)

    def steps():
        yield Progress("look", 1, 2)
        yield Progress("detect", 2, 2)
        run.people = 3
        for run.person in range(3):
            for stage in ("lift", "fit", "lift again", "fit again"):
                yield Progress(stage, 0, 2)
                yield Progress(stage, 2, 2)
        if hands:
            yield Progress("hands", 1, 2)
            yield Progress("hands", 2, 2)

    seen = []
    drain(run.with_overall(steps()), lambda step: seen.append(step.overall))
    assert seen == sorted(seen) and seen[-1] == pytest.approx(1)
