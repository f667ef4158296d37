"""Writes a known clip in every keypoint format, in the same form as the tools."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anatomy_mocap.core.keypoint_layouts import LAYOUTS


@dataclass
class Clip:
    """A clip with known keypoints.

    points: (P, T, K, 3) x, y in pixels and score, zeros where missing. there: (P, T) presence of a person in a frame.
    """

    points: np.ndarray
    there: np.ndarray
    layout: str
    fps: float = 25.0
    width: int = 1280
    height: int = 720

    @property
    def frames(self) -> range:
        return range(self.points.shape[1])

    def people(self, frame: int):
        """Return (person number, keypoints (K, 3)) of everybody in a frame."""
        return [(p, self.points[p, frame]) for p in range(len(self.points)) if self.there[p, frame]]


def random_clip(seed: int, layout: str, frames: int = 6, people: int = 1, missing: float = 0.2) -> Clip:
    """Make people who wander. Some keypoints are missing; everybody is in the first and the last frame."""
    rng = np.random.default_rng(seed)
    count = len(LAYOUTS[layout])
    body = rng.uniform(-90, 90, (people, 1, count, 2))
    centre = rng.uniform((200, 200), (1000, 500), (people, 1, 1, 2)) + rng.uniform(-4, 4, (people, 1, 1, 2)) \
        * np.arange(frames)[None, :, None, None]
    score = np.round(rng.uniform(0.05, 1, (people, frames, count)), 4)
    points = np.concatenate((np.round(body + centre + rng.normal(0, 0.5, (people, frames, count, 2)), 3),
                             score[..., None]), axis=-1)
    points[rng.random((people, frames, count)) < missing] = 0
    points[:, :, 0] = np.where(points[:, :, 0] == 0, [300.0, 200.0, 0.5], points[:, :, 0])
    there = rng.random((people, frames)) > 0.15
    there[:, [0, -1]] = True
    return Clip(points, there, layout)


def _dump(path: Path, document) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _flat(points: np.ndarray) -> list[float]:
    return points.reshape(-1).tolist()


def openpose(folder: Path, clip: Clip, order=None, first: int = 0) -> Path:
    """Write the files of --write_json: one per frame, person_id -1, empty face and hands."""
    folder.mkdir()
    for t in order if order is not None else clip.frames:
        people = [{"person_id": [-1], "pose_keypoints_2d": _flat(p), "face_keypoints_2d": [],
                   "hand_left_keypoints_2d": [], "pose_keypoints_3d": []} for _, p in clip.people(t)]
        _dump(folder / f"clip_{t + first:012d}_keypoints.json", {"version": 1.3, "people": people})
    return folder


def openpose_normalised(folder: Path, clip: Clip) -> Path:
    """Write the files of --keypoint_scale 4: -1..1 over the picture."""
    folder.mkdir()
    for t in clip.frames:
        people = []
        for _, points in clip.people(t):
            scaled = points.copy()
            scaled[:, :2] = np.where(points[:, 2:] > 0, 2 * points[:, :2] / (clip.width, clip.height) - 1, 0)
            people.append({"pose_keypoints_2d": _flat(scaled)})
        _dump(folder / f"{t}_keypoints.json", {"people": people})
    return folder


def _alphapose_entries(clip: Clip, ids: bool = True) -> list[dict]:
    entries = []
    for t in clip.frames:
        for p, points in clip.people(t):
            x0, y0 = points[:, :2].min(axis=0)
            x1, y1 = points[:, :2].max(axis=0)
            entries.append({"image_id": f"{t}.jpg", "category_id": 1, "keypoints": _flat(points), "score": 2.7,
                            "box": [x0, y0, x1 - x0, y1 - y0], "idx": [float(p + 1)] if ids else [0.0]})
    return entries


def alphapose(path: Path, clip: Clip, ids: bool = True, shuffle: int | None = None) -> Path:
    entries = _alphapose_entries(clip, ids)
    if shuffle is not None:
        np.random.default_rng(shuffle).shuffle(entries)
    return _dump(path, entries)


def alphapose_open(path: Path, clip: Clip) -> Path:
    """Write the file of --format open: {picture: {"version", "people"}}; pictures without people are absent."""
    return _dump(path, {f"{t}.jpg": {"version": "AlphaPose v0.3",
                                     "people": [{"pose_keypoints_2d": _flat(p)} for _, p in clip.people(t)]}
                        for t in clip.frames if clip.people(t)})


def alphapose_cmu(path: Path, clip: Clip) -> Path:
    """Write the file of --format cmu."""
    return _dump(path, {f"{t}.jpg": {"version": "AlphaPose v0.3", "bodies": [{"joints": _flat(p)} for _, p in
                                                                            clip.people(t)]}
                        for t in clip.frames if clip.people(t)})


def _instances(clip: Clip, t: int) -> list[dict]:
    return [{"keypoints": p[:, :2].tolist(), "keypoint_scores": p[:, 2].tolist(),
             "bbox": [[10.0, 20.0, 30.0, 40.0]], "bbox_score": 0.98} for _, p in clip.people(t)]


_MMPOSE_NAMES = {"COCO17": "coco", "HALPE26": "halpe26", "COCO133": "coco_wholebody", "H36M17": "h36m"}


def mmpose_demo(path: Path, clip: Clip) -> Path:
    """Write the demo script's file: frame ids from 1, meta_info with the data set's name and arrays as lists."""
    meta = {"dataset_name": _MMPOSE_NAMES[clip.layout], "num_keypoints": clip.points.shape[2],
            "sigmas": {"__ndarray__": [0.1, 0.2], "dtype": "float32", "shape": [2]}}
    return _dump(path, {"meta_info": meta, "instance_info": [
        {"frame_id": t + 1, "instances": _instances(clip, t)} for t in clip.frames]})


def mmpose_video(path: Path, clip: Clip) -> Path:
    return _dump(path, [{"frame_id": t, "instances": _instances(clip, t)} for t in clip.frames])


def mmpose_folder(folder: Path, clip: Clip) -> Path:
    folder.mkdir()
    for t in clip.frames:
        _dump(folder / f"frame_{t:05d}.json", _instances(clip, t))
    return folder


def rtmlib_json(path: Path, clip: Clip) -> Path:
    return _dump(path, [{"frame": t, "keypoints": [p[:, :2].tolist() for _, p in clip.people(t)],
                         "scores": [p[:, 2].tolist() for _, p in clip.people(t)]} for t in clip.frames])


def rtmlib_npz(path: Path, clip: Clip) -> Path:
    """Write everybody in every frame, absent people as zeros."""
    points = np.where(clip.there[..., None, None], clip.points, 0).transpose(1, 0, 2, 3)
    np.savez(path, keypoints=points[..., :2], scores=points[..., 2], layout=clip.layout)
    return path


def coco_results(path: Path, clip: Clip, shuffle: int | None = None) -> Path:
    entries = [{"image_id": t, "category_id": 1, "keypoints": _flat(p), "score": 0.9}
               for t in clip.frames for _, p in clip.people(t)]
    if shuffle is not None:
        np.random.default_rng(shuffle).shuffle(entries)
    return _dump(path, entries)


def coco_annotations(path: Path, clip: Clip) -> Path:
    """Write annotations with visibility flags in place of scores: 2 for a present keypoint."""
    def flags(points):
        return _flat(np.column_stack((points[:, :2], 2 * (points[:, 2] > 0))))
    images = [{"id": 100 + 7 * t, "file_name": f"{t:06d}.png", "width": clip.width, "height": clip.height}
              for t in clip.frames]
    notes = [{"id": 10 * t + p, "image_id": 100 + 7 * t, "category_id": 1, "keypoints": flags(points),
              "num_keypoints": int((points[:, 2] > 0).sum()), "bbox": [0, 0, 1, 1], "track_id": p}
             for t in clip.frames for p, points in clip.people(t)]
    category = {"id": 1, "name": "person", "keypoints": list(LAYOUTS[clip.layout].keypoint_names)}
    return _dump(path, {"images": images, "annotations": notes, "categories": [category]})


def _landmarks(clip: Clip, points: np.ndarray) -> list[dict]:
    return [{"x": x / clip.width, "y": y / clip.height, "z": -0.1, "visibility": s} for x, y, s in points.tolist()]


def mediapipe_list(path: Path, clip: Clip) -> Path:
    """Write a list of frames, each a list of landmarks or null without a person."""
    return _dump(path, [next((_landmarks(clip, p) for _, p in clip.people(t)), None) for t in clip.frames])


def mediapipe_frames(path: Path, clip: Clip) -> Path:
    """Write an object with the video's facts and frames, whose landmarks have the name of MediaPipe Solutions."""
    return _dump(path, {"fps": clip.fps, "width": clip.width, "height": clip.height, "frames": [
        {"frame": t, "pose_landmarks": next((_landmarks(clip, p) for _, p in clip.people(t)), None)}
        for t in clip.frames]})


