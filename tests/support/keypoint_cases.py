"""A stick figure, and keypoint files of it in the forms that real tools and people write.

Each case is a public report or file: how it is written, what the reader must find (`Case`).
"""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np

from anatomy_mocap.core.keypoint_layouts import LAYOUTS

T, FPS, W, H = 24, 20.0, 1280, 720
SIZE = (W, H)
MP = LAYOUTS["MEDIAPIPE33"].keypoint_names


def figure(layout="MEDIAPIPE33"):
    """(T, K, 3) pixels and score."""
    place = {"nose": (0, -150), "shoulder": (45, -100), "elbow": (60, -40), "wrist": (65, 15), "hip": (28, 20),
             "knee": (30, 110), "ankle": (30, 200), "heel": (26, 212), "foot_index": (48, 215), "ear": (18, -155),
             "eye": (8, -160), "eye_inner": (5, -160), "eye_outer": (12, -160), "mouth": (7, -138),
             "pinky_knuckle": (68, 30), "index_knuckle": (62, 33), "thumb_knuckle": (56, 28),
             "big_toe": (46, 215), "small_toe": (54, 212)}
    middle = {"nose": (0, -150), "neck": (0, -105), "mid_hip": (0, 20), "pelvis": (0, 20), "head_top": (0, -190),
              "spine": (0, -40), "thorax": (0, -100)}
    names = LAYOUTS[layout].keypoint_names
    out = np.zeros((T, len(names), 3))
    for t in range(T):
        for k, name in enumerate(names):
            side, _, rest = name.partition("_")
            if side in ("left", "right") and rest in place:
                sign = 1 if side == "left" else -1
                x, y = place[rest]
                swing = 30 * math.sin(2 * math.pi * t / T + (0 if side == "left" else math.pi))
                low = rest in ("knee", "ankle", "heel", "foot_index", "big_toe", "small_toe")
                x, y = sign * x + (swing if low else -swing / 2), y
            else:
                x, y = middle.get(name, (0, -150))
            out[t, k] = 640 + x, 360 + y, 0.55 + 0.4 * ((k * 7 + t) % 10) / 10
    return out


def shares(points):
    return points * [1 / W, 1 / H, 1]


class Case:
    def __init__(self, folder):
        self.folder = Path(folder)

    def json(self, document, name="clip.json"):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document))
        return path

    def table(self, header, rows, name="clip.csv", **how):
        path = self.folder / name
        with open(path, "w", newline="") as file:
            writer = csv.writer(file, **how)
            if header:
                writer.writerow(header)
            writer.writerows(rows)
        return path


def landmark(row, z=-0.1):
    return {"x": row[0], "y": row[1], "z": z, "visibility": row[2]}


CASES = {}


def case(want, truth="MEDIAPIPE33", **how):
    def add(make):
        CASES[make.__name__] = (make, want, truth, how)
        return make
    return add


MP_READ = "MEDIAPIPE33, error < 1 px"


@case(MP_READ + " (shares; the legs lie below the picture at y 2.1 to 2.4, seen or not)", size=(W, H), below=True)
def shares_beyond_two(c):
    p = shares(figure())
    legs = [i for i, n in enumerate(MP) if any(w in n for w in ("knee", "ankle", "heel", "foot"))]
    p[:, legs, 1] += 1.45
    p[:, legs, 2] = 0.02
    return c.json([{"landmarks": [[landmark(r) for r in p[t]]]} for t in range(T)])


@case(MP_READ + " (pose_* columns are the body)", size=(W, H))
def wide_pose_and_hands(c):
    p = shares(figure())
    head = ["frame"] + [f"pose_{i}_{a}" for i in range(33) for a in ("x", "y", "z", "visibility")] \
        + [f"{s}_hand_{i}_{a}" for s in ("left", "right") for i in range(21) for a in "xyz"]
    return c.table(head, [[t] + [v for r in p[t] for v in (r[0], r[1], 0, r[2])] + [0.3] * 63 + [0.6] * 63
                          for t in range(T)])


