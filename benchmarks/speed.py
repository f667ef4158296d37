"""Measures frames a second and CPU a frame: by stage, mode, picture size, length and people, beside MediaPipe.

    python -m benchmarks.speed [--video FILE] [--crowds FOLDER] [--mediapipe] [--parts stages,sizes,...] [--out FILE]

Every run is a process of its own. Columns:

    frames      of the video
    frames/s    of the 2D stage, from opening the file to the last keypoint, models loaded meanwhile
    CPU ms      user and system, of all threads, a frame
    first s     from the start to the first finished frame
    peak MB     highest memory of the process
    lift        ms a frame of lifting and fitting everybody afterwards

Parts: stages (decoding, a look for people, a pose, each by itself), modes, sizes (the video scaled to 480p ... 4K),
lengths (played forwards and backwards until it is as long), people (crowd clips of one, two and three; needs --crowds),
rival (--mediapipe: MediaPipe's pipeline on the same 720p video, in turn with ours: A B A B).

--mediapipe installs the package into an environment of its own below --cache (1.2 GB), once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from benchmarks.machine import machine
from benchmarks.speed_engine import MODES

ROOT = Path(__file__).resolve().parents[1]
VIDEO = ROOT / "tests" / "data" / "videos" / "bodypose3d_cam0.mp4"
SIZES = {"480p": 480, "720p": 720, "1080p": 1080, "4K": 2160}
PARTS = ("stages", "modes", "sizes", "lengths", "people", "rival")
PEOPLE = {"1": "alone_walk", "2": "cross_different", "3": "three"}
"""Kinds of crowd clips by number of people."""

MEDIAPIPE = ("mediapipe==0.10.14",)


class Bench:
    """The options, the made videos, and the lines of the report."""

    def __init__(self, given: argparse.Namespace):
        self.given, self.cache, self.lines = given, Path(given.cache), []
        self.cache.mkdir(parents=True, exist_ok=True)

    def say(self, line: str) -> None:
        """Print and keep a line."""
        print(line, flush=True)
        self.lines.append(line)

    def video(self, height: int, frames: int) -> Path:
        """The video at 16:9 with that height and length; made once."""
        path = self.cache / f"{Path(self.given.video).stem}_{height}p_{frames}.mp4"
        if not path.exists():
            partial = path.with_suffix(".part.mp4")
            write_scaled(Path(self.given.video), partial, height, frames)
            partial.replace(path)
        return path

    def engine(self, path: Path, mode: str = "default", person: str = "largest", *more: str) -> dict:
        """What `benchmarks.speed_engine` measures."""
        command = [sys.executable, "-m", "benchmarks.speed_engine", str(path), "--mode", mode, "--person", person]
        return result_of([*command, *more])

    def rival(self, path: Path, complexity: int) -> dict:
        """What MediaPipe's pipeline costs."""
        python = mediapipe_python(self.cache / "mediapipe", self.say)
        return result_of([str(python), str(ROOT / "benchmarks" / "speed_mediapipe.py"), str(path), str(complexity)])


def result_of(command: list[str]) -> dict:
    """The JSON in the last line that a process prints."""
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {answer.returncode}\n{answer.stderr[-2000:]}")
    return json.loads(answer.stdout.strip().splitlines()[-1])


