"""Rendered people: truth, bodies, actions, and the production of a set."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import CANONICAL, LAYOUTS
from anatomy_mocap.core.skeleton import MOCAP22
from tests.support import fake_rendering
from tests.support.small_motion_set import moving, rest_body
from training.measure import evaluate_rendered
from training.measure.evaluate_rendered import EvaluateRenderedSettings
from training.measure.measure_detector import MeasureSettings, beside_table, measure, seen
from training.mocap.act_poses import POSES, STORIES
from training.mocap.dataset import VALIDATION_SUBJECTS, directions_of, load_mocap, split
from training.mocap.made_up_acts import act, seat_of
from training.rendered_people import filming, produce
from training.rendered_people import render_in_parts as parts
from training.rendered_people.body_files import base_mesh, weights
from training.rendered_people.clip_file import RenderedClip, clip_files, load_clip, save_clip
from training.rendered_people.clip_plan import CAMERAS, check_subjects, plan_clip
from training.rendered_people.clothes import ZONES, draw_outfit, dress
from training.rendered_people.contact_sheet import SheetSettings, draw_sheet
from training.rendered_people.motions import Motions, mirror
from training.rendered_people.person import POINTS, Shape, build_person, draw_shape
from training.rendered_people.posing import floor_shift, pose
from training.rendered_people.renew_truth import RenewSettings, renew
from training.rendered_people.scene import read_bmp
from training.rendered_people.visibility import Occlusion

J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}
MAN = Shape(1.0, (0.2, 0.3, 0.5), 0.2, 0.1, 0.1, 1.80)


@pytest.fixture(scope="module")
def folders(shared_data):
    bodies, rig = shared_data / "bodies", shared_data / "rigs" / "mpfb2" / "rig.mixamo.json"
    if not (bodies / "base.obj").is_file() or not rig.is_file():
        pytest.skip("no MakeHuman bodies beside the checkout (shared/data/bodies)")
    return bodies, rig


@pytest.fixture(scope="module")
def man(folders):
    return build_person(MAN, *folders)


@pytest.fixture(scope="module")
def held_out(shared_data):
    return split(load_mocap(shared_data / "mocap" / "cmu17.npz"))


@pytest.fixture(scope="module")
def motions(held_out):
    return Motions(held_out[1])


def at(points, name):
    return points[..., POINTS.index(name), :]


# ---- camera


def test_projection_equals_one_made_by_hand():
    """A level camera 4 m in front of a person facing -Y sees their left on the right, at f / depth pixels a metre."""
    view = filming.View(0, 0, 0, 2 * np.degrees(np.arctan(0.5)), 640, 480)  # focal 640 px
    assert view.focal == pytest.approx(640)
    pose_of_camera = np.eye(4)
    # columns: right, down, forward
    pose_of_camera[:3, :3] = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    pose_of_camera[:3, 3] = (0, -4, 1)
    points = np.array([[[0.5, 0.0, 1.0], [0.0, 0.0, 1.5], [-0.5, 4.0, 0.0]]])
    seen = filming.to_camera(points, pose_of_camera[None])
    np.testing.assert_allclose(seen, [[[0.5, 0, 4], [0, -0.5, 4], [-0.5, 1, 8]]], atol=1e-12)
    np.testing.assert_allclose(filming.project(seen, view.intrinsics), [[[400, 240], [320, 160], [280, 320]]])


@pytest.mark.parametrize("view", [*CAMERAS, filming.View(30, 20, -15, 70, 320, 512, 0.9, True)])
def test_placed_cameras_see_the_person_from_the_side_asked_for(view):
    joints = moving(40, 3)
    world = filming.place(view, joints)
    turn = world[:, :3, :3]
    np.testing.assert_allclose(np.swapaxes(turn, 1, 2) @ turn, np.broadcast_to(np.eye(3), turn.shape), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(turn), 1)
    pixels = filming.project(filming.to_camera(joints, world), view.intrinsics)
    size = np.array([view.width, view.height])
    if not view.follows:
        edge = (1 - view.fill) / 2
        share = pixels / size
        assert share.min() > edge - 1e-6 and share.max() < 1 - edge + 1e-6
        assert np.abs(share - 0.5).max() == pytest.approx(0.5 - edge, abs=1e-6)  # as near as it can
    looks = world[0, :3, 2]
    assert np.degrees(np.arcsin(-looks[2])) == pytest.approx(view.pitch)
    heading = np.degrees(np.arctan2(-looks[1], -looks[0]) - filming.facing(joints))
    assert (heading - view.yaw + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)
    assert np.degrees(np.arcsin(world[0, 2, 0])) == pytest.approx(
        -np.degrees(np.arcsin(np.sin(np.radians(view.roll)) * np.cos(np.radians(view.pitch)))), abs=1e-6)


# ---- body


def test_the_points_lie_where_they_are_on_a_body(man):
    p = dict(zip(POINTS, man.points, strict=True))
    assert p["left_hip"][0] > 0 > p["right_hip"][0] and p["nose"][1] < p["left_ear"][1] < man.height * 0.05
    assert p["left_heel"][1] > p["left_ankle"][1] > p["left_toe"][1]
    np.testing.assert_allclose(p["pelvis"], (p["left_hip"] + p["right_hip"]) / 2)
    shoulders = (p["left_shoulder"] + p["right_shoulder"]) / 2
    np.testing.assert_allclose(shoulders - p["thorax"], (0, 0, 0.03 * MAN.height), atol=1e-9)
    middle = (p["pelvis"] + p["thorax"]) / 2
    np.testing.assert_allclose(p["spine"] - middle, (0, 0.01 * MAN.height, 0), atol=1e-9)
    assert p["thorax"][2] < p["neck"][2] < p["nose"][2] < p["left_eye"][2] < p["head"][2]
    assert p["head"][2] == pytest.approx(MAN.height) and man.vertices[:, 2].min() < 0.02
    for side in ("left", "right"):
        thigh, shank = (np.linalg.norm(p[f"{side}_{a}"] - p[f"{side}_{b}"]) for a, b in (("hip", "knee"),
                                                                                         ("knee", "ankle")))
        assert 0.2 < thigh / MAN.height < 0.3 and 0.2 < shank / MAN.height < 0.3
    mirrored = np.array([POINTS.index(name.replace("left", "?").replace("right", "left").replace("?", "right"))
                         for name in POINTS])
    np.testing.assert_allclose(man.points[mirrored] * (-1, 1, 1), man.points, atol=0.012)


def test_shapes_differ_and_have_the_height_asked_for(folders):
    rng = np.random.default_rng(0)
    for _ in range(3):
        shape = draw_shape(rng)
        person = build_person(shape, *folders)
        assert at(person.points, "head")[2] == pytest.approx(shape.height, abs=0.01)
    heavy, light = (build_person(replace(MAN, weight=w), *folders) for w in (0.9, -0.9))
    skin = np.unique(base_mesh(folders[0]).faces["body"])
    waist = []
    for person in (heavy, light):
        body = person.vertices[skin]
        waist.append(np.ptp(body[(np.abs(body[:, 2] - 1.1) < 0.03) & (np.abs(body[:, 0]) < 0.12), 1]))
    assert waist[0] > waist[1] + 0.02


def test_limbs_point_as_the_motion_does_and_the_points_ride_on_the_skin(man, folders):
    joints = moving(30, 1)
    posed = pose(man, joints)
    points = posed.points(man)
    found, wanted = directions_of(points[:, :22]), directions_of(joints)
    for part in ("knee", "ankle", "elbow", "wrist"):
        for side in ("left", "right"):
            np.testing.assert_allclose(found[:, J[f"{side}_{part}"]], wanted[:, J[f"{side}_{part}"]], atol=1e-6)
    lengths = np.linalg.norm(at(points, "left_knee") - at(points, "left_hip"), axis=-1)
    np.testing.assert_allclose(lengths, np.linalg.norm(at(man.points, "left_knee") - at(man.points, "left_hip")))
    np.testing.assert_allclose(np.linalg.det(posed.rotations), 1, atol=1e-6)
    surface = dress(man, draw_outfit(np.random.default_rng(0), 1.0), folders[0])
    skin = posed.vertices(man, surface.rest, surface.used)
    nearest = np.linalg.norm(skin - at(points, "nose")[:, None].astype(np.float32), axis=-1).min(axis=1)
    assert nearest.max() < 0.005  # the nose's tip is a vertex and stays one


def test_a_mirrored_motion_gives_a_mirrored_body(man):
    joints = moving(20, 2)
    one, other = (at(pose(man, each).points(man), "left_wrist") for each in (joints, mirror(joints)))
    back = at(pose(man, joints).points(man), "right_wrist")
    np.testing.assert_allclose(other * (-1, 1, 1), back, atol=0.03)  # the mesh is symmetric to a centimetre
    assert np.abs(one - back).max() > 0.1


def test_surfaces_are_clothed(man, folders):
    outfit = replace(draw_outfit(np.random.default_rng(0), 1.0), sleeve=0.6, leg=0.97, stripes=False)
    surface = dress(man, outfit, folders[0])
    assert surface.faces.max() < len(surface.used) and len(surface.colours) == len(surface.faces)
    centre = surface.rest[surface.faces].mean(axis=1)
    chest = (np.abs(centre[:, 2] - 1.25) < 0.04) & (np.abs(centre[:, 0]) < 0.1)
    shirt = outfit.colours[ZONES.index("shirt")]
    assert chest.any()
    np.testing.assert_allclose(surface.colours[chest], np.broadcast_to(shirt, (chest.sum(), 3)), atol=0.2)


def test_floor_is_touched_and_not_sunk_into():
    vertices = np.zeros((30, 2, 3), dtype=np.float32)
    vertices[..., 2] = 0.3 + 0.2 * np.sin(np.arange(30) / 4)[:, None]
    always = vertices[..., 2].min(axis=1) + floor_shift(vertices, True)
    once = vertices[..., 2].min(axis=1) + floor_shift(vertices, False)
    assert np.abs(always).max() < 0.02
    assert once.min() > -0.02 and once.max() > 0.3


def with_forearm(forward: float) -> np.ndarray:
    """Return a person (2, 22, 3) facing -Y with the left forearm across the belly, or behind the back for `forward` -1.
    The other arm hangs."""
    joints, _ = rest_body(2)
    lengths = np.linalg.norm(joints[0] - joints[0, list(MOCAP22.parents)], axis=-1)
    for name, towards in (("left_elbow", (0.25, -0.3 * forward, -1)), ("left_wrist", (-1, -0.42 * forward, -0.15)),
                          ("left_knuckle", (-1, -0.1 * forward, 0)),
                          *((f"right_{part}", (-0.3, 0, -1)) for part in ("elbow", "wrist", "knuckle"))):
        joints[:, J[name]] = (joints[:, MOCAP22.parents[J[name]]]
                              + lengths[J[name]] * np.array(towards) / np.linalg.norm(towards))
    return joints


@pytest.mark.parametrize("forward", [1, -1])
@pytest.mark.parametrize(("yaw", "from_behind"), [(0, False), (180, True)])
def test_what_hides_what(man, folders, forward, yaw, from_behind):
    """The trunk hides the hand behind it, the forearm the trunk's middle behind it, and the head its face."""
    surface = dress(man, draw_outfit(np.random.default_rng(0), 1.0), folders[0])
    posed = pose(man, with_forearm(forward))
    points, body = posed.points(man), posed.vertices(man, surface.rest, surface.used)
    world = filming.place(filming.View(yaw, 5, 0, 50, 640, 480), points)
    seen = filming.to_camera(body.astype(float), world)[0], filming.to_camera(points, world)[0]
    found = dict(zip(POINTS, Occlusion(man, surface.used).hidden(*seen), strict=True))
    across = (forward < 0) == from_behind  # the forearm is on the camera's side
    assert found["left_wrist"] == found["left_knuckle"] == (not across)
    assert found["spine"] == across
    assert found["nose"] == found["left_eye"] == from_behind
    assert not found["right_wrist"] and not found["left_knee"]


