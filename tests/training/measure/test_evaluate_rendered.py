"""The lifter, and the detector, measured on rendered clips."""

from dataclasses import replace

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import LAYOUTS
from anatomy_mocap.core.skeleton import MOCAP22
from tests.support.rendered_clips import rendered_clip
from training.measure import evaluate_rendered
from training.measure.evaluate_rendered import EvaluateRenderedSettings
from training.measure.measure_detector import MeasureSettings, measure
from training.mocap.dataset import directions_of
from training.rendered_people.clip_file import save_clip
from training.rendered_people.clip_plan import CAMERAS

J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}
JUDGES = {"measure-detector": (measure, MeasureSettings),
          "evaluate-rendered": (evaluate_rendered.evaluate_rendered, EvaluateRenderedSettings)}


@pytest.mark.parametrize(("command", "says"), [("measure-detector", "not seen in 41 frames"),
                                               ("evaluate-rendered", "1 clips, 39 frames")])
def test_clips_without_anybody_are_refused(command, says, tmp_path):
    """They are ignored beside a clip with a person."""
    judge, settings = JUDGES[command]
    clip = replace(rendered_clip(40), about={"kind": "mocap", "shape": 0, "view": vars(CAMERAS[0])})
    save_clip(tmp_path / "00000.npz", replace(clip, scores=np.zeros_like(clip.scores)))
    with pytest.raises(MocapError, match=f"{tmp_path}: .* detected .* render-sheet"):
        judge(settings(str(tmp_path)), lambda line: None)
    save_clip(tmp_path / "00001.npz", clip)
    said = []
    judge(settings(str(tmp_path)), said.append)
    assert says in "\n".join(said)


@pytest.mark.parametrize("command", JUDGES)
@pytest.mark.parametrize(("option", "value"), [("out", "nowhere/results"), ("out", "."), ("clips", -1)])
def test_settings_of_a_judge_are_looked_at_first(command, option, value, tmp_path):
    """The check precedes all reading, since there are no clips here."""
    judge, settings = JUDGES[command]
    with pytest.raises(MocapError, match=f"--{option}"):
        judge(settings(str(tmp_path), **{option: str(tmp_path / value) if option == "out" else value}))


def test_errors_are_zero_for_the_truth_and_grow_as_they_should():
    clip = rendered_clip(8)
    true = clip.in_camera()[:, :22]
    directions = directions_of(true)
    zero = evaluate_rendered.joint_errors(true + 5.0, directions, clip)
    assert all(value == pytest.approx(0, abs=1e-6) for value in zero.values())
    # Limbs a tenth too long all over: nothing is left after a similarity alignment.
    larger = evaluate_rendered.joint_errors(1.1 * true, directions, clip)
    assert larger["p_mpjpe"] == pytest.approx(0, abs=1e-6) and larger["mpjpe"] > 20
    twelve = [0, *evaluate_rendered.TWELVE]
    off = np.linalg.norm(0.1 * (true[1:, twelve[1:]] - true[1:, :1]), axis=-1).mean()
    assert larger["mpjpe_12"] == pytest.approx(1000 * off)


def test_the_rival_is_judged_on_the_same_joints():
    clip = rendered_clip(8)
    names = LAYOUTS["MEDIAPIPE33"].keypoint_names
    rival = np.zeros((8, 33, 3))
    joints = clip.in_camera()
    for joint in evaluate_rendered.TWELVE:
        rival[:, names.index(MOCAP22.joint_names[joint])] = joints[:, joint] - joints[:, 0]
    found = evaluate_rendered.rival_errors(replace(clip, rival=rival))
    hips = (joints[:, J["left_hip"]] + joints[:, J["right_hip"]]) / 2
    np.testing.assert_allclose(hips, joints[:, 0], atol=0.02)
    assert found["rival_p_mpjpe_12"] == pytest.approx(0, abs=1e-6) and found["rival_mpjpe_12"] < 20
    rival[:, names.index("left_knee"), 2] += 0.12
    found = evaluate_rendered.rival_errors(replace(clip, rival=rival))
    assert found["rival_mpjpe_12"] == pytest.approx(10, abs=3)  # 120 mm on one joint of twelve
    assert 5 < found["rival_p_mpjpe_12"] < 20


def test_clips_are_grouped():
    clips = [replace(rendered_clip(), about={"kind": kind, "view": {"yaw": yaw, "pitch": 5, "roll": 0, "fov": 50}},
                     subject=subject) for kind, yaw, subject in (("sit", 0, 86), ("sit", 60, 9), ("lie", 0, 9))]
    found = evaluate_rendered.groups(clips)
    assert found["all"] == [0, 1, 2] and found["sit"] == [0, 1] and found["subject 9"] == [1, 2]
    assert found["camera 0, 5 down, roll 0, 50 wide"] == [0, 2]