def mediapipe_tasks(path: Path, clip: Clip) -> Path:
    """Write results of the Tasks API: landmarks of several people and a time in milliseconds."""
    return _dump(path, [{"timestamp_ms": 40 * t, "landmarks": [_landmarks(clip, p) for _, p in clip.people(t)],
                         "worldLandmarks": []} for t in clip.frames])


def mediapipe_csv_long(path: Path, clip: Clip) -> Path:
    with open(path, "w", newline="") as handle:
        table = csv.writer(handle)
        table.writerow(["frame", "landmark_index", "x", "y", "z", "visibility"])
        for t in clip.frames:
            for _, points in clip.people(t):
                table.writerows([t, k, x, y, 0.0, s] for k, (x, y, s) in enumerate(points.tolist()))
    return path


def mediapipe_csv_wide(path: Path, clip: Clip) -> Path:
    with open(path, "w", newline="") as handle:
        table = csv.writer(handle)
        table.writerow(["frame_number", *(f"{axis}{k}" for k in range(1, 34) for axis in ("x", "y", "z", "v"))])
        for t in clip.frames:
            for _, points in clip.people(t):
                table.writerow([t, *(value for x, y, s in points.tolist() for value in (x, y, 0.0, s))])
    return path


def videopose3d(path: Path, clip: Clip) -> Path:
    """Write data_2d_custom_*.npz: pickled dicts without scores, one person."""
    metadata = {"layout_name": {"COCO17": "coco", "H36M17": "h36m"}[clip.layout], "num_joints": 17,
                "keypoints_symmetry": [[1, 3], [2, 4]],
                "video_metadata": {"dance.mp4": {"w": clip.width, "h": clip.height}}}
    np.savez_compressed(path, positions_2d={"dance.mp4": {"custom": [clip.points[0, ..., :2].astype("float32")]}},
                        metadata=metadata)
    return path


def detectron(path: Path, clip: Clip) -> Path:
    """Write the output of infer_video_d2.py: object arrays of [[], (N, 4, K)] per frame."""
    keypoints, boxes = np.empty((len(clip.frames), 2), dtype=object), np.empty((len(clip.frames), 2), dtype=object)
    for t in clip.frames:
        people = [np.column_stack((p[:, :2], np.zeros(len(p)), p[:, 2])).T for _, p in clip.people(t)]
        keypoints[t] = [[], np.array(people, dtype=np.float32) if people else []]
        boxes[t] = [[], np.ones((len(people), 5), np.float32)]
    np.savez_compressed(path, boxes=boxes, keypoints=keypoints, metadata={"w": clip.width, "h": clip.height})
    return path


def own_npz(path: Path, clip: Clip) -> Path:
    points = np.where(clip.there[0][:, None, None], clip.points[0], 0)
    np.savez(path, xy=points[..., :2], score=points[..., 2], layout=clip.layout, fps=clip.fps, width=clip.width,
             height=clip.height)
    return path
