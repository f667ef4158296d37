"""Neighbours of the kinds A to N of the field cases: units, columns, numbers, scores, times and texts."""

from __future__ import annotations

import json

import numpy as np

from anatomy_mocap.core.keypoint_layouts import LAYOUTS
from tests.support.keypoint_cases import FPS, MP, SIZE, T, case, figure, landmark, shares

COCO = LAYOUTS["COCO17"].keypoint_names
PLAIN = [name.replace("_knuckle", "") for name in MP]


@case("a hand beside the left edge is no range of -1 to 1", truth="BODY25", size=SIZE, but=True,
      note="fractions of the picture size (0..1)")
def openpose_beside_the_edge(c):
    p = shares(figure("BODY25"))
    p[..., 0] -= p[..., 0].min() + 0.02
    for t in range(T):
        c.json({"people": [{"pose_keypoints_2d": p[t].ravel().tolist()}]}, f"clip/{t:06d}_keypoints.json")
    return c.folder / "clip"


@case("metres in front of a camera are refused", truth="COCO17", layout="COCO17", refuse="no pixels but metres")
def metres(c):
    p = figure("COCO17") / [200, 200, 1] + [3, 3, 0]
    np.savez(c.folder / "clip.npz", xy=p[..., :2], score=p[..., 2])
    return c.folder / "clip.npz"


@case("(0, 0) is missing, whatever its score", truth="COCO17", absent=("left_ear",), scores=False, note="(0, 0)")
def zeros_with_a_score(c):
    p = figure("COCO17")
    p[:, 3, :2] = 0
    return c.table(["frame"] + [f"{n}_{a}" for n in COCO for a in ("x", "y", "conf")],
                   [[t, *p[t].ravel()] for t in range(T)])


@case("(-999, -999) is missing", truth="COCO17", absent=("left_ear",), note="(-999, -999)")
def sentinel(c):
    p = figure("COCO17")
    p[:, 3, :2] = -999
    return c.table(["frame"] + [f"{n}_{a}" for n in COCO for a in "xy"], [[t, *p[t, :, :2].ravel()] for t in range(T)])


@case("scores in percent", truth="COCO17", scores=True, note="divided by 100")
def percent_scores(c):
    p = figure("COCO17") * [1, 1, 100]
    return c.table(["frame"] + [f"{n}_{a}" for n in COCO for a in ("x", "y", "confidence")],
                   [[t, *p[t].ravel()] for t in range(T)])


@case("pixels beside fractions: pixels are read, with the scores beside them", truth="COCO17", scores=True)
def pixels_and_fractions(c):
    p, q = figure("COCO17"), shares(figure("COCO17"))
    head = [f"{n}_{a}" for n in COCO for a in ("x", "y", "conf", "x_px", "y_px")]
    return c.table(["frame", *head], [[t] + [v for r, s in zip(p[t], q[t], strict=True)
                                             for v in (s[0], s[1], r[2], r[0], r[1])] for t in range(T)])


@case("pixels beside normalised ones", truth="COCO17")
def pixels_and_normalised(c):
    p, q = figure("COCO17"), shares(figure("COCO17"))
    head = [f"{n}_{a}" for n in COCO for a in ("x", "y", "x_normalized", "y_normalized")]
    return c.table(["frame", *head], [[t] + [v for r, s in zip(p[t], q[t], strict=True) for v in (*r[:2], *s[:2])]
                                      for t in range(T)])


@case("px and py", truth="COCO17")
def px_and_py(c):
    p = figure("COCO17")
    return c.table(["frame"] + [f"{n}_{a}" for n in COCO for a in ("xpos", "ypos")],
                   [[t, *p[t, :, :2].ravel()] for t in range(T)])


@case("numbers from 1 with one that never occurs", truth="BODY25", layout="BODY25", absent=("right_eye",))
def numbers_from_one_with_a_gap(c):
    p = figure("BODY25")
    return c.table(["frame", "keypoint", "x", "y", "score"],
                   [[t, i + 1, *p[t, i]] for t in range(T) for i in range(25) if i != 15])


@case("the same without a layout is refused, never HALPE26", truth="BODY25", refuse="count from 0 or 1")
def numbers_from_one_with_a_gap_unstated(c):
    return numbers_from_one_with_a_gap(c)


@case("landmarks of MediaPipe from 1 with one that never occurs", size=SIZE, absent=("left_mouth",))
def landmarks_from_one_with_a_gap(c):
    p = shares(figure())
    return c.table(["frame", "landmark_id", "x", "y", "z", "visibility"],
                   [[t, i + 1, *p[t, i, :2], 0, p[t, i, 2]] for t in range(T) for i in range(33) if i != 9])


