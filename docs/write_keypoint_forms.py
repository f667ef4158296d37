"""Writes the examples of docs/use/keypoint_files.md from the tests' files: `python docs/write_keypoint_forms.py`."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support import field_keypoint_cases, more_keypoint_cases  # noqa: E402, F401 (they add to the cases)
from tests.support import keypoint_file_writers as writers  # noqa: E402
from tests.support.keypoint_cases import CASES, FPS, Case, figure  # noqa: E402
from tests.support.keypoint_cases import T as FRAMES  # noqa: E402

PAGE = ROOT / "docs" / "use" / "keypoint_files.md"
START, END = "<!-- forms: python docs/write_keypoint_forms.py -->\n", "<!-- end of the forms -->\n"
WIDTH, LINES, ROW = 112, 5, 104


class Form(NamedTuple):
    """One form. make: writes it into a folder and returns its path. text: what the page says of it."""

    title: str
    make: Callable[[Path], Path]
    text: str = ""


def written(write: Callable, layout: str, name: str) -> Callable[[Path], Path]:
    """A form that tests/support/keypoint_file_writers.py writes."""
    points = figure(layout)[None]
    clip = writers.Clip(np.round(points, 2), np.ones((1, FRAMES), bool), layout, FPS)
    return lambda folder: write(folder / name, clip)


def case(name: str) -> Callable[[Path], Path]:
    """A form that a case of tests/support writes."""
    return lambda folder: CASES[name][0](Case(folder))


FORMS = (
    Form("OpenPose", written(writers.openpose, "BODY25", "dance"), "0, 0, 0 is a missing keypoint."),
    Form("AlphaPose", written(writers.alphapose, "COCO17", "alphapose.json"), "One entry a person and picture."),
    Form("AlphaPose, `--format open`", written(writers.alphapose_open, "COCO18", "open.json"),
         "With `--format cmu`: `bodies` and `joints`."),
    Form("AlphaPose-PoseFlow", case("poseflow_tracked")),
    Form("MMPose, demo scripts", written(writers.mmpose_demo, "COCO17", "results_dance.json")),
    Form("MMPose, inferencer on a video", written(writers.mmpose_video, "COCO17", "dance.json"),
         "On pictures: one file each with the list of instances."),
    Form("MMPose, dumped results", case("mmpose_dumped")),
    Form("rtmlib", written(writers.rtmlib_json, "HALPE26", "rtmlib.json"),
         "The result of `keypoints, scores = model(picture)`, frame by frame; or stacked in an .npz."),
    Form("COCO results", written(writers.coco_results, "COCO17", "results.json")),
    Form("COCO annotations, CVAT, PoseTrack", written(writers.coco_annotations, "COCO17", "annotations.json"),
         "Third values are visibility: 0, 1 or 2, of which 0 is missing."),
    Form("MediaPipe, list of frames", written(writers.mediapipe_list, "MEDIAPIPE33", "landmarks.json"),
         "null where nobody was found. The names `landmarks`, `poseLandmarks` and `pose_landmarks` are accepted, for "
         "one person or several; so are frames by their number, and JSON lines."),
    Form("MediaPipe, with the video's facts", written(writers.mediapipe_frames, "MEDIAPIPE33", "dance.json")),
    Form("MediaPipe Tasks", written(writers.mediapipe_tasks, "MEDIAPIPE33", "tasks.json")),
    Form("MediaPipe, a landmark a line", written(writers.mediapipe_csv_long, "MEDIAPIPE33", "landmarks.csv"),
         "Separated by comma, semicolon (also with decimal commas) or tab. With a column `type`, the rows of the pose "
         "are read."),
    Form("MediaPipe, a frame a line", written(writers.mediapipe_csv_wide, "MEDIAPIPE33", "wide.csv")),
    Form("Tables with names", case("wide_names_yolo"), "Any spelling and order of name and axis: `NOSE_x`, `x_nose`, "
         "`LShoulder.x`, `Nosex`."),
    Form("Tables with a point in each cell", case("cells_of_text"), "Also `[x, y, score]` and `(x, y)`."),
    Form("Tables in JSON", case("json_records"), "Records, columns and the split form of pandas."),
    Form("TensorFlow.js, ml5", case("tfjs_names")),
    Form("PoseNet", case("posenet_positions")),
    Form("Ultralytics, JSON", case("ultralytics_json"), "`to_json`; one file, or one a picture."),
    Form("Ultralytics, labels", case("ultralytics_labels"), "A line a person: class, box, then x, y and score of each "
         "keypoint in shares, then perhaps confidence and track."),
    Form("OpenPifPaf", case("openpifpaf_lines"), "Or a folder of `.predictions.json`."),
    Form("easy_ViTPose", case("easy_vitpose"), "y before x."),
    Form("EasyMocap", case("easymocap_annots")),
    Form("Kinetics skeletons", case("kinetics")),
    Form("DeepLabCut", case("deeplabcut"), "Four lines of header with several individuals. 3D tables are refused."),
    Form("SLEAP", case("sleap")),
    Form("Sports2D, Pose2Sim .trc", case("trc_pixels"), "The unit in the header is `px`; metres are refused."),
    Form("FreeMoCap", case("freemocap"), "Cameras, frames, points, x and y."),
    Form("VideoPose3D", written(writers.videopose3d, "COCO17", "data_2d_custom_dance.npz"), "Pickles inside .npz. A "
         "pickle is a program; none of it is run here. Only dicts, lists, numbers and plain arrays are accepted. A "
         "file that asks for more is refused, with the name of the function that it tried to call."),
    Form("detectron, for VideoPose3D", written(writers.detectron, "COCO17", "dance.mp4.npz")),
    Form("Our own form", written(writers.own_npz, "COCO17", "dance.npz"), "The simplest to write from a script: "
         '`numpy.savez("dance.npz", xy=xy, score=score, layout="COCO17", fps=25, width=1920, height=1080)`. Also '
         "`times` (seconds) and `keypoint_names`."),
)


def example(path: Path) -> list[str]:
    """The first lines of a file, or of the first file of a folder, with all that repeats left out."""
    if path.is_dir():
        files = sorted(path.iterdir())
        return [f"{path.name}/{files[0].name}, {files[1].name}, ... :", *example(files[0])[:LINES - 1]]
    if path.suffix in (".json", ".jsonl"):
        text = path.read_text(encoding="utf-8")
        document = json.loads(text.splitlines()[0] if path.suffix == ".jsonl" else text)
        return lines_of(short(document))
    if path.suffix == ".npy":
        array = np.load(path)
        return [f"{array.shape} {array.dtype}"]
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=True) as arrays:
            return [cut(f"{name}: {of_array(arrays[name])}") for name in arrays.files][:LINES + 1]
    rows = path.read_text(encoding="utf-8").replace("\t", "  ").splitlines()
    return [cut(row) for row in rows if row.strip()][:LINES]


def of_array(array: np.ndarray) -> str:
    """An array's shape, or the value of a single one."""
    if array.dtype == object and array.ndim:
        return f"{array.shape} of " + short([[], f"{array[0][1].shape}"])
    return short(array.item()) if not array.ndim else f"{array.shape} {array.dtype}"


