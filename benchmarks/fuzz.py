"""Try every reader on damaged inputs: `python -m benchmarks.fuzz [--inputs N] [--seed S] [--reader NAME ...]`.

Small valid inputs of every format are made and mutated: bytes changed, cut, doubled and swapped; values of JSON, of
tables and of arrays replaced by odd ones; of a folder one file is damaged, left out or renamed.
Each input must end in a result or in one MocapError of one line, within SECONDS and MEGABYTES. Prints a table of
counts by reader; an input that breaks the rule is kept in --keep. The exit code is 1 if there was one.

The readers run in child processes with a limit on time and memory, so that a crash or a hang counts and ends nothing.
Equal seeds give equal inputs.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import shutil
import signal
import struct
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from anatomy_mocap.core.errors import MocapError

SECONDS, MEGABYTES = 10.0, 1024
"""Limits of one input."""
BATCH = 500
"""Inputs that one child process reads."""
SIZE = (1920, 1080)
"""Of the picture, for keypoint files that do not state it."""
OUTCOMES = ("result", "MocapError", "other exception", "slow", "memory", "crash")
ODD_NUMBERS = (0, -1, 1, 0.5, 1e9, -1e9, 1e30, 1e308, float("inf"), -float("inf"), float("nan"), 2**31, 2**63, 10**40)
ODD_VALUES = (*ODD_NUMBERS, None, True, "", "²", "\x00", "nan", "\ud800", "a" * 500, [], {}, [[]], [1, [2]],
              {"a": {"a": 1}})


Input = tuple[str, "bytes | dict[str, bytes]"]
"""The ending of a file's name and its content; of a folder "" and the content of each of its files."""


def seeds() -> dict[str, list[Input]]:
    """Reader -> small valid inputs."""
    from anatomy_mocap.bone_maps.bone_map import PARTS, SCHEMA
    from anatomy_mocap.core.take import save_take
    from anatomy_mocap.core.take_from_joints import take_from_positions
    from anatomy_mocap.touch.contact_edits import edit_contacts
    from anatomy_mocap.touch.find_touches import with_touches
    from tests.support import moving_bodies

    scene = {"asset": {"version": "2.0"}, "nodes": [{"name": "Hips", "children": [1, 2]}, {}, {"children": [3]}, {}],
             "accessors": [{"count": 4, "type": "VEC3", "componentType": 5126, "bufferView": 0}],
             "bufferViews": [{"buffer": 0, "byteLength": 48}], "buffers": [{"byteLength": 48}],
             "extensions": {"VRMC_vrm": {"humanoid": {"humanBones": {"hips": {"node": 0}}}}}}
    old = {**scene, "extensions": {"VRM": {"humanoid": {"humanBones": [{"bone": "hips", "node": 0}]}}}}
    bvh = ("HIERARCHY\nROOT hips\n{\nOFFSET 0 0 0\nCHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation "
           "Yrotation\nJOINT a\n{\nOFFSET 0 1 0\nCHANNELS 3 Zrotation Xrotation Yrotation\nEnd Site\n{\n"
           "OFFSET 0 1 0\n}\n}\n}\nMOTION\nFrames: 2\nFrame Time: 0.04\n0 9 0 0 0 0 1 2 3\n0 9 1 0 0 0 1 2 3\n")
    bones = {"schema": SCHEMA, "version": 1, "convention": "manual", "bones": {part: [part] for part in PARTS},
             "scores": {"hips": 0.5}}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        one = take_from_positions(moving_bodies.random_poses(4, 1), 25.0, info={"source": "a"})
        save_take(edit_contacts(with_touches(one), "left_foot", 1, 2, True), folder / "a.npz")
        take = (folder / "a.npz").read_bytes()
        keypoints = [held(path) for path in keypoint_files(folder)]
        films, pictures = ([held(path) for path in make(folder)] for make in (video_files, picture_files))
    of = {"keypoint json": (".json", ".jsonl"), "keypoint text": (".csv", ".tsv", ".txt", ".trc"),
          "keypoint npz": (".npz", ".npy"), "keypoint folder": ("",)}
    return {
        "take": [(".npz", take)],
        **{reader: [one for one in keypoints if one[0] in endings] for reader, endings in of.items()},
        "bone map": [(".json", json.dumps(bones).encode())],
        "vrm": [(".vrm", glb(scene)), (".vrm", glb(old))], "glb": [(".glb", glb(scene))],
        "gltf": [(".gltf", json.dumps(scene).encode())], "bvh": [(".bvh", bvh.encode())],
        "video": films, "picture": pictures,
    }