def test_the_trunk_points_on_a_body_as_in_the_motion_set(man, motions):
    """Rendered people and the simulator define joints alike: they differ by few degrees on average."""
    positions = motions.positions(motions.mocap.names.index("86_01"), 0, 60, 20)
    found, wanted = directions_of(pose(man, positions).points(man)[:, :22]), directions_of(positions)
    angle = np.degrees(np.arccos(np.clip((found * wanted).sum(-1), -1, 1))).mean(axis=0)
    for name, most in (("spine", 5), ("thorax", 6), ("nose", 6), ("left_shoulder", 14), ("right_shoulder", 14)):
        assert angle[J[name]] < most, name


# ---- acts


@pytest.mark.parametrize("kind", list(STORIES))
def test_acts_are_what_they_are_called(kind):
    assert {name for story in STORIES[kind] for name in story} <= set(POSES)
    recorded = moving(100, 0)
    for seed in range(4):
        joints = act(np.random.default_rng(seed), kind, recorded, 25.0)
        assert joints.shape == recorded.shape and np.isfinite(joints).all()
        assert np.linalg.norm(np.diff(joints, axis=0), axis=-1).max() < 0.16  # 4 m/s
        assert joints[..., 2].min() == pytest.approx(0, abs=1e-9)
        height = joints[:, J["head"], 2].min()
        assert height < {"sit": 1.45, "kneel": 1.45, "lie": 1.0}[kind]