@case(MP_READ + " (world_* columns are metres, not the picture)", size=(W, H))
def wide_image_and_world(c):
    p = shares(figure())
    head = ["frame"] + [f"{s}landmark_{i}_{a}" for s in ("", "world_") for i in range(33)
                        for a in ("x", "y", "z", "visibility")]
    return c.table(head, [[t] + [v for r in p[t] for v in (r[0], r[1], 0, r[2])] + [0.1] * 132 for t in range(T)])


@case(MP_READ + ", other landmarks missing; or refused. Never BODY25", size=(W, H),
      absent=[MP[i] for i in (1, 2, 3, 4, 5, 6, 9, 10)])
def long_numbers_without_face(c):
    p, keep = shares(figure()), [0, 7, 8, *range(11, 33)]
    return c.table(["frame", "landmark_index", "x", "y", "visibility"],
                   [[t, i, *p[t, i]] for t in range(T) for i in keep])


@case(MP_READ + " for the first 25 landmarks, the rest missing; or refused. Never BODY25", size=(W, H), absent=MP[25:])
def upper_body_25(c):
    p = shares(figure())
    return c.json([{"poseLandmarks": [landmark(r) for r in p[t, :25]]} for t in range(T)])


@case("H36M17 (by the names of the category that the annotations have)", truth="H36M17")
def coco_two_categories(c):
    p, names = figure("H36M17"), LAYOUTS["H36M17"].keypoint_names
    return c.json({"images": [{"id": t, "file_name": f"{t:06d}.png", "width": W, "height": H} for t in range(T)],
                   "annotations": [{"image_id": t, "category_id": 2,
                                    "keypoints": [v for r in p[t] for v in (r[0], r[1], 2)]} for t in range(T)],
                   "categories": [{"id": 1, "name": "ball"}, {"id": 2, "name": "person", "keypoints": list(names)}]})


def permuted(c):
    p, names = figure("COCO17"), LAYOUTS["COCO17"].keypoint_names
    order = np.random.default_rng(0).permutation(17)
    return c.json({"images": [{"id": t, "file_name": f"{t:06d}.png", "width": W, "height": H} for t in range(T)],
                   "annotations": [{"image_id": t, "category_id": 1,
                                    "keypoints": [v for r in p[t, order] for v in (r[0], r[1], 2)]} for t in range(T)],
                   "categories": [{"id": 1, "name": "person", "keypoints": [names[i] for i in order]}]})


@case("COCO17, each point where its name says", truth="COCO17")
def names_in_another_order(c):
    return permuted(c)


@case("COCO17, each point where its name says; a --layout that the names contradict: refused, or names win",
      truth="COCO17", layout="COCO17")
def names_in_another_order_layout_given(c):
    return permuted(c)


@case("COCO17, each point where its name says (tfjs, ml5: name beside x and y)", truth="COCO17", layout="COCO17",
      size=(W, H))
def json_names_ignored(c):
    p, names = figure("COCO17"), LAYOUTS["COCO17"].keypoint_names
    return c.json([[{"keypoints": [{"x": p[t, i, 0], "y": p[t, i, 1], "score": p[t, i, 2], "name": names[i]}
                                   for i in reversed(range(17))]}] for t in range(T)])


@case("refused: metres about the hips (half of all points negative), not shares of a picture", size=(W, H),
      refuse=True)
def world_landmarks_as_shares(c):
    p = figure()
    hips = p[:, 23:25, :2].mean(axis=1, keepdims=True)
    w = (p[..., :2] - hips) / 230
    return c.json([[landmark((*w[t, i], p[t, i, 2])) for i in range(33)] for t in range(T)])


@case("score from nowhere, or refused; z (-0.2..0.1 here) is no confidence", size=(W, H), no_missing=True)
def npz_x_y_z(c):
    p = shares(figure())
    z = np.random.default_rng(0).uniform(-0.2, 0.1, (T, 33, 1))
    path = c.folder / "clip.npz"
    np.savez(path, keypoints=np.concatenate((p[..., :2], z), axis=-1))
    return path


@case("20 frames per second, last frame at 1.15 s (or a note that names the column timestamp)", size=(W, H),
      fps=FPS, last=1.15)
