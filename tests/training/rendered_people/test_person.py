"""Bodies: where the points lie on them, how they move, what hides what, and their files."""

import json
from dataclasses import replace

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22
from tests.support.small_motion_set import moving, rest_body
from training.mocap.dataset import directions_of
from training.rendered_people import filming
from training.rendered_people.body_files import base_mesh, weights
from training.rendered_people.clothes import ZONES, draw_outfit, dress
from training.rendered_people.motions import mirror
from training.rendered_people.person import POINTS, Shape, build_person, draw_shape
from training.rendered_people.posing import HandMoves, draw_hand_moves, floor_shift, pose
from training.rendered_people.visibility import Occlusion

J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}
MAN = Shape(1.0, (0.2, 0.3, 0.5), 0.2, 0.1, 0.1, 1.80)


@pytest.fixture(scope="module")
def man(folders):
    return build_person(MAN, *folders)


def at(points, name):
    return points[..., POINTS.index(name), :]


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


@pytest.mark.parametrize("roll", [-60.0, 0.0, 75.0])
def test_palms_turn_about_the_hand_and_fingers_curl_into_them(man, roll):
    """The hand's direction and the forearm's place stay, the palm turns by the roll, and fingertips come nearer."""
    joints = moving(20, 1)
    still = pose(man, joints, HandMoves(np.zeros((20, 2)), np.zeros((20, 2))))
    moved = pose(man, joints, HandMoves(np.full((20, 2), np.radians(roll)), np.full((20, 2), np.radians(40.0))))
    first, second = still.points(man), moved.points(man)
    for side, name in (("left", "Left"), ("right", "Right")):
        for point in ("elbow", "wrist"):
            np.testing.assert_allclose(at(second, f"{side}_{point}"), at(first, f"{side}_{point}"), atol=1e-9)
        palms = []
        for points in (first, second):
            wrist, index, pinky = (at(points, f"{side}_{part}") for part in ("wrist", "index", "pinky"))
            along = (index + pinky) / 2 - wrist
            out = np.cross(index - wrist, pinky - wrist)
            palms.append([each / np.linalg.norm(each, axis=-1, keepdims=True) for each in (along, out)])
        np.testing.assert_allclose(palms[1][0], palms[0][0], atol=1e-6)
        turned = np.clip((palms[0][1] * palms[1][1]).sum(-1), -1, 1)
        np.testing.assert_allclose(np.degrees(np.arccos(turned)), abs(roll), atol=0.5)
        tips = [each.heads[:, man.names.index(f"{name}HandMiddle3")] - each.heads[:, man.names.index(f"{name}Hand")]
                for each in (still, moved)]
        assert (np.linalg.norm(tips[1], axis=-1) < np.linalg.norm(tips[0], axis=-1)).all()


def test_drawn_moves_stay_within_an_arm_s_limits_and_repeat():
    moves = [draw_hand_moves(np.random.default_rng(4), 200, 25.0) for _ in range(2)]
    assert np.array_equal(moves[0].rolls, moves[1].rolls) and np.ptp(moves[0].rolls) > np.radians(20.0)
    assert np.abs(moves[0].rolls).max() <= np.radians(85.0) + 1e-9 and moves[0].curls.min() >= 0.0
    assert np.degrees(np.abs(np.diff(moves[0].rolls, axis=0))).max() < 15.0