def held(path: Path) -> Input:
    """The content of a file or a folder."""
    if path.is_dir():
        return "", {file.name: file.read_bytes() for file in sorted(path.iterdir())}
    return path.suffix, path.read_bytes()


def keypoint_files(folder: Path) -> list[Path]:
    """A file or folder of every keypoint format and of every case of the tests that is read, with few frames."""
    from anatomy_mocap.sources.keypoint_file import describe
    from tests.support import keypoint_cases as made
    from tests.support import keypoint_file_writers as writers
    from tests.support import more_keypoint_cases

    paths = []
    layouts = {"openpose": "BODY25", "alphapose": "HALPE26", "mediapipe": "MEDIAPIPE33"}
    forms = [name for name, write in vars(writers).items() if getattr(write, "__module__", "") == writers.__name__
             and name[0].islower() and "clip" in getattr(write, "__annotations__", {})
             and getattr(write, "__annotations__", {}).get("return") == "Path"]
    for name in forms:
        layout = next((layouts[key] for key in layouts if name.startswith(key)), "COCO17")
        write, clip = getattr(writers, name), writers.random_clip(1, layout, frames=3)
        folders = "folder" in write.__annotations__
        endings = ("",) if folders else (".json", ".csv", ".npz")
        paths += [path for ending in endings if (path := _tried(write, folder / f"{name}{ending}", clip))]
    frames = made.T
    made.T = more_keypoint_cases.T = 6
    try:
        for name in more_keypoint_cases.CASES:
            (here := folder / f"case_{name}").mkdir()
            if path := _tried(lambda to, _, name=name: made.CASES[name][0](made.Case(to)), here, None):
                paths.append(path)
    finally:
        made.T = more_keypoint_cases.T = frames
    labels = next(path for path in paths if path.is_dir() and next(path.iterdir()).suffix == ".txt")
    paths.append(Path(shutil.copy(next(labels.iterdir()), folder / "label.txt")))
    table = (folder / "mediapipe_csv_long.csv").read_text(encoding="utf-8")
    (folder / "table.tsv").write_text(table.replace(",", "\t"), encoding="utf-8")
    paths.append(folder / "table.tsv")
    read = []
    for path in paths:
        try:
            describe(path, size=SIZE)
            read.append(path)
        except MocapError:
            pass  # a form of another ending, or a case that is to be refused
    return read


def _tried(write, path: Path, clip) -> Path | None:
    try:
        return write(path, clip)
    except (ValueError, TypeError, IndexError, KeyError):  # a form of another layout or length
        return None


def video_files(folder: Path) -> list[Path]:
    """Films of twenty pictures in many containers and codecs."""
    from tests.support import odd_films, video_clips

    forms = (("a.mp4", "libx264", "yuv420p", {}), ("fragments.mp4", "libx264", "yuv420p", {"movflags": "empty_moov"}),
             ("a.avi", "mpeg4", "yuv420p", {}), ("a.mkv", "ffv1", "yuv420p", {}), ("a.gif", "gif", "rgb8", {}),
             ("a.h264", "libx264", "yuv420p", {}), ("a.mov", "mjpeg", "yuvj420p", {}),
             ("b.mov", "prores_ks", "yuv422p10le", {}), ("a.webm", "libvpx-vp9", "yuv420p", {}),
             ("a.ts", "mpeg2video", "yuv420p", {}), ("a.flv", "flv", "yuv420p", {}), ("a.wmv", "wmv2", "yuv420p", {}),
             ("a.apng", "apng", "rgb24", {}), ("b.mkv", "libx265", "yuv420p10le", {}),
             ("a.y4m", "wrapped_avframe", "yuv420p", {}))
    odd = [odd_films.write_fields(folder / "fields.mp4", odd_films.interlaced("tff", 20, (64, 48))),
           odd_films.write_hdr(folder / "hdr.mkv", [[50] * 3, [500] * 3], "hlg")]
    return odd + [video_clips.write_clip(folder / file, frames=20, rate=25, codec=codec, pixels=pixels, options=options)
                  for file, codec, pixels, options in forms]


