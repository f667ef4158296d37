"""Cases after public files of people (training/notes/field_files.md): tables and JSON as their scripts write them."""

from __future__ import annotations

import json

import numpy as np

from anatomy_mocap.core.keypoint_layouts import LAYOUTS
from tests.support.keypoint_cases import FPS, MP, H, T, W, case, figure, landmark, shares

COCO = LAYOUTS["COCO17"].keypoint_names
PLAIN = [name.replace("_knuckle", "").upper() for name in MP]
SIZE = (W, H)
UPPER = [MP[i] for i in (*range(1, 11), *range(25, 33))]


@case("LKneex: axis and name run together", truth="COCO17", size=SIZE)
def run_together(c):
    p = shares(figure("COCO17"))
    short = [n.replace("left_", "L").replace("right_", "R").replace("_", "") for n in COCO]
    short = [n[0] + n[1].upper() + n[2:] if n[0] in "LR" else n.title() for n in short]
    return c.table([""] + [f"{n}{a}" for n in short for a in "xy"], [[t, *p[t, :, :2].ravel()] for t in range(T)])


@case("iter, id, x, y", size=SIZE)
def long_iter(c):
    p = figure()
    return c.table(["iter", "id", "x", "y"], [[t, i, *p[t, i, :2]] for t in range(T) for i in range(33)])


@case("no column of frames: the landmarks start again", size=SIZE, scores=True, note="start again")
def long_without_frames(c):
    p = figure()
    return c.table(["landmark_id", "x", "y", "z", "visibility"],
                   [[i, *p[t, i, :2], 0, p[t, i, 2]] for t in range(T) for i in range(33)])


@case("a row of groups: landmark, x, y, z, visibility again and again", size=SIZE, scores=True, fps=FPS)
def long_in_groups(c):
    p = figure()
    return c.table(["Frame", "Time (ms)", "Landmark", "X", "Y", "Z", "Visibility"], [
        [t, t * 1000 / FPS, *(v for i in range(33) for v in (i, *p[t, i, :2], 0, p[t, i, 2]))] for t in range(T)])


@case("rows of face and hands beside those of the body", size=SIZE, note="rows of type 'pose'")
def long_with_types(c):
    p = shares(figure())
    rows = []
    for t in range(T):
        rows += [[t, f"{t}-face-{i}", "face", i, 0.5, 0.5, 0] for i in range(40)]
        rows += [[t, f"{t}-left_hand-{i}", "left_hand", i, "", "", ""] for i in range(21)]
        rows += [[t, f"{t}-pose-{i}", "pose", i, *p[t, i, :2], -0.1] for i in range(33)]
    return c.table(["frame", "row_id", "type", "landmark_index", "x", "y", "z"], rows)


@case("a protobuf's text in each cell", scores=True)
def cells_of_text(c):
    p = figure()
    return c.table(["", *PLAIN], [[t, *(f"x: {x}\ny: {y}\nz: -0.1\nvisibility: {s}\n" for x, y, s in p[t].tolist())]
                                  for t in range(T)])


@case("a list in each cell", truth="COCO17", scores=True)
def cells_of_lists(c):
    p = figure("COCO17")
    return c.table(["frame", *COCO], [[t, *(str(row) for row in p[t].tolist())] for t in range(T)])


@case("a tuple in each cell", truth="COCO17")
def cells_of_tuples(c):
    p = figure("COCO17")
    return c.table(["frame", *COCO], [[t, *(f"({x:.3f}, {y:.3f})" for x, y, _ in p[t].tolist())] for t in range(T)])


@case("records of pandas", truth="COCO17", scores=True)
def json_records(c):
    p = figure("COCO17")
    return c.json([{"Frame": t, **{f"{n}_{a}": p[t, k, i] for k, n in enumerate(COCO)
                                   for i, a in enumerate(("x", "y", "conf"))}} for t in range(T)])


@case("long records of pandas", truth="COCO17", scores=True)
def json_long_records(c):
    p = figure("COCO17")
    return c.json([{"frame": t, "keypoint": n, "x": p[t, k, 0], "y": p[t, k, 1], "score": p[t, k, 2]}
                   for t in range(T) for k, n in enumerate(COCO)])


@case("columns of pandas", truth="COCO17", scores=True)
def json_columns(c):
    p = figure("COCO17")
    return c.json({f"{n}_{a}": {str(t): p[t, k, i] for t in range(T)} for k, n in enumerate(COCO)
                   for i, a in enumerate(("x", "y", "score"))})


@case("split form of pandas", truth="COCO17", scores=True)
def json_split(c):
    p = figure("COCO17")
    return c.json({"columns": [f"{n}_{a}" for n in COCO for a in ("x", "y", "score")], "index": list(range(T)),
                   "data": [p[t].ravel().tolist() for t in range(T)]})


@case("capital letters", size=SIZE, scores=True)
def json_capitals(c):
    p = shares(figure())
    return c.json([[{"X": x, "Y": y, "Z": 0.1, "Visibility": s} for x, y, s in p[t].tolist()] for t in range(T)])


@case("frames by their time", size=SIZE, scores=True, fps=FPS)
def json_by_time(c):
    p = shares(figure())
    return c.json({f"{t / FPS:.2f}": [landmark(r) for r in p[t]] for t in range(T)})


@case("points by number in an object", size=SIZE, scores=True)
def json_points_by_number(c):
    p = shares(figure())
    return c.json([{str(i): landmark(p[t, i]) for i in reversed(range(33))} for t in range(T)])


