"""Neighbours of the cases in `keypoint_cases`: other tools and spellings of the same kinds."""

from __future__ import annotations

import json

import numpy as np

from anatomy_mocap.core.keypoint_layouts import LAYOUTS
from tests.support.keypoint_cases import CASES, FPS, MP, H, T, W, case, figure, instance, landmark, named, shares
from tests.support.keypoint_cases import ultralytics as one_person

COCO = LAYOUTS["COCO17"].keypoint_names
SIZE = (W, H)


def camel(name):
    return "".join(word if i == 0 else word.title() for i, word in enumerate(name.split("_")))


@case("0..1 with a point slightly outside", truth="BODY25", size=SIZE)
def openpose_slightly_negative(c):
    p = shares(figure("BODY25"))
    for t in range(T):
        rows = p[t].copy()
        if t == 3:
            rows[4] = -0.01, 0.5, 0
        c.json({"people": [{"pose_keypoints_2d": rows.ravel().tolist()}]}, f"clip/{t:06d}_keypoints.json")
    return c.folder / "clip"


@case("world landmarks alone are refused", size=SIZE, refuse="metres")
def tasks_world_alone(c):
    p = figure()
    w = (p[..., :2] - p[:, 23:25, :2].mean(axis=1, keepdims=True)) / 230
    return c.json([{"poseWorldLandmarks": [landmark((*w[t, i], 0.9)) for i in range(33)]} for t in range(T)])


@case("the box's columns are no body", truth="COCO17", layout="COCO17", scores=True)
def wide_with_box(c):
    p = figure("COCO17")
    head = ["frame", "box_x", "box_y", "bbox_0_x", "bbox_0_y", "bbox_1_x", "bbox_1_y"]
    return c.table(head + [f"kp_{i}_{a}" for i in range(17) for a in ("x", "y", "score")],
                   [[t, 5, 5, 1, 2, 3, 4, *p[t].ravel()] for t in range(T)])


@case("names with capitals, axis first", truth="COCO17", scores=True)
def wide_axis_first(c):
    return wide(c, lambda n, a: f"{a.upper()}_{n.title()}")


@case("LShoulder.x", truth="COCO17", scores=True)
def wide_short_sides(c):
    return wide(c, lambda n, a: n.replace("left_", "L_").replace("right_", "R_").title().replace("_", "") + f".{a}")


@case("left shoulder (x)", truth="COCO17", scores=True)
def wide_spaces(c):
    return wide(c, lambda n, a: f"{n.replace('_', ' ')} ({a})")


@case("shoulder_left_x", truth="COCO17", scores=True)
def wide_side_last(c):
    return wide(c, lambda n, a: "_".join([*reversed(n.split("_")), a]) if "_" in n else f"{n}_{a}")


@case("leftShoulder_x", truth="COCO17", scores=True)
def wide_camel(c):
    return wide(c, lambda n, a: f"{camel(n)}_{a}")


def wide(c, form, axes=("x", "y", "confidence")):
    p = figure("COCO17")
    return c.table(["frame"] + [form(n, a) for n in COCO for a in axes], [[t, *p[t].ravel()] for t in range(T)])


@case("first all x, then all y", truth="COCO17", scores=True)
def wide_all_x_first(c):
    p = figure("COCO17")
    return c.table(["frame"] + [f"{n}_{a}" for a in ("x", "y", "conf") for n in COCO],
                   [[t, *p[t].T.ravel()] for t in range(T)])


@case("empty cells are missing", truth="COCO17")
def wide_empty_cells(c):
    p = figure("COCO17")
    return c.table(["frame"] + [f"{n}_{a}" for n in COCO for a in ("x", "y")],
                   [[t] + [("" if (t + k) % 5 == 0 else v) for k in range(17) for v in p[t, k, :2]] for t in range(T)])


def annotations(p, names):
    return {"images": [{"id": t, "file_name": f"{t:06d}.png", "width": W, "height": H} for t in range(T)],
            "annotations": [{"image_id": t, "category_id": 1, "keypoints": [v for r in p[t] for v in (r[0], r[1], 2)]}
                            for t in range(T)], "categories": [{"id": 1, "name": "person", "keypoints": names}]}


@case("PoseTrack's head points are no eyes", truth="COCO17", absent=("left_eye", "right_eye"))
def posetrack(c):
    p = figure("COCO17")
    p[:, 1:3, :2] += 300
    return c.json(annotations(p, ["nose", "head_bottom", "head_top", *COCO[3:]]))


@case("BODY25 by its highest number", truth="BODY25",
      absent=["right_eye", "left_eye", "right_ear", "left_ear", "left_big_toe", "left_small_toe", "right_small_toe"])