@case("times of a clock", size=SIZE, fps=FPS, last=1.15)
def clock_times(c):
    p = shares(figure())
    return c.table(["time"] + [f"{n}_{a}" for n in PLAIN for a in ("x", "y", "visibility")],
                   [[f"00:00:{t / FPS:06.3f}", *p[t].ravel()] for t in range(T)])


@case("dates and times", size=SIZE, fps=FPS, last=1.15)
def iso_times(c):
    p = shares(figure())
    return c.json([{"timestamp": f"2026-08-15T12:14:{24 + t / FPS:06.3f}", "landmarks": [landmark(r) for r in p[t]]}
                   for t in range(T)])


@case("documents one after the other", size=SIZE, scores=True)
def appended_documents(c):
    p = shares(figure())
    path = c.folder / "clip.json"
    path.write_text("".join(json.dumps({"frame": t, "landmarks": [landmark(r) for r in p[t]]}, indent=1)
                            for t in range(T)))
    return path


@case("Python's notation is named", refuse="Python's notation")
def python_notation(c):
    path = c.folder / "clip.json"
    path.write_text(str([{"frame": 0, "landmarks": []}]))
    return path


@case("UTF-16, as PowerShell writes it", size=SIZE, scores=True)
def utf16(c):
    p = shares(figure())
    path = c.folder / "clip.json"
    path.write_text(json.dumps([{"landmarks": [landmark(r) for r in p[t]]} for t in range(T)]), encoding="utf-16")
    return path


def excel(c, first, end, delimiter):
    p = figure("COCO17")
    lines = [delimiter.join(["frame"] + [f"{n}_{a}" for n in COCO for a in ("x", "y", "score")])]
    lines += [delimiter.join(map(str, [t, *p[t].ravel()])) + end for t in range(T)]
    (c.folder / "clip.csv").write_text(first + "\n".join(lines) + "\n")
    return c.folder / "clip.csv"


@case("Excel's first line", truth="COCO17", scores=True)
def excel_separator(c):
    return excel(c, "sep=;\n", "", ";")


@case("lines of a logger before the header", truth="COCO17", scores=True)
def comments_first(c):
    return excel(c, "# recorded by me\n# fps 20\n", "", ",")


@case("a delimiter at the end of each line", truth="COCO17", scores=True)
def delimiter_at_the_end(c):
    return excel(c, "", ",", ",")


@case("ML Kit", size=SIZE, scores=True)
def ml_kit(c):
    p = figure()
    return c.json([{"frame": t, "landmarks": [{"type": i, "position": {"x": p[t, i, 0], "y": p[t, i, 1], "z": 3},
                   "inFrameLikelihood": p[t, i, 2]} for i in reversed(range(33))]} for t in range(T)])


@case("Apple's Vision, y downwards", truth="COCO17", absent=("nose", "left_ear", "right_ear"))
def apple_vision(c):
    p = figure("COCO17")
    name = {"shoulder": "shoulder_1", "elbow": "forearm", "wrist": "hand", "hip": "upLeg", "knee": "leg",
            "ankle": "foot", "eye": "eye"}
    def points(t):
        return {f"{n.partition('_')[0]}_{name[n.partition('_')[2]]}_joint":
                {"x": p[t, i, 0], "y": p[t, i, 1], "confidence": p[t, i, 2]} for i, n in enumerate(COCO)
                if n.partition("_")[2] in name}
    return c.json([{"frame": t, "keypoints": points(t)} for t in range(T)])


@case("names in a list at the top", truth="COCO17", scores=True)
def joints_at_the_top(c):
    p = figure("COCO17")
    order = np.random.default_rng(2).permutation(17)
    return c.json({"joints": [COCO[i] for i in order], "frames": [p[t, order].tolist() for t in range(T)]})


@case("a packed file is named", refuse="packed file")
def packed(c):
    (c.folder / "clip.json.gz").write_bytes(b"\x1f\x8b")
    return c.folder / "clip.json.gz"


@case("people with keypoints under another name than OpenPose's", truth="COCO17", layout="COCO17", scores=True)
def people_with_keypoints(c):
    p = figure("COCO17")
    return c.json([{"frame": t, "people": [{"id": 3, "keypoints": p[t].tolist()}]} for t in range(T)])


@case("a flat list a frame", truth="BODY25", scores=True)
def flat_lists(c):
    return c.json({"fps": FPS, "frames": [row.ravel().tolist() for row in figure("BODY25")]})