def test_a_stool_stands_below_whoever_sits_high():
    points, vertices = np.zeros((3, 28, 3)), np.zeros((3, 4, 3))
    points[:, 0, 2] = (0.9, 0.55, 0.9)
    vertices[..., 2] = 0.46
    x, y, top, half = seat_of(points, vertices)
    assert (x, y, top) == pytest.approx((0, 0, 0.45)) and half > 0.1
    points[1, 0, 2] = 0.1
    assert seat_of(points, vertices * 0.1) is None


# ---- sets


def test_plans_do_not_depend_on_what_was_made_before(motions):
    first = plan_clip("validation", 7, 1, motions, 80)
    plan_clip("validation", 3, 1, motions, 80)
    again = plan_clip("validation", 7, 1, motions, 80)
    assert first.described() == again.described() and first.first == again.first
    assert plan_clip("validation", 8, 1, motions, 80).first != first.first
    numbers = range(66)
    pairs = {(int(motions.mocap.subject[plan_clip("validation", n, 1, motions, 80).clip]), n % 6) for n in numbers}
    assert len(pairs) == len(VALIDATION_SUBJECTS) * len(CAMERAS)


def test_subjects_are_not_mixed(held_out):
    train, validation = (Motions(each) for each in held_out)
    check_subjects("train", train)
    check_subjects("poses", validation)
    with pytest.raises(MocapError, match="does not belong"):
        check_subjects("train", validation)