def mediapipe_python(folder: Path, say: Callable[[str], None]) -> Path:
    """The Python of MediaPipe's environment, made if it is missing."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = folder / "ready"
    if not ready.exists():
        say(f"making an environment with {' '.join(MEDIAPIPE)} ...")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *MEDIAPIPE], check=True)
        ready.touch()
    return python


def write_scaled(source: Path, path: Path, height: int, frames: int) -> None:
    """Write the video in 16:9 at that height, its edges drawn out to the sides, forwards and backwards again and again
    until it has `frames` frames."""
    width = round(height * 16 / 9 / 2) * 2
    with av.open(str(source)) as container:
        pictures = [frame.reformat(format="rgb24") for frame, _ in zip(container.decode(video=0), range(frames),
                                                                       strict=False)]
    around = [*range(len(pictures)), *range(len(pictures) - 2, 0, -1)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "20", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(frames):
            frame = pictures[around[index % len(around)]]
            scaled = frame.reformat(round(frame.width * height / frame.height / 2) * 2, height).to_ndarray()
            wide = max(width - scaled.shape[1], 0)
            scaled = np.pad(scaled, ((0, 0), (wide // 2, wide - wide // 2), (0, 0)), mode="edge")[:, :width]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(scaled), format="rgb24")))
        container.mux(stream.encode())


HEADER = (f"{'':26}{'frames':>7}{'frames/s':>10}{'CPU ms':>8}{'first s':>9}{'peak MB':>9}{'lift ms':>9}")


def line(title: str, found: dict) -> str:
    """One line of the table."""
    frames = max(found["frames"], 1)
    lift = f"{1000 * found['lift wall'] / frames:9.1f}" if "lift wall" in found else f"{'':9}"
    first = f"{found['first']:9.2f}" if found.get("first") is not None else f"{'-':>9}"
    memory = f"{found['peak']:9.0f}" if "peak" in found else f"{'':9}"
    return (f"{title:26}{found['frames']:7}{frames / found['wall']:10.1f}{1000 * found['cpu'] / frames:8.1f}"
            f"{first}{memory}{lift}").rstrip()


def stages(bench: Bench) -> None:
    """Each stage by itself at 720p."""
    for mode in MODES:
        found = bench.engine(bench.video(720, bench.given.frames), mode, "largest", "--stages")
        for name, (wall, cpu) in found.items():
            bench.say(f"{mode + ', ' + name:26}{wall:8.1f} ms wall{cpu:8.1f} ms CPU")


def modes(bench: Bench) -> None:
    """Each mode at 720p, with lifting."""
    bench.say(HEADER)
    for mode in MODES:
        bench.say(line(mode, bench.engine(bench.video(720, bench.given.frames), mode, "largest", "--lift")))


def sizes(bench: Bench) -> None:
    """The default mode by picture size."""
    bench.say(HEADER)
    for name, height in SIZES.items():
        bench.say(line(name, bench.engine(bench.video(height, bench.given.frames))))


def lengths(bench: Bench) -> None:
    """The default mode by length, with lifting."""
    bench.say(HEADER)
    for frames in map(int, bench.given.lengths.split(",")):
        bench.say(line(f"{frames} frames", bench.engine(bench.video(720, frames), "default", "largest", "--lift")))


def people(bench: Bench) -> None:
    """Everybody in clips of one, two and three people."""
    if not bench.given.crowds:
        bench.say("left out: give a folder of crowd clips (--crowds)")
        return
    bench.say(HEADER)
    costs = {}
    for count, kind in PEOPLE.items():
        path = next(iter(sorted(Path(bench.given.crowds).glob(f"*_{kind}.mp4"))), None)
        if path is None:
            bench.say(f"{kind}: no such clip in {bench.given.crowds}")
            continue
        found = bench.engine(path, "default", "all")
        costs[count] = found["wall"] / max(found["frames"], 1)
        times = f"  {costs[count] / costs['1']:.2f} x one" if "1" in costs else ""
        bench.say(line(f"{count}: {kind} (found {found['people']})", found) + times)


def rival(bench: Bench) -> None:
    """Every mode and MediaPipe's pipeline in turn on one video."""
    if not bench.given.mediapipe:
        bench.say("left out: ask for it with --mediapipe")
        return
    path = bench.video(720, bench.given.frames)
    bench.rival(bench.video(480, 25), 1)  # installs and warms up
    runs: dict[str, list[dict]] = {}
    bench.say(HEADER)
    for number in range(bench.given.rounds):
        for title, one in [*((f"ours, {mode}", lambda mode=mode: bench.engine(path, mode)) for mode in MODES),
                           ("MediaPipe, Full", lambda: bench.rival(path, 1))]:
            found = one()
            runs.setdefault(title, []).append(found)
            bench.say(line(f"{title}, round {number + 1}", found))
    base = runs["MediaPipe, Full"]
    for title, found in runs.items():
        ratio = np.median([theirs["wall"] / ours["wall"] for ours, theirs in zip(found, base, strict=True)])
        cpu = np.median([1000 * each["cpu"] / each["frames"] for each in found])
        bench.say(f"{title:26}{ratio:6.2f} x MediaPipe's frames/s (median of the rounds), {cpu:.0f} ms of CPU a frame")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--video", default=str(VIDEO), help="video of one person that is scaled and repeated")
    parser.add_argument("--crowds", help="folder of crowd clips (python -m training render-crowds)")
    parser.add_argument("--mediapipe", action="store_true", help="also measure MediaPipe's pipeline")
    parser.add_argument("--parts", default=",".join(PARTS), help="parts to measure (default: %(default)s)")
    parser.add_argument("--frames", type=int, default=300, help="frames of a video (default: %(default)s)")
    parser.add_argument("--lengths", default="100,1000,4000", help="frames of the part lengths (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of the part rival (default: %(default)s)")
    parser.add_argument("--cache", default=str(ROOT / "out" / "speed"), help="folder of made videos and environment")
    parser.add_argument("--out", help="text file that gets the output, too")
    given = parser.parse_args()
    bench = Bench(given)
    bench.say(machine())
    for name in given.parts.split(","):
        bench.say(f"\n--- {name} ---")
        {"stages": stages, "modes": modes, "sizes": sizes, "lengths": lengths, "people": people,
         "rival": rival}[name](bench)
    if given.out:
        command = f"$ python -m benchmarks.speed --parts {given.parts} --frames {given.frames}"
        Path(given.out).write_text("\n".join([command, *bench.lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