def short(value: object) -> str:
    """A JSON value without the items that repeat."""
    if isinstance(value, np.ndarray):
        return f"{value.shape} {value.dtype}"
    if isinstance(value, dict):
        items = [f"{json.dumps(str(key))}: {short(item)}" for key, item in list(value.items())[:9]]
        if len(value) > 2 and all(key.isdecimal() or "." in key for key in map(str, value)):
            items = items[:1]
        return "{" + ", ".join(items + ["..."] * (len(items) < len(value))) + "}"
    if isinstance(value, (list, tuple)):
        plain = all(isinstance(item, (int, float)) for item in value)
        kept = value if plain and len(value) <= 4 else value[:6 if plain else 1]
        return "[" + ", ".join([short(item) for item in kept] + ["..."] * (len(kept) < len(value))) + "]"
    if isinstance(value, float):
        return f"{value:.4g}"
    return json.dumps(value)


def lines_of(text: str) -> list[str]:
    """A text in lines of at most WIDTH letters, broken after commas; at most LINES of them."""
    lines, line = [], ""
    for part in re.split(r"(?<=, )", text):
        if line and len(line) + len(part) > WIDTH:
            lines.append(line.rstrip())
            line = "  "
        line += part
    lines.append(line)
    return lines if len(lines) <= LINES else [*lines[:LINES - 1], "  ..."]


def cut(line: str) -> str:
    """A line of at most ROW letters, with numbers of at most five digits."""
    line = re.sub(r"\d+\.\d{4,}", lambda found: f"{float(found[0]):.5g}", line)
    return line if len(line) <= ROW else line[:ROW].rsplit(",", 1)[0].rsplit("  ", 1)[0] + " ..."


def section() -> str:
    """All forms, with their examples."""
    parts = []
    for form in FORMS:
        with tempfile.TemporaryDirectory() as folder:
            shown = example(form.make(Path(folder)))
        text = f"**{form.title}**" + (f": {form.text}" if form.text else "")
        parts.append("\n".join([*wrapped(text), "```", *shown, "```"]))
    return "\n\n".join(parts) + "\n"


def wrapped(text: str) -> list[str]:
    """Prose in lines of at most 118 letters."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > 118:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def page(text: str) -> str:
    """The page's text with the forms of today."""
    before, rest = text.split(START)
    return before + START + section() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