def picture_files(folder: Path) -> list[Path]:
    """Pictures of several kinds, and a folder of numbered ones."""
    from tests.support import video_clips

    (many := folder / "many").mkdir()
    for number in range(3):
        video_clips.write_picture(many / f"shot_{number:04d}.png", video_clips.corners())
    forms = (("a.png", "png", "rgb24"), ("a.jpg", "mjpeg", "yuvj420p"), ("a.bmp", "bmp", "bgr24"),
             ("a.tif", "tiff", "rgb24"), ("a.tga", "targa", "bgr24"), ("a.webp", "libwebp", "yuv420p"))
    return [many, *(video_clips.write_picture(folder / file, video_clips.corners(), codec, pixels)
                    for file, codec, pixels in forms)]


def npz(**arrays) -> bytes:
    """An .npz of arrays."""
    held = io.BytesIO()
    np.savez(held, **arrays)
    return held.getvalue()


def glb(scene) -> bytes:
    """A binary glTF of a JSON value, with 48 bytes of data."""
    text = json.dumps(scene).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<IIIII", 0x46546C67, 2, 76 + len(text), len(text), 0x4E4F534A) + text + struct.pack(
        "<II", 48, 0x4E4942) + bytes(48)


def read_take(path: Path) -> None:
    """Load a take, describe it and animate it."""
    from anatomy_mocap.animation.animate import animate
    from anatomy_mocap.core.take import load_take
    from anatomy_mocap.take_facts import describe_take

    take = load_take(path)
    json.dumps(describe_take(take), allow_nan=False)
    motion = animate(take, 0.1, 1.0)
    if not np.isfinite(motion.rotations).all():
        raise ArithmeticError("the motion of a take that loads is not finite")


def read_keypoints(path: Path) -> None:
    """Describe a keypoint file."""
    from anatomy_mocap.sources.keypoint_file import describe

    json.dumps(describe(path, size=SIZE), ensure_ascii=False, allow_nan=False).encode()


def read_bone_map(path: Path) -> None:
    """Load a bone map."""
    from anatomy_mocap.bone_maps.bone_map import BoneMap

    BoneMap.load(path)


def read_vrm(path: Path) -> None:
    """Convert a VRM."""
    from anatomy_mocap.blender.files.vrm_file import write_as_glb

    write_as_glb(path, path.with_suffix(".made.glb"))


def read_gltf(path: Path) -> None:
    """Check a glTF file's header and tree."""
    from anatomy_mocap.blender.files.gltf_check import read_gltf as check

    check(path)


def read_bvh(path: Path) -> None:
    """Check a BVH file."""
    from anatomy_mocap.blender.files.bvh_check import check_bvh

    check_bvh(path)


def read_film(path: Path) -> None:
    """Probe a video or a picture, and read it whole."""
    from anatomy_mocap.sources.video import open_video, probe

    json.dumps(probe(path))
    with open_video(path, 25.0) as source:
        for _ in source:
            pass


READERS: dict[str, Callable[[Path], None]] = {
    "take": read_take, "keypoint json": read_keypoints, "keypoint text": read_keypoints, "keypoint npz": read_keypoints,
    "keypoint folder": read_keypoints, "bone map": read_bone_map, "vrm": read_vrm, "glb": read_gltf,
    "gltf": read_gltf, "bvh": read_bvh, "video": read_film, "picture": read_film}


def mutated(one: Input, rng: np.random.Generator) -> Input:
    """A damaged copy of an input."""
    ending, data = one
    if isinstance(data, dict):
        files = dict(data)
        name = list(files)[int(rng.integers(len(files)))]
        content, kind = files.pop(name), rng.integers(8)
        if kind == 0:
            files[str(rng.choice(["a", "0", "x_99999999999999999999", "-1_"])) + Path(name).suffix] = content
        elif kind > 1:
            files[name] = damaged(content, Path(name).suffix, rng)
        return ending, files
    return ending, damaged(data, ending, rng)


def damaged(data: bytes, ending: str, rng: np.random.Generator) -> bytes:
    """A damaged copy of a file: by its structure if it has one that is known, else by its bytes."""
    if rng.random() < 0.6:
        try:
            if ending in (".json", ".gltf"):
                return json.dumps(_odd(json.loads(data), rng)).encode()
            if ending == ".jsonl":
                lines = data.splitlines()
                at = int(rng.integers(len(lines)))
                lines[at] = json.dumps(_odd(json.loads(lines[at]), rng)).encode()
                return b"\n".join(lines)
            if ending in (".vrm", ".glb"):
                length = struct.unpack_from("<I", data, 12)[0]
                return glb(_odd(json.loads(data[20:20 + length]), rng))
            if ending == ".npz":
                return _odd_npz(data, rng)
            if ending in (".csv", ".tsv", ".txt", ".trc", ".bvh"):
                return _odd_words(data, rng)
        except (ValueError, zipfile.BadZipFile):  # an odd value that can't be written
            pass
    return _odd_bytes(data, rng)