@case("few points in some frames", truth="COCO17", layout="COCO17", but=True, absent=())
def json_few_points(c):
    p = figure("COCO17")
    return c.json([{"frame": t, "keypoints": [{"id": i, "x": p[t, i, 0], "y": p[t, i, 1], "confidence": p[t, i, 2]}
                                              for i in range(17) if (i + t) % 7 < (1 if t < 12 else 7)]}
                   for t in range(T)])


@case("coordinates in a list beside the name", truth="COCO17", scores=True, fps=FPS)
def json_coordinates(c):
    p = figure("COCO17")
    return c.json({"fps": FPS, "dimensions": {"width": W, "height": H}, "components": [{"points": COCO}],
                   "frames": [{"frame": t, "time": t / FPS, "people": [{"person_id": 1, "keypoints": [
                       {"name": COCO[i], "coordinates": p[t, i, :2].tolist(), "confidence": p[t, i, 2]}
                       for i in range(17)]}]} for t in range(T)]})


@case("timeInSeconds", size=SIZE, fps=FPS)
def json_time_in_seconds(c):
    p = shares(figure())
    return c.json([{"timeInSeconds": t / FPS, "frameNumber": t + 1, "faceLandmarks": [{"x": 0.5, "y": 0.5}] * 468,
                    "landmarks": [[0.1, 0.1, 0.1]] * 42, "poseLandmarks": [
                        {"x": x, "y": y, "z": 0.1} for x, y, _ in p[t].tolist()]} for t in range(T)])


@case("MoveNet's samples: pictures in a table, with a class", truth="COCO17", scores=True)
def movenet_samples(c):
    p = figure("COCO17")
    head = ["file_name"] + [f"{n.upper()}_{a}" for n in COCO for a in ("x", "y", "score")] + ["class_no", "class_name"]
    return c.table(head, [[f"tree/girl_{t:03d}.jpg", *p[t].ravel(), 3, "tree"] for t in range(T)])


@case("numbers 11 to 24 of MediaPipe", size=SIZE, absent=[n for n in MP if n not in MP[11:25]])
def numbers_of_the_upper_body(c):
    p = shares(figure())
    return c.table(["class"] + [f"{a}{i}" for i in range(11, 25) for a in "xyzv"],
                   [["squat"] + [v for r in p[t, 11:25] for v in (r[0], r[1], 0, r[2])] for t in range(T)])


@case("the body of MediaPipe Holistic before the face", size=SIZE, scores=True)
def holistic_of_501(c):
    p = shares(figure())
    face = [0.5, 0.4, 0.0, 0.0] * 468
    return c.table(["class"] + [f"{a}{i}" for i in range(1, 502) for a in "xyzv"],
                   [["happy"] + [v for r in p[t] for v in (r[0], r[1], -0.1, r[2])] + face for t in range(T)])


@case("Landmark.LEFT_HIP.x beside those of the hands", size=SIZE, scores=True)
def dotted_landmarks(c):
    p = shares(figure())
    head = [f"Landmark.{n}.{a}" for n in PLAIN for a in "xyzv"] + [f"HandLandmark.{n}.{a}" for n in
                                                                 ("WRIST", "THUMB_TIP") for a in "xyzv"]
    return c.table(["frame", *head], [[t] + [v for r in p[t] for v in (r[0], r[1], 0, r[2])] + [0.3] * 8
                                      for t in range(T)])


@case("DeepLabCut in 3D is refused", refuse="3D")
def deeplabcut_3d(c):
    p = figure("COCO17")
    rows = [["bodyparts"] + [n for n in COCO for _ in range(4)], ["coords"] + ["x", "y", "z", "likelihood"] * 17]
    return c.table(["scorer"] + ["DLC"] * 68, rows + [
        [t, *(v for r in p[t] for v in (r[0], r[1], 5, r[2]))] for t in range(T)])


@case("three points are no body", size=SIZE, refuse="a body needs 8")
def three_points(c):
    return c.json([{"frame_number": t, "landmarks": [{"id": i, "x": 0.4, "y": 0.3, "z": 0} for i in (11, 13, 15)]}
                   for t in range(T)])


@case("rows with a third score and a class after it", truth="COCO17", layout="COCO17", scores=True)
def rows_with_a_class(c):
    p = figure("COCO17")
    return c.json([{"keypoints": [[*row, 0] for row in p[t].tolist()]} for t in range(T)])


@case("lines of JSON in Windows' form", size=SIZE, scores=True)
def json_lines_crlf(c):
    p = shares(figure())
    path = c.folder / "clip.jsonl"
    path.write_bytes("\r\n".join(json.dumps({"frame": t, "landmarks": [landmark(r) for r in p[t]]})
                                 for t in range(T)).encode("utf-8-sig"))
    return path


assert np.isfinite(figure()).all()


@case("the body of Kaggle's order: face, left hand, body, right hand", size=SIZE)
def holistic_of_543(c):
    p = shares(figure())
    points = np.full((T, 543, 3), np.nan)
    points[:, 489:522] = p * [1, 1, -0.2]
    rng = np.random.default_rng(0)
    points[:, :468] = np.array([0.5, 0.3, 0]) + rng.uniform(-0.03, 0.03, (T, 468, 3))
    np.save(c.folder / "clip.npy", points)
    return c.folder / "clip.npy"


@case("numbers 5 to 12 of an unknown layout", size=SIZE, refuse="numbers 5 to 12")
def numbers_without_the_first(c):
    p = figure("COCO17")
    return c.table(["frame"] + [f"kp{i}_{a}" for i in range(5, 13) for a in ("x", "y", "conf")],
                   [[t, *p[t, 5:13].ravel()] for t in range(T)])
