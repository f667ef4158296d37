"""Measures whether the product follows the right people, on rendered clips of several people and of hard single ones.

    python -m benchmarks.people FOLDER [--person all] [--no-lift] [--out FILE]

FOLDER holds clips of `python -m training render-crowds`. Every person counts who is ever at least half visible; without
a track all their frames are lost. Columns, a line for each person, then for each kind and all:

    visible     frames in which the person is at least half visible (not behind others, not outside of the picture)
    kept %      share of these with points
    right %     share of all frames with points whose points lie on this person
    swaps       how often the track goes over to somebody else for 3 frames or more; of these silent: those without a
                warning about that person which names a frame at most a second away
    others      frames with points that lie on somebody else; ghosts: on nobody
    lost        longest run of frames in which the person is at least half visible and has no points
    error %     distance of the 12 limb keypoints from the true joints in the right frames, in % of the standing height:
                median and 90 % quantile. 1 to 1.5 % of it is what the detector calls a hip, a shoulder ...
    P-MPJPE     mm, of the 12 limb joints in the right frames, lifted and fitted with the true camera
    wall, CPU   ms a frame of the 2D stage for everybody together
"""

from __future__ import annotations

import argparse
import contextlib
import re
import time
from pathlib import Path

import numpy as np

from anatomy_mocap.core.camera import Camera
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoints import Keypoints2D
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.people.watch import watch
from anatomy_mocap.pipeline import lift_keypoints, trim
from anatomy_mocap.settings import CaptureSettings
from anatomy_mocap.sources.video import open_video
from benchmarks.machine import machine
from benchmarks.track_scores import LIMBS, Score, Track, at_truth, distances, owners, scores
from training import metrics
from training.rendered_crowds.crowd_file import Crowd, crowd_files, load_crowd, video_of


def tracked(path: Path, person: str) -> tuple[list[Track], list[str]]:
    """The product's 2D stage on a video: tracks of people, and its warnings. person: "all", or as the product takes it.

    All calls of the product's engine are in this function.
    """
    with open_video(path) as source:
        try:
            people = drain(watch(source, "cpu", person)).people
        except MocapError:
            people = ()
        warnings = list(source.warnings)
    for one in people:
        warnings += one.warnings
    return [Track(one.label, one.keypoints.times, one.keypoints.xy, one.keypoints.score) for one in people], warnings


def p_mpjpe(crowd: Crowd, track: Track, person: int) -> tuple[float, int]:
    """P-MPJPE (mm) of a lifted track over the frames in which its points lie on the person, and their number."""
    width, height = (int(side) for side in crowd.size)
    step = float(np.median(np.diff(crowd.times)))
    xy, has = at_truth(crowd, track)
    right = owners(distances(crowd, xy), has, person) == person
    if right.sum() < 5:
        return np.nan, 0
    score = np.where(has[:, None], track.score[np.abs(crowd.times[:, None] - track.times).argmin(axis=1)], 0.0)
    keypoints = trim(Keypoints2D(xy, score, "MEDIAPIPE33", 1 / step, crowd.times, width, height), [])
    first = int(np.flatnonzero(has)[0])
    camera = Camera.from_focal(width, height, float(crowd.intrinsics[0, 0]))
    take = drain(lift_keypoints(keypoints, camera, CaptureSettings(device="cpu"), {"warnings": [], "seconds": {}}))
    found = MOCAP22.joint_positions(take.bone_lengths, take.directions, np.zeros(3))
    joints = [MOCAP22.index(name) for name in LIMBS]
    true = crowd.in_camera()[person, first : first + len(found), : len(MOCAP22)].astype(float)
    chosen = right[first : first + len(found)]
    return 1000 * metrics.p_mpjpe(found[chosen][:, joints], true[chosen][:, joints]), int(chosen.sum())


HEADER = (f"{'':22}{'who':>4}{'visible':>8}{'kept %':>8}{'right %':>8}{'swaps':>6}{'silent':>7}{'others':>7}"
          f"{'ghosts':>7}{'lost':>6}{'error %':>8}{'90 %':>7}{'P-MPJPE':>9}{'wall':>7}{'CPU':>6}")