def _odd_bytes(data: bytes, rng: np.random.Generator) -> bytes:
    held = bytearray(data)
    for _ in range(int(rng.integers(1, 6))):
        at, length = int(rng.integers(len(held) + 1)), int(rng.integers(1, 33))
        kind = rng.integers(6)
        if kind == 0:
            held[at:at + length] = rng.bytes(length)
        elif kind == 1:
            del held[at:at + length]
        elif kind == 2:
            held[at:at] = held[at:at + length] * int(rng.integers(1, 9))
        elif kind == 3:
            del held[at:]
        elif kind == 4:
            held[at:at + 4] = struct.pack("<I", int(rng.choice([0, 1, 2**31 - 1, 2**32 - 1, 10**9])))
        elif at < len(held):
            held[at] ^= 1 << int(rng.integers(8))
    return bytes(held)


def _odd_words(data: bytes, rng: np.random.Generator) -> bytes:
    text = data.decode()
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(len(text)))
        end = next((i for i in range(at, len(text)) if text[i] in " ,;\t\n"), len(text))
        text = text[:at] + str(ODD_VALUES[int(rng.integers(len(ODD_VALUES)))]) + text[end:]
    return text.encode("utf-8", "surrogatepass")


def _odd(value, rng: np.random.Generator):
    """A JSON value with one of its parts replaced, removed, doubled or nested."""
    spots: list = []

    def collect(item):
        inside = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
        for key, part in list(inside)[:60]:
            spots.append((item, key))
            collect(part)

    collect(value)
    for _ in range(int(rng.integers(1, 4))):
        holder, key = spots[int(rng.integers(len(spots)))]
        if (isinstance(holder, list) and key >= len(holder)) or (isinstance(holder, dict) and key not in holder):
            continue
        kind = rng.integers(5)
        if kind < 2:
            holder[key] = ODD_VALUES[int(rng.integers(len(ODD_VALUES)))]
        elif kind == 2:
            del holder[key]
        elif kind == 3:
            holder[key] = [holder[key]] * int(rng.integers(1, 4))
        elif isinstance(holder, dict):
            holder[str(ODD_VALUES[int(rng.integers(len(ODD_VALUES)))])] = holder.pop(key)
        else:
            deep: list = []
            for _ in range(int(rng.choice([3, 300, 900]))):
                deep = [deep]
            holder[key] = deep
    return value