def made_up(frames: int = 5, motion: int = 0) -> RenderedClip:
    rng = np.random.default_rng(0)
    keypoints, scores = rng.uniform(0, 400, (frames, 33, 2)), rng.uniform(0.1, 1, (frames, 33))
    scores[0] = 0
    view = CAMERAS[0]
    points = moving(frames, motion)
    points = np.concatenate([points, points[:, :6]], axis=1)
    world = filming.place(view, points)
    return RenderedClip(keypoints, scores, rng.normal(size=(frames, 33, 3)), np.arange(frames) / 25,
                        np.array([view.width, view.height]), view.intrinsics, world, points,
                        filming.project(filming.to_camera(points, world), view.intrinsics),
                        np.zeros((frames, 28), bool), np.array(POINTS), np.ones(22), 1.8, 86, "86_01",
                        np.arange(frames, dtype=float), {"kind": "mocap", "shape": {"male": 1.0}})


def test_clips_come_back_from_their_file(tmp_path):
    clip = made_up()
    save_clip(tmp_path / "00000.npz", clip)
    (path,) = clip_files(tmp_path)
    back = load_clip(path)
    for name in ("keypoints", "scores", "rival", "times", "world_from_camera", "points", "hidden", "lengths"):
        np.testing.assert_array_equal(getattr(back, name), getattr(clip, name))
    assert back.about == clip.about and back.subject == 86 and back.motion == "86_01"
    np.testing.assert_array_equal(back.detected, [False, True, True, True, True])
    np.testing.assert_allclose(back.camera.project(back.in_camera()), back.points_px)
    np.testing.assert_allclose(np.einsum("tij,tj->ti", back.world_from_camera[:, :3, :3], back.up)[:, 2], 1)
    assert back.canonical().fps == pytest.approx(25)
    with pytest.raises(MocapError, match="no rendered clips"):
        clip_files(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "broken",
    [
        lambda path: path.write_bytes(b"no npz"),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-400]),
        lambda path: path.write_bytes(path.read_bytes()[:3000] + b"other" + path.read_bytes()[3005:]),
        lambda path: np.save(path.open("wb"), np.zeros(3)),
        lambda path: np.savez(path, times=np.arange(3)),
        lambda path: rewritten(path, about="no JSON"),
        lambda path: rewritten(path, about="[1, 2]"),
        lambda path: rewritten(path, height=np.ones(3)),
    ],
    ids=["text", "empty", "cut off", "damaged", "one array", "other arrays", "about", "a list", "heights"])