class Row:
    """Sums over people of one clip, one kind, or all."""

    def __init__(self):
        self.scores: list[tuple[Score, int]] = []
        self.lifted: list[tuple[float, int]] = []
        self.spent: list[tuple[float, float, int]] = []

    def line(self, title: str, who: str = "") -> str:
        """The line of the table."""
        def total(name: str) -> int:
            return sum(getattr(each, name) for each, _ in self.scores)

        errors = np.concatenate([each.errors for each, _ in self.scores] or [np.zeros(0)])
        median, tail = np.percentile(100 * errors, (50, 90)) if len(errors) else (np.nan, np.nan)
        frames = sum(count for _, count in self.lifted)
        lifted = sum(value * count for value, count in self.lifted if count) / frames if frames else np.nan
        wall, cpu, seen = (sum(each) for each in zip(*self.spent, strict=True)) if self.spent else (np.nan, np.nan, 1)
        silent = sum(silent for _, silent in self.scores)
        worst = max((each.lost for each, _ in self.scores), default=0)
        return (f"{title:22}{who:>4}{total('visible'):8}{_percent(total('kept'), total('visible')):>8}"
                f"{_percent(total('theirs'), total('points')):>8}{total('swaps'):6}{silent:7}{total('others'):7}"
                f"{total('ghosts'):7}{worst:6}{median:8.2f}{tail:7.1f}{lifted:9.1f}"
                f"{1000 * wall / seen:7.0f}{1000 * cpu / seen:6.0f}").replace("nan", "  -")


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "-"


def measure(path: Path, person: str, lift: bool) -> tuple[list[Row], list[str], Crowd]:
    """A row for each person of one clip, and the warnings."""
    crowd = load_crowd(path)
    wall, cpu = time.perf_counter(), time.process_time()
    tracks, warnings = tracked(video_of(path), person)
    spent = (time.perf_counter() - wall, time.process_time() - cpu, len(crowd))
    rows = []
    for index, score in enumerate(scores(crowd, tracks)):
        if person != "all" and not score.label:
            continue  # only one person was asked for
        row = Row()
        warned = [int(frame) for text in warnings if text.startswith(f"person {score.label} ")
                  for frame in re.findall(r"\(frame (\d+)\)", text)]
        row.scores.append((score, score.silent(warned, round(1 / float(np.median(np.diff(crowd.times)))))))
        if index == 0 or person != "all":
            row.spent.append(spent)
        if lift and score.label and score.person is not None:
            track = next(each for each in tracks if each.label == score.label)
            with contextlib.suppress(MocapError):
                row.lifted.append(p_mpjpe(crowd, track, score.person))
        rows.append(row)
    return rows, warnings, crowd


def report(folder: str, person: str, lift: bool, say) -> None:
    """Print the lines of all clips of a folder, then those of the kinds and of all."""
    say(machine())
    say(HEADER)
    kinds: dict[str, Row] = {}
    for path in crowd_files(folder):
        rows, warnings, crowd = measure(path, person, lift)
        for row in rows:
            score = row.scores[0][0]
            who = "+" if score.person is None else chr(65 + score.person)
            say(row.line(path.stem, who))
            for name in (crowd.kind, "all"):
                into = kinds.setdefault(name, Row())
                into.scores += row.scores
                into.lifted += row.lifted
                into.spent += row.spent
        for text in warnings:
            say(f"{'':22}warning: {text}")
    say("")
    say(HEADER)
    for name in sorted(kinds, key=lambda each: each == "all"):
        say(kinds[name].line(name))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="folder of crowd clips")
    parser.add_argument("--person", default="all", help="all, or as the product takes it (default: all)")
    parser.add_argument("--lift", action=argparse.BooleanOptionalAction, default=True, help="also measure P-MPJPE")
    parser.add_argument("--out", help="text file that gets the output, too")
    given = parser.parse_args()
    lines = []

    def say(line: str) -> None:
        print(line, flush=True)
        lines.append(line)

    report(given.folder, given.person, given.lift, say)
    if given.out:
        command = f"$ python -m benchmarks.people FOLDER --person {given.person}"
        Path(given.out).write_text("\n".join([command, *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