def _odd_npz(data: bytes, rng: np.random.Generator) -> bytes:
    """An .npz with one member's bytes damaged, or one array with other values, type or shape."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = list(members)[int(rng.integers(len(members)))]
    kind = rng.integers(6)
    if kind == 0:
        del members[name]
    elif kind < 3:
        members[name] = _odd_bytes(members[name], rng)
    else:
        array = np.load(io.BytesIO(members[name]), allow_pickle=True)
        if array.dtype.kind in "fiub" and kind < 5 and array.size:
            array = array.astype(float)
            array.reshape(-1)[rng.integers(array.size, size=int(rng.integers(1, 4)))] = rng.choice(ODD_NUMBERS[:-1])
        elif array.dtype.kind == "U" and kind == 4:
            array = np.array(rng.choice(['{"a": 1}', "[1]", "", "\x00", '{"seconds": [1]}', "NaN", "9" * 5000]))
        else:
            shapes = (array[None], array[..., None], array.reshape(-1)[:1], array.astype(str), array.T,
                      np.zeros((0, 3)), np.zeros(3, complex))
            array = shapes[int(rng.integers(len(shapes)))]
        held = io.BytesIO()
        np.save(held, array, allow_pickle=True)
        members[name] = held.getvalue()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return held.getvalue()


class _Slow(BaseException):
    """Raised by the timer; no handler of a reader catches it."""


def outcome(reader: str, path: Path) -> tuple[str, str]:
    """(one of OUTCOMES, what happened) for one file."""
    def ring(*_):
        raise _Slow

    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        READERS[reader](path)
    except MocapError as error:
        bad = "\n" in str(error) or str(path) not in str(error)
        return ("other exception", f"a message of several lines or without the file: {error}") if bad \
            else ("MocapError", str(error))
    except _Slow:
        return "slow", f"more than {SECONDS:g} s"
    except MemoryError as error:
        return "memory", repr(error)
    except Exception as error:
        return "other exception", repr(error)
    finally:
        if hasattr(signal, "SIGALRM"):
            signal.setitimer(signal.ITIMER_REAL, 0)
    return "result", ""


def case(reader: str, inputs: list[Input], seed: int, number: int) -> Input:
    """The damaged input of a number; equal for equal arguments."""
    rng = np.random.default_rng([seed, sorted(READERS).index(reader), number])
    return mutated(inputs[int(rng.integers(len(inputs)))], rng)


def _work(there, reader: str, inputs: list[Input], seed: int, numbers: range) -> None:
    """Child process: read the inputs of `numbers` and send (number, outcome, text) of each."""
    for one in inputs:  # imports everything before the limit
        with tempfile.TemporaryDirectory() as folder:
            READERS[reader](written(Path(folder) / "a", one))
    try:
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEGABYTES * 2**20, resource.RLIM_INFINITY))
    except (ImportError, OSError):
        pass  # no limit on this system
    for number in numbers:
        with tempfile.TemporaryDirectory() as folder:
            path = written(Path(folder) / "a", case(reader, inputs, seed, number))
            there.send((number, "begun", ""))
            there.send((number, *outcome(reader, path)))
    there.send(None)


def written(path: Path, one: Input) -> Path:
    """Write an input; returns its path: the given one with its ending."""
    ending, data = one
    path = path.with_name(path.name + ending)
    if isinstance(data, dict):
        path.mkdir(parents=True)
        for name, content in data.items():
            (path / name).write_bytes(content)
    else:
        path.write_bytes(data)
    return path


def fuzz(reader: str, inputs: list[Input], seed: int, count: int, keep: Path | None = None) -> Counter:
    """Counts by outcome of `count` damaged inputs of one reader. keep: folder for those that break the rule."""
    counts: Counter = Counter()
    start = 0
    while start < count:
        here, there = multiprocessing.Pipe(False)
        numbers = range(start, min(start + BATCH, count))
        child = multiprocessing.get_context("spawn").Process(
            target=_work, args=(there, reader, inputs, seed, numbers))
        child.start()
        there.close()
        number, what, text, done = start, "begun", "", False
        try:
            while here.poll(4 * SECONDS + 60):
                message = here.recv()
                if message is None:
                    done = True
                    break
                number, what, text = message
                if what != "begun":
                    counts[what] += 1
                    if what not in ("result", "MocapError"):
                        _tell(reader, inputs, seed, number, what, text, keep)
        except EOFError:
            pass
        if not done:
            counts["crash"] += 1
            _tell(reader, inputs, seed, number, "crash", "the process ended or hung", keep)
            child.kill()
        child.join()
        start = numbers.stop if done else number + 1
    return counts


def _tell(reader, inputs, seed, number, what, text, keep: Path | None) -> None:
    print(f"{reader} {number}: {what}: {text[:200]!r}", file=sys.stderr, flush=True)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        written(keep / f"{reader.replace(' ', '_')}_{seed}_{number}", case(reader, inputs, seed, number))


def main() -> int:
    """Run the chosen readers and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=1000, help="damaged inputs of each reader (default 1000)")
    parser.add_argument("--seed", type=int, default=0, help="default 0; another one gives other inputs")
    parser.add_argument("--reader", nargs="*", choices=sorted(READERS), help="default: all of them")
    parser.add_argument("--keep", type=Path, help="folder for the inputs that break the rule")
    options = parser.parse_args()
    print(f"seed {options.seed}, limits {SECONDS:g} s and {MEGABYTES} MB for an input")
    print("| reader | " + " | ".join(OUTCOMES) + " | s |\n|---|" + "---:|" * (len(OUTCOMES) + 1))
    bad = total = 0
    for reader, inputs in seeds().items():
        if options.reader and reader not in options.reader:
            continue
        started = time.perf_counter()
        counts = fuzz(reader, inputs, options.seed, options.inputs, options.keep)
        total += sum(counts.values())
        bad += sum(counts[name] for name in OUTCOMES[2:])
        print(f"| {reader} | " + " | ".join(str(counts[name]) for name in OUTCOMES)
              + f" | {time.perf_counter() - started:.0f} |", flush=True)
    print(f"{total} inputs, {bad} broke the rule")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
