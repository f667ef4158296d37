"""Makes a small motion set for the tests of training: a figure that turns, waves and bends its knees."""

import csv

import numpy as np
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from training.mocap.dataset import MocapSet
from training.simulate.anthropometry import draw_bodies

_SET = ("pelvis", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "spine", "thorax",
        "neck", "head", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist")
_JOINTS = ("pelvis", "rhip", "rknee", "rankle", "lhip", "lknee", "lankle", "spine", "thorax", "neck", "headtop",
           "lshoulder", "lelbow", "lwrist", "rshoulder", "relbow", "rwrist")
_EXTRA = ("nose", "left_toe", "right_toe", "left_knuckle", "right_knuckle")


def rest_body(frames: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return the joints (T, 22, 3) of a T-pose above the origin that faces -Y, and the bone lengths."""
    lengths = draw_bodies(np.random.default_rng(5), 1, 0.0).lengths[0]
    root = np.array([0.0, 0.0, lengths[MOCAP22.index("left_knee")] + lengths[MOCAP22.index("left_ankle")] + 0.07])
    joints = MOCAP22.joint_positions(lengths, rest_directions(), root)
    return np.repeat(joints[None], frames, axis=0), lengths


def moving(frames: int, seed: int) -> np.ndarray:
    """Return the moving figure's joints (T, 22, 3) in metres, Z up."""
    rng = np.random.default_rng(seed)
    _, lengths = rest_body()
    times = np.arange(frames) / 50
    directions = np.repeat(rest_directions()[None], frames, axis=0)
    for name in ("left_shoulder", "right_shoulder"):
        side = name.partition("_")[0]
        swing = Rotation.from_euler("yx", np.stack([
            (0.9 if side == "left" else -0.9) + 0.5 * np.sin(2 * times + rng.uniform(0, 6)),
            0.8 * np.sin(3 * times + rng.uniform(0, 6))], axis=-1))
        for part in ("elbow", "wrist", "knuckle"):
            index = MOCAP22.index(f"{side}_{part}")
            directions[:, index] = swing.apply(directions[:, index])
        bend = 0.5 + 0.4 * np.sin(2 * times + rng.uniform(0, 6))
        for part, share in (("knee", -1.0), ("ankle", 1.0)):
            index = MOCAP22.index(f"{side}_{part}")
            directions[:, index] = Rotation.from_euler("x", (share * bend)[:, None]).apply(directions[:, index])
    turn = Rotation.from_euler("z", (times * rng.uniform(0.3, 1.5))[:, None])
    directions = turn.as_matrix()[:, None] @ directions[..., None]
    root = np.stack([0.3 * np.sin(times), 0.3 * np.cos(times), np.full(frames, 0.9)], axis=-1)
    return MOCAP22.joint_positions(lengths, directions[..., 0], root)


def mocap_set(clips: int = 3, frames: int = 500) -> MocapSet:
    """Make the motion set in memory."""
    positions = [moving(frames, seed) for seed in range(clips)]
    counts = np.full(clips, frames)
    names = tuple(f"clip{i}" for i in range(clips))
    return MocapSet(np.concatenate(positions).astype(np.float32), np.cumsum(counts) - counts, counts,
                    np.array([1, 2, 9, 3][:clips]), np.arange(clips) == 1, names, 50.0)


def write_set(folder) -> str:
    """Write the motion set in the form of cmu17.npz and .csv, and return its path."""
    arrays, rows = {"joints": np.array(_JOINTS), "extra": np.array(_EXTRA)}, []
    names = {"left_toe": "ltoe", "right_toe": "rtoe", "left_knuckle": "lknuckle", "right_knuckle": "rknuckle"}
    arrays["extra"] = np.array([names.get(name, name) for name in _EXTRA])
    for index, subject in enumerate((1, 2, 9)):
        joints = moving(400, index)
        y_up = np.stack([joints[..., 0], joints[..., 2], -joints[..., 1]], axis=-1).astype(np.float32)
        arrays[f"pos/c{index}"] = y_up[:, [MOCAP22.index(name) for name in _SET]]
        arrays[f"ext/c{index}"] = y_up[:, [MOCAP22.index(name) for name in _EXTRA]]
        rows.append({"clip": f"c{index}", "subject": f"cmu_{subject:03d}", "frames": 400, "fps": 50.0,
                     "skeleton": "cmu-daz" if index == 1 else "asf"})
    np.savez(folder / "set.npz", **arrays)
    with (folder / "set.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return str(folder / "set.npz")


def standing(frames=10):
    """Return the rest pose (T, 22, 3) with all bones 0.2 m long."""
    directions = np.repeat(rest_directions()[None], frames, axis=0)
    return MOCAP22.joint_positions(np.full(len(MOCAP22), 0.2), directions, np.zeros((frames, 3)))


def with_model_head(turns):
    """Return a standing person with the head as the maker of the motion set attaches it (shared/tools).

    turns: (T, 3, 3) rotations of the head. The skull starts 0.13 m above the thorax and slightly before it.
    """
    clip = standing(len(turns))
    thorax, legs = clip[:, MOCAP22.index("thorax")], [MOCAP22.index(f"right_{n}") for n in ("hip", "knee", "ankle")]
    size = np.linalg.norm(np.diff(clip[0, legs], axis=0), axis=-1).sum() / 0.86
    skull = thorax + (0, -0.05, 0.12)
    up, forward, reach = turns[..., 2], -turns[..., 1], np.linalg.norm((0.05, 0.12))
    clip[:, MOCAP22.index("neck")] = skull + up * (0.145 * size - reach) + forward * 0.055 * size
    clip[:, MOCAP22.index("head")] = skull + up * (0.285 * size - reach)
    clip[:, MOCAP22.index("nose")] = skull + up * (0.175 * size - reach) + forward * 0.115 * size
    return clip