def test_a_broken_clip_is_named(tmp_path, broken):
    """The message has a remedy, since `render` keeps all existing files."""
    path = tmp_path / "00007.npz"
    save_clip(path, made_up())
    broken(path)
    with pytest.raises(MocapError, match="00007.npz: not a rendered clip, or a broken .* take it out of the folder"):
        load_clip(path)


def rewritten(path, **changed) -> None:
    """Rewrite values in a clip's file; None removes a value."""
    with np.load(path) as data:
        values = {name: data[name] for name in data.files} | changed
    np.savez(path, **{name: value for name, value in values.items() if value is not None})


END = {"strategy": "VERTEX", "vertex_indices": [0]}
BODY_FILES = {"base.obj": "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\ng body\nf 1/1 2/2 3/3 4/4\n",
              "weights.mixamo.json": json.dumps({"weights": {"mixamorig:Hips": [[0, 1.0]]}}),
              "rig.json": json.dumps({"bones": {"mixamorig:Hips": {"parent": "", "head": END, "tail": END}}})}


def weights_of(folder, files: dict):
    """Write files of skin weights by name and read them; None omits a file."""
    for name, text in files.items():
        if text is not None:
            (folder / name).write_text(text)
    return weights(folder, folder / "rig.json")


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("rig.json", None, "rig.json: not found; give rig.mixamo.json"),
        ("rig.json", "no JSON", "rig.json: not what is expected .*; give rig.mixamo.json"),
        ("rig.json", json.dumps({"weights": {}}), "rig.json: .*'bones'.*; give rig.mixamo.json"),
        ("rig.json", json.dumps([1]), "rig.json: not what .*; give rig.mixamo.json"),
        ("rig.json", json.dumps({"bones": {"Hips": {}}}), "rig.json: not what .*; give rig.mixamo.json"),
        ("rig.json", BODY_FILES["rig.json"].replace("Hips", "hip"), "rig.json: has no bone Hips, .*; give rig.mixamo"),
        ("base.obj", None, "base.obj: not found; give the folder of MakeHuman bodies"),
        ("base.obj", "v 0 zero 0", "base.obj: not what .*; give the folder"),
        ("base.obj", "no mesh", "base.obj: not what .*; give the folder"),
        ("base.obj", "v 0 0 0\ng head\nf 1 1 1 1", "base.obj: .*body.*; give the folder"),
        ("weights.mixamo.json", '{"weights": {"mixamorig:Hi', "weights.mixamo.json: not what .*; give the folder"),
        ("weights.mixamo.json", json.dumps({"weights": {"mixamorig:Hips": [[9, 1.0]]}}), "weights.*; give the folder"),
    ])
def test_files_of_another_kind_in_place_of_a_body(tmp_path, file, content, says):
    with pytest.raises(MocapError, match=says):
        weights_of(tmp_path, BODY_FILES | {file: content})


def test_a_body_of_one_bone_can_be_read(tmp_path):
    """The data that the test above damages are valid."""
    assert weights_of(tmp_path, BODY_FILES).toarray().tolist() == [[1], [0], [0], [0]]