@case("the score is p", truth="COCO17", scores=True)
def score_is_p(c):
    p = figure("COCO17")
    return c.json([[{"name": COCO[i], "x": p[t, i, 0], "y": p[t, i, 1], "p": p[t, i, 2]} for i in range(17)]
                   for t in range(T)])


HEAD = [f"{n}_{a}" for n in COCO for a in ("x", "y", "conf")]


def second(p):
    """A smaller person beside the figure."""
    return p * [0.5, 0.5, 1] + [700, 100, 0]


@case("people before frames in an array", truth="COCO17", layout="COCO17", note="2 people of 24 frames")
def array_of_people(c):
    p = figure("COCO17")
    both = np.stack([second(p), p])
    np.savez(c.folder / "clip.npz", keypoint=1, keypoints=both[..., :2], keypoint_scores=both[..., 2])
    return c.folder / "clip.npz"


@case("one person before the frames", truth="COCO17", layout="COCO17", scores=True)
def array_of_one_person(c):
    np.save(c.folder / "clip.npy", figure("COCO17")[None])
    return c.folder / "clip.npy"


@case("frames before people", truth="COCO17", layout="COCO17", scores=True)
def array_of_frames(c):
    p = figure("COCO17")
    np.save(c.folder / "clip.npy", np.stack([second(p), p], axis=1))
    return c.folder / "clip.npy"


@case("people by number in a frame", truth="COCO17", layout="COCO17", scores=True)
def people_by_number(c):
    p = figure("COCO17")
    return c.json([{"frame": t, "people": {"7": second(p)[t].tolist(), "8": p[t].tolist()}} for t in range(T)])


@case("people with their own frames", truth="COCO17", layout="COCO17", scores=True)
def people_with_frames(c):
    p = figure("COCO17")
    people = [{"id": i, "frames": [{"frame": t, "keypoints": q[t].tolist()} for t in range(T)]}
              for i, q in ((4, second(p)), (5, p))]
    return c.json({"fps": FPS, "persons": people})


@case("tracks with their own frames", truth="COCO17", layout="COCO17", scores=True)
def tracks_with_frames(c):
    p = figure("COCO17")
    return c.json({"tracks": {"1": [{"frame": t, "keypoints": p[t].tolist()} for t in range(T)]}})


@case("joints over time", truth="COCO17", scores=True)
def joints_over_time(c):
    p = figure("COCO17")
    return c.json({"fps": FPS, **{n: p[:, k].tolist() for k, n in enumerate(COCO)}})


@case("lists of x and y of each joint", truth="COCO17")
def joints_over_time_as_lists(c):
    p = figure("COCO17")
    return c.json({n: {"x": p[:, k, 0].tolist(), "y": p[:, k, 1].tolist()} for k, n in enumerate(COCO)})


@case("xy and conf of all people", truth="COCO17", scores=True)
def xy_and_conf(c):
    p = figure("COCO17")
    return c.json([{"frame": t, "keypoints": {"xy": [p[t, :, :2].tolist()], "conf": [p[t, :, 2].tolist()]}}
                   for t in range(T)])


@case("a word before each name", truth="COCO17", scores=True)
def a_word_before(c):
    p = figure("COCO17")
    return c.table(["frame"] + [f"pred_{name}" for name in HEAD], [[t, *p[t].ravel()] for t in range(T)])


@case("columns of two people are refused", refuse="several bodies .p1, p2")
def columns_of_two_people(c):
    p = figure("COCO17")
    return c.table(["frame"] + [f"p{i}_{name}" for i in (1, 2) for name in HEAD],
                   [[t, *p[t].ravel(), *second(p)[t].ravel()] for t in range(T)])


@case("17 numbers with a depth are no landmarks of MediaPipe", truth="COCO17", refuse="ambiguous")
def coco_numbers_with_depth(c):
    p = figure("COCO17")
    return c.json([{"frame": t, "keypoints": [{"id": i, "x": p[t, i, 0], "y": p[t, i, 1], "z": 255.0,
                                               "confidence": p[t, i, 2]} for i in range(17)]} for t in range(T)])


@case("BODY25 with depths is not MediaPipe's upper body", truth="BODY25", refuse="order of BODY25")
def body25_with_depth(c):
    p = figure("BODY25")
    return c.json([{"landmarks": [{"x": x, "y": y, "z": 0.1, "visibility": s} for x, y, s in p[t].tolist()]}
                   for t in range(T)])