def time_column_not_used(c):
    p = shares(figure())
    rows = [t for t in range(T) if not 6 <= t < 12]  # the person was not found for six frames: no rows
    return c.table(["timestamp"] + [f"{a}{i}" for i in range(33) for a in "xyv"],
                   [[t / FPS] + p[t].ravel().tolist() for t in rows])


@case("COCO17 with its confidences (the columns kp0_conf ...)", truth="COCO17", layout="COCO17", size=(W, H),
      scores=True)
def conf_columns_ignored(c):
    p = figure("COCO17")
    return c.table(["frame"] + [f"kp{i}_{a}" for i in range(17) for a in ("x", "y", "conf")],
                   [[t] + p[t].ravel().tolist() for t in range(T)])


@case(MP_READ + ": the first number of each row counts 0..32, it is no x", size=(W, H))
def rows_id_x_y_z(c):
    p = figure()
    return c.json([[[i, round(p[t, i, 0]), round(p[t, i, 1]), -50 + i] for i in range(33)] for t in range(T)])


@case("BODY25, all-NaN people and NaN keypoints missing", truth="BODY25", size=(W, H))
def pose2sim_nan(c):
    p = figure("BODY25")
    p[5] = np.nan
    p[7, 4] = np.nan
    for t in range(T):
        c.json({"version": 1.3, "people": [{"person_id": [-1], "pose_keypoints_2d": p[t].ravel().tolist()}]},
               f"clip/cam_{t:06d}.json")
    return c.folder / "clip"


@case(MP_READ, size=(W, H))
def csv_decimal_comma(c):
    p = shares(figure())
    return c.table(["frame"] + [f"{a}{i}" for i in range(33) for a in "xyv"],
                   [[t] + [str(v).replace(".", ",") for v in p[t].ravel()] for t in range(T)], delimiter=";")


def named(c, form, names=MP, layout="MEDIAPIPE33", axes=("x", "y", "z", "visibility")):
    p = shares(figure(layout))
    plain = [n.replace("_knuckle", "") for n in names]
    return c.table(["frame"] + [form(n, a) for n in plain for a in axes],
                   [[t] + [v for r in p[t] for v in ((r[0], r[1], 0, r[2]) if len(axes) == 4 else r)]
                    for t in range(T)])


@case(MP_READ, size=(W, H))
def wide_names_lower(c):
    return named(c, lambda n, a: f"{n}_{a}")


@case(MP_READ, size=(W, H))
def wide_names_upper(c):
    return named(c, lambda n, a: f"{n.upper()}_{a}")


@case("COCO17", truth="COCO17", size=(W, H))
def wide_names_yolo(c):
    return named(c, lambda n, a: f"{n}_{a}", LAYOUTS["COCO17"].keypoint_names, "COCO17", ("x", "y", "conf"))


@case(MP_READ, size=(W, H))
def long_header_landmarkid(c):
    p = shares(figure())
    return c.table(["Frame", "LandmarkID", "X", "Y"], [[t, i, *p[t, i, :2]] for t in range(T) for i in range(33)])


@case("COCO18, the keypoint that never appears missing", truth="COCO18", layout="COCO18", size=(W, H),
      absent=["right_ear"])
def long_numbers_one_never_seen(c):
    p = figure("COCO18")
    return c.table(["frame", "keypoint", "x", "y", "score"],
                   [[t, i, *p[t, i]] for t in range(T) for i in range(18) if i != 16])


@case(MP_READ, size=(W, H))
def landmark_without_list_name(c):
    p = shares(figure())
    return c.json([{"landmark": [landmark(r) for r in p[t]]} for t in range(T)])


@case(MP_READ, size=(W, H))
def frames_by_frame_number_name(c):
    p = shares(figure())
    return c.json({f"frame_{t}": [landmark(r) for r in p[t]] for t in range(T)})


@case(MP_READ + "; else a message that says JSON lines, not 'damaged'", size=(W, H))
def json_lines(c):
    p = shares(figure())
    path = c.folder / "clip.json"
    path.write_text("\n".join(json.dumps({"frame": t, "landmarks": [landmark(r) for r in p[t]]}) for t in range(T)))
    return path