def test_clips_beside_must_be_the_same_ones(tmp_path):
    """For a person in other clothes, only the detections may differ."""
    for folder, motion in (("tight", 0), ("loose", 0), ("other", 1)):
        (tmp_path / folder).mkdir()
        save_clip(tmp_path / folder / "00000.npz", made_up(40, motion))
    files = clip_files(tmp_path / "tight")
    clips = [seen(load_clip(path)) for path in files]
    lines = beside_table(files, clips, tmp_path / "loose")
    assert lines[1].startswith("1 pairs") and "| hip | +0.00 +- 0.00 | +0.00 +- 0.00 | +0.00 +- 0.00 |" in lines
    with pytest.raises(MocapError, match="not the motion of"):
        beside_table(files, clips, tmp_path / "other")
    with pytest.raises(MocapError, match="none of the clips is there"):
        beside_table(files, clips, tmp_path)


def settings_of(folder, **changed) -> produce.RenderSettings:
    """Return settings for four clips of the set `validation` in a subfolder."""
    return replace(produce.RenderSettings("data", "bodies", "rig", str(folder / "set"), "validation", clips=4,
                                          frames=20), **changed)


@pytest.fixture
def motions_at_hand(monkeypatch, held_out):
    """Replace the reading of the motion set."""
    for module in (produce, sys.modules[renew.__module__]):
        monkeypatch.setattr(module, "load_mocap", lambda path: None)
        monkeypatch.setattr(module, "split", lambda everything: held_out)


@pytest.fixture
def without_blender(monkeypatch, motions_at_hand):
    """Replace the rendering of clips. Returns the list of the started clips; the third one fails."""
    made = []

    def make(plan, *rest):
        made.append(plan.clip)
        if len(made) == 3:
            raise KeyboardInterrupt
        return made_up()

    monkeypatch.setattr(produce, "make_clip", make)
    monkeypatch.setattr(produce, "check_blender", lambda: None)
    return made


def test_a_set_goes_on_where_it_stopped(tmp_path, without_blender):
    """Existing clips stay unchanged, missing ones are made, and a failed clip leaves no file."""
    settings = settings_of(tmp_path)
    produce.check(settings)
    with pytest.raises(KeyboardInterrupt):
        produce.make_missing(settings, lambda line: None)
    there = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "set").iterdir()}
    assert list(there) and set(there) == {"00000.npz", "00001.npz"}
    assert [path.name for path in produce.missing(settings)] == ["00002.npz", "00003.npz"]
    assert produce.make_missing(settings, lambda line: None, most=1) == 1
    assert produce.make_missing(settings, lambda line: None) == 1
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "set").iterdir()}
    assert set(after) == {f"0000{n}.npz" for n in range(4)} and there.items() <= after.items()
    assert produce.make_missing(settings, lambda line: None) == 0


@pytest.mark.parametrize(("option", "value"), [("set", "loose"), ("seed", 2), ("frames", 30)])
def test_a_folder_has_clips_of_one_set(tmp_path, without_blender, option, value):
    """Other settings are refused. Clips without recorded settings (older ones) stay usable."""
    settings, said = settings_of(tmp_path, clips=1), []
    produce.check(settings)
    produce.make_missing(settings, lambda line: None)
    path = tmp_path / "set" / "00000.npz"
    assert load_clip(path).about == made_up().about | {"set": "validation", "seed": 1, "frames": 20}
    produce.check(replace(settings, clips=100, minutes=5, first=1), said.append)
    assert not said
    other = replace(settings, **{option: value})
    with pytest.raises(MocapError, match=f"00000.npz: made with --set validation .*, not .*--{option} {value}"):
        produce.check(other)
    save_clip(path, made_up())
    produce.check(other, said.append)
    assert len(said) == 1 and "1 clips don't say what they were made with" in said[0]


@pytest.mark.parametrize(
    ("option", "value"),
    [("set", "tests"), ("clips", 0), ("frames", 0), ("first", -1), ("seed", -1), ("minutes", -1.0), ("part", 0),
     ("out", "file")])
def test_settings_of_a_set_are_looked_at_first(tmp_path, monkeypatch, option, value):
    """The check precedes the reading of the motion, which is missing here."""
    monkeypatch.setattr(produce, "check_blender", lambda: None)
    (tmp_path / "file").touch()
    with pytest.raises(MocapError, match=f"--{option} .*{value}"):
        parts.render(settings_of(tmp_path, **{option: str(tmp_path / value) if option == "out" else value}))