def body25_with_gaps(c):
    p = figure("BODY25")
    return c.table(["frame", "keypoint", "x", "y", "score"],
                   [[t, i, *p[t, i]] for t in range(T) for i in range(25) if i not in (15, 16, 17, 18, 19, 20, 23)])


@case("NaN in an array is missing", truth="COCO17")
def npz_nan(c):
    p = figure("COCO17")
    p[5] = np.nan
    p[7, 4, :2] = np.nan
    np.savez(c.folder / "clip.npz", xy=p[..., :2], score=p[..., 2], layout="COCO17")
    return c.folder / "clip.npz"


@case("x, y, z, visibility", size=SIZE, scores=True)
def npz_x_y_z_visibility(c):
    p = shares(figure())
    z = np.random.default_rng(0).uniform(-0.2, 0.1, (T, 33, 1))
    np.savez(c.folder / "clip.npz", landmarks=np.concatenate((p[..., :2], z, p[..., 2:]), axis=-1))
    return c.folder / "clip.npz"


@case("the rate as a text", fps=FPS)
def rate_as_fraction(c):
    p = shares(figure())
    return c.json({"fps": "20/1", "size": "1280x720",
                   "frames": [{"landmarks": [landmark(r) for r in p[t]]} for t in range(T)]})


@case("times without a unit", size=SIZE, fps=FPS, last=1.15)
def json_timestamps(c):
    p = shares(figure())
    return c.json([{"timestamp": t / FPS, "landmarks": [landmark(r) for r in p[t]]} for t in range(T)])


@case("times in microseconds", size=SIZE, fps=FPS, last=1.15)
def json_timestamps_micro(c):
    p = shares(figure())
    return c.json([{"timestamp": 7_000_000 + t * 50_000, "landmarks": [landmark(r) for r in p[t]]} for t in range(T)])


@case("kinetics skeletons", truth="COCO18", size=SIZE, scores=True)
def kinetics(c):
    p = shares(figure("COCO18"))
    return c.json({"data": [{"frame_index": t + 1, "skeleton": [{"pose": p[t, :, :2].ravel().tolist(),
                   "score": p[t, :, 2].tolist()}]} for t in range(T)], "label": "walking", "label_index": 3})


@case("ml5 bodyPose", truth="COCO17", scores=True)
def ml5(c):
    p = figure("COCO17")
    def person(t):
        points = [{"x": p[t, i, 0], "y": p[t, i, 1], "confidence": p[t, i, 2], "name": COCO[i]} for i in range(17)]
        return {"keypoints": points, "box": {"xMin": 1, "yMin": 2}, "id": 4, "confidence": 0.9,
                **{n: {"x": 1, "y": 1, "confidence": 1} for n in COCO}}
    return c.json([[person(t)] for t in range(T)])


@case("PoseNet of TensorFlow.js", truth="COCO17", scores=True)
def posenet(c):
    p = figure("COCO17")
    return c.json([{"score": 0.9, "keypoints": [{"part": camel(COCO[i]), "score": p[t, i, 2],
                    "position": {"x": p[t, i, 0], "y": p[t, i, 1]}} for i in range(17)]} for t in range(T)])


@case("Ultralytics' to_json as texts", truth="COCO17", scores=True)
def ultralytics_texts(c):
    p = figure("COCO17")
    return c.json([json.dumps(one_person(p[t])) for t in range(T)])


@case("Ultralytics, a file a picture", truth="COCO17", scores=True)
def ultralytics_folder(c):
    p = figure("COCO17")
    for t in range(T):
        c.json(one_person(p[t]), f"out/walk_{t}.json")
    return c.folder / "out"


@case("Ultralytics labels with confidence and track", truth="COCO17", size=SIZE, scores=True)
def ultralytics_labels(c):
    p = shares(figure("COCO17"))
    (c.folder / "labels").mkdir()
    for t in range(T):
        line = [0, 0.5, 0.5, 0.2, 0.6, *p[t].ravel(), 0.91, 1]
        (c.folder / "labels" / f"walk_{t + 1}.txt").write_text(" ".join(map(str, line)) + "\n")
    return c.folder / "labels"


@case("JSON lines of OpenPifPaf", truth="COCO17", scores=True)
def openpifpaf_lines(c):
    p = figure("COCO17")
    path = c.folder / "clip.openpifpaf.jsonl"
    path.write_text("".join(json.dumps({"frame": t, "predictions": [{"keypoints": p[t].ravel().tolist(), "score": 0.8,
                    "bbox": [1, 2, 3, 4], "category_id": 1}]}) + "\n" for t in range(T)))
    return path