@case("COCO17 by the names in the file, without --layout", truth="COCO17", size=(W, H))
def tfjs_names(c):
    p, names = figure("COCO17"), LAYOUTS["COCO17"].keypoint_names
    return c.json([[{"score": 0.8, "keypoints": [{"x": p[t, i, 0], "y": p[t, i, 1], "score": p[t, i, 2],
                                                  "name": names[i]} for i in range(17)]}] for t in range(T)])


@case("COCO17", truth="COCO17", size=(W, H))
def posenet_positions(c):
    p, names = figure("COCO17"), LAYOUTS["COCO17"].keypoint_names
    part = ["".join(w if j == 0 else w.title() for j, w in enumerate(n.split("_"))) for n in names]
    return c.json([[{"pose": {"score": 0.9, "keypoints": [{"part": part[i], "score": p[t, i, 2], "position":
                    {"x": p[t, i, 0], "y": p[t, i, 1]}} for i in range(17)]}}] for t in range(T)])


def ultralytics(p):
    return [{"name": "person", "class": 0, "confidence": 0.9, "box": {"x1": 1, "y1": 2, "x2": 3, "y2": 4},
             "track_id": 1, "keypoints": {"x": p[:, 0].tolist(), "y": p[:, 1].tolist(), "visible": p[:, 2].tolist()}}]


@case("COCO17", truth="COCO17", size=(W, H))
def ultralytics_json(c):
    p = figure("COCO17")
    return c.json([ultralytics(p[t]) for t in range(T)])


def instance(p):
    return [{"keypoints": p[:, :2].tolist(), "keypoint_scores": p[:, 2].tolist(), "bbox": [[1, 2, 3, 4]],
             "bbox_score": 0.9}]


@case("COCO17", truth="COCO17", size=(W, H))
def mmpose_demo_per_picture(c):
    p = figure("COCO17")
    for t in range(T):
        c.json({"meta_info": {"dataset_name": "coco"}, "instance_info": instance(p[t])}, f"out/results_{t:05d}.json")
    return c.folder / "out"


@case("HALPE26: MMPose's own names for it (head, neck, hip) under any dataset name", truth="HALPE26", size=(W, H))
def mmpose_halpe26_names(c):
    p = figure("HALPE26")
    names = [n.replace("head_top", "head").replace("mid_hip", "hip") for n in LAYOUTS["HALPE26"].keypoint_names]
    return c.json({"meta_info": {"dataset_name": "body8-halpe26", "keypoint_id2name": {str(i): n for i, n in
                   enumerate(names)}}, "instance_info": [{"frame_id": t + 1, "instances": instance(p[t])}
                                                         for t in range(T)]})


@case("COCO17, the first frame's rows y, x, score by the file's own words", truth="COCO17", size=(W, H))
def easy_vitpose(c):
    p, names = figure("COCO17"), LAYOUTS["COCO17"].keypoint_names
    return c.json({"keypoints": [{"0": p[t][:, [1, 0, 2]].tolist()} for t in range(T)],
                   "skeleton": {str(i): n for i, n in enumerate(names)}})


@case("COCO17", truth="COCO17", size=(W, H))
def openpifpaf_folder(c):
    p = figure("COCO17")
    for t in range(T):
        c.json([{"keypoints": p[t].ravel().tolist(), "bbox": [1, 2, 3, 4], "score": 0.8, "category_id": 1}],
               f"out/{t:05d}.jpg.predictions.json")
    return c.folder / "out"


@case("COCO17 with track 1", truth="COCO17", size=(W, H))
def poseflow_tracked(c):
    p = figure("COCO17")
    return c.json({f"{t}.jpg": [{"keypoints": p[t].ravel().tolist(), "scores": 0.9, "idx": 1}] for t in range(T)})


@case("BODY25", truth="BODY25")
def easymocap_annots(c):
    p = figure("BODY25")
    for t in range(T):
        c.json({"filename": f"images/a/{t:06d}.jpg", "height": H, "width": W, "annots": [
            {"personID": 0, "bbox": [0, 0, 9, 9, 1], "keypoints": p[t].tolist()}]}, f"annots/{t:06d}.json")
    return c.folder / "annots"