SHEET = SheetSettings("data", "bodies", "rig", "sheet.png")


@pytest.mark.parametrize(
    ("option", "value"),
    [("clips", "validation:x"), ("clips", "validation:-1"), ("clips", "tests:0"), ("clips", ""), ("each", 0),
     ("frames", 0), ("seed", -1), ("out", "nowhere/sheet.png"), ("out", "sheet"), ("out", "sheet.jpg")])
def test_settings_of_a_sheet_are_looked_at_first(option, value):
    with pytest.raises(MocapError, match=f"--{option} {value}"):
        draw_sheet(replace(SHEET, **{option: value}))


@pytest.mark.parametrize("draw", [lambda folder: produce.check(settings_of(folder)),
                                  lambda folder: draw_sheet(replace(SHEET, out=str(folder / "sheet.png")))])
def test_without_blender_nothing_is_begun(tmp_path, monkeypatch, draw):
    monkeypatch.setitem(sys.modules, "bpy", None)
    with pytest.raises(MocapError, match="bpy.* is not installed; pip install bpy"):
        draw(tmp_path)


@pytest.mark.parametrize(("breaks_at", "again"), [("", False), ("00003", False), ("00002", True)])
def test_a_set_is_made_in_one_process_after_the_other(tmp_path, monkeypatch, breaks_at, again):
    """Each process makes two clips. After a crash the next process continues, but not after two at the same clip."""
    monkeypatch.setattr(produce, "check_blender", lambda: None)
    said, settings = [], settings_of(tmp_path, clips=5, part=2, data=breaks_at, bodies=str(tmp_path / "broken"),
                                     rig="again" if again else "once")
    if again:
        with pytest.raises(MocapError, match="00002.npz: .* broke down twice .* --first 3"):
            parts.render(settings, said.append, fake_rendering.make)
        assert [line[:9] for line in said] == ["00000.npz", "00001.npz", "00002.npz"]
        return
    assert parts.render(settings, said.append, fake_rendering.make) == 5 and not produce.missing(settings)
    by = [int(line.rpartition(" ")[2]) for line in said if " by " in line]
    together = [by.count(number) for number in dict.fromkeys(by)]
    assert together == ([2, 1, 2] if breaks_at else [2, 2, 1]) and os.getpid() not in by
    assert said[-1] == "5 clips made"
    assert [line for line in said if "broke down" in line] == ([said[3]] if breaks_at else [])


def test_what_a_process_can_not_do_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(produce, "check_blender", lambda: None)
    said = []
    with pytest.raises(MocapError, match="cmu17.npz: not found"):
        parts.render(settings_of(tmp_path), said.append, fake_rendering.refuse)
    assert len(said) == 1


@pytest.fixture
def first_points(folders, motions):
    """Return the points (20, 28, 3) of the first clip of `validation`."""
    plan = plan_clip("validation", 0, 1, motions, 20)
    person = build_person(plan.shape, *folders)
    return pose(person, produce.recorded(plan, motions)).points(person)


def test_the_truth_is_renewed_and_the_rest_stays(tmp_path, folders, motions_at_hand, first_points):
    points = first_points + (0, 0, 0.25)
    old = points.copy()
    old[:, J["spine"]] += 0.05  # as if a definition had been another one
    made = made_up(20)
    save_clip(tmp_path / "00000.npz", replace(made, points=old))
    settings = RenewSettings(str(tmp_path), "data", *map(str, folders), "validation", 20)
    renew(settings, lambda line: None)
    clip = load_clip(tmp_path / "00000.npz")
    np.testing.assert_allclose(clip.points, points, atol=1e-5)
    np.testing.assert_allclose(clip.points_px, clip.camera.project(clip.in_camera()), atol=1e-2)
    np.testing.assert_array_equal(clip.keypoints, made.keypoints)
    assert clip.lengths[J["left_knee"]] == pytest.approx(
        np.linalg.norm(points[0, J["left_knee"]] - points[0, J["left_hip"]]))
    with pytest.raises(MocapError, match="seed"):
        renew(replace(settings, seed=2), lambda line: None)