@case("frames by picture", truth="COCO17", layout="COCO17")
def frames_by_picture(c):
    p = figure("COCO17")
    return c.json({f"img_{t:04d}.png": {"keypoints": p[t].tolist(), "names": 3} for t in range(T)})


@case("MMPose's inferencer as it returns", truth="COCO17", scores=True)
def mmpose_returned(c):
    p = figure("COCO17")
    return c.json([{"visualization": [], "predictions": [instance(p[t])]} for t in range(T)])


@case("MMPose's dumped data samples", truth="COCO17", scores=True)
def mmpose_dumped(c):
    p = figure("COCO17")
    return c.json([{"img_path": f"a/{t:05d}.jpg", "id": t, "ori_shape": [H, W], "pred_instances": {
        "keypoints": [p[t, :, :2].tolist()], "keypoint_scores": [p[t, :, 2].tolist()], "bboxes": [[1, 2, 3, 4]]}}
        for t in range(T)])


@case("FreeMoCap's 2D data", size=None)
def freemocap(c):
    p = np.full((2, T, 553, 2), np.nan)
    p[0, :, :33] = figure()[..., :2]
    p[1, :, :33] = 7
    np.save(c.folder / "mediapipe_2dData_numCams_numFrames_numTrackedPoints_pixelXY.npy", p)
    return c.folder / "mediapipe_2dData_numCams_numFrames_numTrackedPoints_pixelXY.npy"


@case("3D data are refused", refuse="3D")
def freemocap_3d(c):
    np.save(c.folder / "mediaPipeSkel_3d_body_hands_face.npy", np.random.default_rng(0).normal(0, 300, (T, 553, 3)))
    return c.folder / "mediaPipeSkel_3d_body_hands_face.npy"


def trc(c, unit, p, names):
    lines = ["PathFileType\t4\t(X/Y/Z)\tclip.trc",
             "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
             f"20\t20\t{T}\t{len(names)}\t{unit}\t20\t1\t{T}",
             "Frame#\tTime\t" + "\t\t\t".join(names), "\t\t" + "\t".join(f"{a}{i + 1}" for i in range(len(names))
                                                                       for a in "XYZ"), ""]
    lines += ["\t".join(map(str, [t + 1, t / FPS, *np.column_stack((p[t, :, :2], np.zeros(len(names)))).ravel()]))
              for t in range(T)]
    (c.folder / "clip.trc").write_text("\n".join(lines) + "\n")
    return c.folder / "clip.trc"


HALPE = [n.replace("left_", "l_").replace("right_", "r_").replace("head_top", "head").replace("mid_hip", "hip")
         .title().replace("_", "") for n in LAYOUTS["HALPE26"].keypoint_names]


@case("Sports2D's pixels", truth="HALPE26", fps=FPS)
def trc_pixels(c):
    return trc(c, "px", figure("HALPE26"), HALPE)


@case("markers in metres are refused", refuse="3D")
def trc_metres(c):
    return trc(c, "m", figure("HALPE26") / 1000, HALPE)


@case("DeepLabCut", truth="COCO17", scores=True)
def deeplabcut(c):
    p = figure("COCO17")
    rows = [["bodyparts"] + [n for n in COCO for _ in range(3)], ["coords"] + ["x", "y", "likelihood"] * 17]
    return c.table(["scorer"] + ["DLC_resnet50"] * 51, rows + [[t, *p[t].ravel()] for t in range(T)])


@case("SLEAP", truth="COCO17", scores=True)
def sleap(c):
    p = figure("COCO17")
    return c.table(["track", "frame_idx", "instance.score"] + [f"{n}.{a}" for n in COCO for a in ("x", "y", "score")],
                   [["", t, 0.9, *p[t].ravel()] for t in range(T)])


@case("an animal is refused", refuse="not those of a person")
def deeplabcut_mouse(c):
    rows = [["bodyparts", *["snout"] * 3, *["tail"] * 3], ["coords"] + ["x", "y", "likelihood"] * 2]
    return c.table(["scorer"] + ["DLC"] * 6, rows + [[t, 1, 2, 1, 3, 4, 1] for t in range(T)])


@case("the first 18 of BODY25 are no COCO18", truth="BODY25", refuse="order of BODY25")
def first_18_of_body25(c):
    p = figure("BODY25")
    return c.json([p[t, :18].tolist() for t in range(T)])


@case("metres about the hips with y up are refused", size=SIZE, refuse="hips")
def world_y_up(c):
    p = figure()
    w = (p[..., :2] - p[:, 23:25, :2].mean(axis=1, keepdims=True)) / [230, -230]
    return c.table(["frame", "landmark", "x", "y", "z"],
                   [[t, i, *w[t, i], 0.1] for t in range(T) for i in range(33)])