@pytest.mark.parametrize(("name", "says"), [("00001.npz", "its limbs lie"), ("copy.npz", "its name is not the number")])
def test_truths_are_renewed_all_or_none(tmp_path, folders, motions_at_hand, first_points, name, says):
    """The set's first clip stays unchanged if another clip does not belong to the set."""
    for file in ("00000.npz", name):
        save_clip(tmp_path / file, replace(made_up(20), points=first_points))
    before = (tmp_path / "00000.npz").read_bytes()
    settings = RenewSettings(str(tmp_path), "data", *map(str, folders), "validation", 20)
    with pytest.raises(MocapError, match=f"{name}: {says}"):
        renew(settings, lambda line: None)
    assert (tmp_path / "00000.npz").read_bytes() == before


def test_pictures_are_read_as_they_were_written(tmp_path):
    picture = np.random.default_rng(0).integers(0, 255, (3, 5, 3), dtype=np.uint8)
    rows = np.zeros((3, 16), dtype=np.uint8)
    rows[:, :15] = picture[::-1, :, ::-1].reshape(3, 15)
    head = bytearray(54)
    head[10:14], head[18:22], head[22:26] = (v.to_bytes(4, "little") for v in (54, 5, 3))
    head[28:30] = (24).to_bytes(2, "little")
    (tmp_path / "a.bmp").write_bytes(bytes(head) + rows.tobytes())
    np.testing.assert_array_equal(read_bmp(tmp_path / "a.bmp"), picture)


# ---- the whole of it

def test_a_rendered_person_is_seen_where_they_are(tmp_path, folders, shared_data, root):
    """Rendering has its own process, so that a crash of the bpy module does not end the tests."""
    if importlib.util.find_spec("bpy") is None:
        pytest.skip("no bpy module here")
    answer = subprocess.run(
        [sys.executable, "-m", "training", "render", "--data", str(shared_data / "mocap" / "cmu17.npz"),
         "--bodies", str(folders[0]), "--rig", str(folders[1]), "--out", str(tmp_path), "--set", "validation",
         "--clips", "1", "--frames", "6"], cwd=root, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "00000.npz mocap" in answer.stdout and answer.stdout.endswith("\n1 clips made\n")
    clip = load_clip(tmp_path / "00000.npz")
    assert len(clip) == 6 and clip.detected.all() and clip.subject in VALIDATION_SUBJECTS
    canonical, size = clip.canonical(), np.ptp(clip.points_px, axis=1).max()
    for name in ("left_shoulder", "right_shoulder", "left_knee", "right_ankle", "nose"):
        true = clip.points_px[:, POINTS.index(name)]
        found = canonical.xy[:, CANONICAL.keypoint_names.index(name)]
        assert np.linalg.norm(found - true, axis=-1).max() < 0.08 * size, name


# ---- judging the detector and the lifter


JUDGES = {"measure-detector": (measure, MeasureSettings),
          "evaluate-rendered": (evaluate_rendered.evaluate_rendered, EvaluateRenderedSettings)}


@pytest.mark.parametrize(("command", "says"), [("measure-detector", "not seen in 41 frames"),
                                               ("evaluate-rendered", "1 clips, 39 frames")])
def test_clips_without_anybody_are_refused(command, says, tmp_path):
    """They are ignored beside a clip with a person."""
    judge, settings = JUDGES[command]
    clip = replace(made_up(40), about={"kind": "mocap", "shape": 0, "view": vars(CAMERAS[0])})
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
    clip = made_up(8)
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
    clip = made_up(8)
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
    clips = [replace(made_up(), about={"kind": kind, "view": {"yaw": yaw, "pitch": 5, "roll": 0, "fov": 50}},
                     subject=subject) for kind, yaw, subject in (("sit", 0, 86), ("sit", 60, 9), ("lie", 0, 9))]
    found = evaluate_rendered.groups(clips)
    assert found["all"] == [0, 1, 2] and found["sit"] == [0, 1] and found["subject 9"] == [1, 2]
    assert found["camera 0, 5 down, roll 0, 50 wide"] == [0, 2]