@case("Ultralytics' to_json, in shares", truth="COCO17", size=SIZE, scores=True)
def ultralytics_shares(c):
    p = shares(figure("COCO17"))
    return c.json([one_person(p[t]) for t in range(T)])


@case("numbers in objects, some never there", truth="BODY25", layout="BODY25",
      absent=["right_eye", "left_eye", "right_ear", "left_ear"])
def json_ids_with_gaps(c):
    p = figure("BODY25")
    return c.json([[{"id": i, "x": p[t, i, 0], "y": p[t, i, 1], "score": p[t, i, 2]} for i in range(25)
                    if not 15 <= i < 19] for t in range(T)])


@case("a result in a result", scores=True, fps=FPS)
def nested_results(c):
    p = shares(figure())
    return c.json({"video": {"fps": "20/1", "width": W, "height": H}, "results": [
        {"frame": t, "result": {"landmarks": [[landmark(r) for r in p[t]]]}} for t in range(T)]})


@case("frames by name under frames", size=SIZE, scores=True)
def frames_in_an_object(c):
    p = shares(figure())
    return c.json({"frames": {f"frame_{t:03d}": {"pose_landmarks": [landmark(r) for r in p[t]]} for t in range(T)}})


@case("persons with points by name", truth="COCO17", scores=True)
def persons_by_name(c):
    p = figure("COCO17")
    return c.json({"frames": [{"frame": t, "persons": [{"id": 1, "keypoints": {
        COCO[i]: {"x": p[t, i, 0], "y": p[t, i, 1], "confidence": p[t, i, 2]} for i in range(17)}}]}
                              for t in range(T)]})


@case("lists of x and y a frame", truth="COCO17", layout="COCO17", scores=True)
def columns_a_frame(c):
    p = figure("COCO17")
    return c.json([{"frame": t, "x": p[t, :, 0].tolist(), "y": p[t, :, 1].tolist(), "confidence": p[t, :, 2].tolist()}
                   for t in range(T)])


@case("(-1, -1) is missing", truth="COCO17", absent=("nose",), note="count as missing")
def minus_one_is_missing(c):
    p = figure("COCO17")
    p[:, 0] = -1
    return c.table(["frame"] + [f"{n}_{a}" for n in COCO for a in ("x", "y")],
                   [[t, *p[t, :, :2].ravel()] for t in range(T)])


@case("y before x is said", layout="COCO17", truth="COCO17", note="y before x", but=True)
def y_before_x(c):
    p = figure("COCO17")
    return c.json([p[t][:, [1, 0, 2]].tolist() for t in range(T)])


def unreadable(suffix, word):
    def make(c):
        (c.folder / f"clip{suffix}").write_bytes(b"\x89HDF\r\n")
        return c.folder / f"clip{suffix}"
    make.__name__ = f"unreadable_{suffix[1:]}"
    case(f"{word}, named as what it is", refuse=word)(make)


for SUFFIX, WORD in ((".h5", "HDF5"), (".c3d", "C3D"), (".pkl", "pickle"), (".slp", "SLEAP")):
    unreadable(SUFFIX, WORD)


@case("MediaPipe's names, some landmarks never there", size=SIZE, absent=MP[1:7])
def long_names_without_eyes(c):
    p = shares(figure())
    return c.table(["Frame", "Landmark", "X", "Y", "Z", "Visibility"],
                   [[t, MP[i].replace("_knuckle", "").upper(), p[t, i, 0], p[t, i, 1], 0, p[t, i, 2]]
                    for t in range(T) for i in range(33) if not 1 <= i <= 6])


@case("a header with the names", truth="COCO17")
def json_names_in_the_header(c):
    p = figure("COCO17")
    order = np.random.default_rng(1).permutation(17)
    return c.json({"keypoint_names": [COCO[i] for i in order], "fps": 20,
                   "frames": [{"keypoints": p[t, order].tolist()} for t in range(T)]})


@case("points by name in an object", truth="COCO17", scores=True)
def json_points_by_name(c):
    p = figure("COCO17")
    return c.json([{"frame": t, "keypoints": {COCO[i]: p[t, i].tolist() for i in reversed(range(17))}}
                   for t in range(T)])


@case("a --layout that names contradict is refused", layout="BODY25", refuse="contradicts")
def layout_contradicts_names(c):
    return named(c, lambda n, a: f"{n}_{a}", COCO, "COCO17", ("x", "y", "conf"))


assert len(CASES) > 60
