"""Tables of the shipped detector's errors on rendered people, beside the simulator's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22

from ..argument_checks import at_least, results_file
from ..mocap.dataset import LIFTER_FPS, load_mocap, split
from ..options import Say, option, positional
from ..rendered_people.clip_file import RenderedClip, clip_files, load_clip
from ..simulate.anthropometry import draw_bodies
from ..simulate.simulate_batch import SynthSettings, body_joints, directions_of, seen_by_detector
from ..simulate.virtual_camera import film
from . import detector_errors as de

GOOD = 10.0
"""Error, % of height, below which a keypoint is right; a score is about the chance of that."""

SAME = 1e-3
"""Largest difference between the joints of two equal clips, metres."""

_BINS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
_SIMULATED_CLIPS = 150


@dataclass(frozen=True)
class MeasureSettings:
    """Options of the command measure-detector."""

    folder: str = positional("the folder of rendered clips")
    data: str | None = option("the motion set (.npz), to show the simulator's errors beside the detector's", None)
    beside: str | None = option("folder of the same clips in other clothes (sets loose and validation), to measure how "
                                "far clothes move the keypoints", None)
    clips: int = option("measure only the first clips; 0: all", 0)
    out: str | None = option("Markdown file that gets the tables", None)
    seed: int = option("seed of the simulator", 1)


@dataclass(frozen=True)
class Measured:
    """A set of clips. name: of the column. clips, errors: one of each clip. biases: of the whole set."""

    name: str
    clips: list[de.SeenClip]
    errors: list[de.Errors]
    biases: de.Biases


def measure(settings: MeasureSettings, say: Say = print) -> str:
    """The tables as Markdown. Raises MocapError if no person is detected, and for unusable settings."""
    at_least(settings, clips=0, seed=0)
    if settings.out:
        results_file(settings.out)
    files = clip_files(settings.folder)[: settings.clips or None]
    clips = [load_clip(path) for path in files]
    if not any(clip.detected.any() for clip in clips):
        raise MocapError(f"{settings.folder}: the person is detected in none of {len(files)} clips; look at some with "
                         "render-sheet, or give another folder")
    sets = [measured("rendered", [seen(clip) for clip in clips])]
    if settings.data:
        sets.append(measured("simulated", simulated_clips(settings.data, settings.seed)))
    frames = sum(len(clip) for clip in clips)
    missed = sum(int((~clip.detected).sum()) for clip in clips)
    lines = [f"{len(clips)} clips, {frames} frames of {len({str(c.about['shape']) for c in clips})} bodies; the person "
             f"was not seen in {missed} frames ({100 * missed / frames:.2f} %).", ""]
    for table in (_bias_table, _error_table, _time_table, _lag_table, _score_table, _view_table, _pair_lines):
        lines += [*table(sets), ""]
    if settings.beside:
        lines += [*beside_table(files, sets[0].clips, Path(settings.beside)), ""]
    text = "\n".join(lines)
    say(text)
    if settings.out:
        Path(settings.out).write_text(text + "\n")
    return text


def beside_table(files: list[Path], clips: list[de.SeenClip], folder: Path) -> list[str]:
    """Table of the differences between detections in `clips` and in the clips of the same file names in `folder`."""
    pairs = []
    for path, one in zip(files, clips, strict=True):
        if not (folder / path.name).is_file():
            continue
        other = seen(load_clip(folder / path.name))
        if one.joints.shape != other.joints.shape or np.abs(one.joints - other.joints).max() > SAME:
            raise MocapError(f"{folder / path.name}: not the motion of {path}; give the same clips in other clothes")
        pairs.append((one, other))
    if not pairs:
        raise MocapError(f"{folder}: none of the clips is there; render as many of set loose as of validation")
    ones, others = (list(each) for each in zip(*pairs, strict=True))
    return ["### How the same clips in other clothes are seen, % of height",
            f"{len(pairs)} pairs; outward, up the limb (torso, head, sole), forward; +- between clips", "",
            *_offset_rows({"other clothes": de.fit_differences(ones, others)})]


def seen(clip: RenderedClip) -> de.SeenClip:
    """A rendered clip at the lifter's rate, as the measurements take it."""
    every = max(1, round(1 / LIFTER_FPS / float(np.median(np.diff(clip.times))))) if len(clip) > 1 else 1
    keypoints, names = clip.canonical(), list(clip.point_names)
    hidden = clip.hidden[:, [names.index(name) for name in CANONICAL.keypoint_names]]
    return de.SeenClip(clip.in_camera()[::every, : len(MOCAP22)].astype(float),
                       clip.camera.rays(keypoints.xy)[::every], keypoints.score[::every], clip.height, hidden[::every])


def simulated_clips(data: str, seed: int, frames: int = 100) -> list[de.SeenClip]:
    """The simulator's own clips, with its usual noise and without augmentation."""
    mocap = split(load_mocap(data))[0]
    rng, clips = np.random.default_rng(seed), []
    step = mocap.fps / LIFTER_FPS
    for _ in range(_SIMULATED_CLIPS):
        clip = int(rng.integers(len(mocap)))
        count = int(min(frames, (mocap.frames[clip] - 1) / step))
        first = rng.random() * (mocap.frames[clip] - 1 - count * step)
        positions = mocap.sample(np.array([clip]), np.array([first]), np.array([step]), count)
        bodies = draw_bodies(rng, 1, shipped=1.0)
        joints = body_joints(positions, directions_of(positions), bodies.lengths)
        camera = film(rng, joints[:, :, 0], bodies.height)
        rays, score = seen_by_detector(rng, camera, joints, bodies, SynthSettings(missing=0.0))
        clips.append(de.SeenClip(camera.see(joints)[0].astype(float), rays[0].astype(float), score[0].astype(float),
                                 float(bodies.height[0])))
    return clips


def measured(name: str, clips: list[de.SeenClip]) -> Measured:
    """Biases and errors of a set."""
    biases = de.fit_biases(clips)
    return Measured(name, clips, [de.errors_of(clip, biases) for clip in clips], biases)


def _head(first: str, sets: list[Measured], columns: list[str]) -> list[str]:
    return _named_head(first, [each.name for each in sets], columns)


def _named_head(first: str, names: list[str], columns: list[str]) -> list[str]:
    cells = [f"{name}: {column}" for name in names for column in columns]
    return [f"| {first} | " + " | ".join(cells) + " |", "|---|" + "---:|" * len(cells)]


def _bias_table(sets) -> list[str]:
    lines = ["### Where the detector sees a point, % of height from the simulator's origin of it",
             "outward, up the limb (torso, head, sole), forward; +- between people", ""]
    return lines + _offset_rows({each.name: each.biases for each in sets})


def _offset_rows(found: dict[str, de.Biases]) -> list[str]:
    """Table with a row for each part, and outward, up and forward for each of `found`."""
    lines = _named_head("point", list(found), ["outward", "up", "forward"])
    for row, part in enumerate(de.PARTS):
        cells = [f"{each.offset[row, axis]:+.2f} +- {each.between[row, axis]:.2f}"
                 for each in found.values() for axis in range(3)]
        lines.append(f"| {part} | " + " | ".join(cells) + " |")
    return lines


def _pooled(each: Measured, points: list[int]):
    """Errors after the bias, and scores, of all detections of some keypoints."""
    length = np.concatenate([e.length[:, points][e.there[:, points]] for e in each.errors])
    score = np.concatenate([c.score[:, points][e.there[:, points]] for c, e in zip(each.clips, each.errors,
                                                                                   strict=True)])
    return length, score


def _error_table(sets) -> list[str]:
    lines = ["### Error after that bias, % of height", ""]
    lines += _head("point", sets, ["median", "p90", f"> {de.WILD:.0f} %", "score", "missing %"])
    for part in de.PARTS:
        cells = []
        for each in sets:
            points = de.keypoints_of(part)
            length, score = _pooled(each, points)
            gone = 100 * np.mean(np.concatenate([~e.there[:, points].ravel() for e in each.errors]))
            cells += [f"{np.median(length):.2f}", f"{np.quantile(length, 0.9):.2f}",
                      f"{100 * np.mean(length > de.WILD):.1f}", f"{score.mean():.2f}", f"{gone:.1f}"]
        lines.append(f"| {part} | " + " | ".join(cells) + " |")
    return lines


def _time_table(sets) -> list[str]:
    lines = ["### How the error lives in time: standard deviation of a coordinate, % of height (25 fps)",
             f"constant over a clip; slow: smoothed by {de.SMOOTH[1]:.0f} frames; middle: by {de.SMOOTH[0]:.0f}; fast: "
             f"the rest. Errors above {de.WILD:.0f} % left out.", ""]
    lines += _head("point", sets, ["constant", "slow", "middle", "fast"])
    for part in de.PARTS:
        cells = [f"{value:.2f}" for each in sets
                 for value in de.time_parts(each.errors, de.keypoints_of(part)).values()]
        lines.append(f"| {part} | " + " | ".join(cells) + " |")
    return lines


def _lag_table(sets) -> list[str]:
    lines = ["### Correlation of the error about a clip's mean with itself some frames later (25 fps)", ""]
    lines += _head("point", sets, [str(lag) for lag in de.LAGS])
    for part in de.PARTS:
        cells = [f"{value:.2f}" for each in sets for value in de.correlation(each.errors, de.keypoints_of(part))]
        lines.append(f"| {part} | " + " | ".join(cells) + " |")
    return lines


def _score_table(sets) -> list[str]:
    everything = list(range(len(CANONICAL)))
    pooled = [_pooled(each, everything) for each in sets]
    lines = [f"### Score against error (right: below {GOOD:.0f} % of height)", ""]
    lines += _head("score", sets, ["share %", "right %", "below 3 %", "median error"])
    for low, high in zip(_BINS[:-1], _BINS[1:], strict=True):
        cells = []
        for length, score in pooled:
            inside = (score > low) & (score <= high)
            part = length[inside]
            cells += [f"{100 * inside.mean():.1f}"] + ([f"{100 * np.mean(part < GOOD):.0f}",
                      f"{100 * np.mean(part < 3):.0f}", f"{np.median(part):.2f}"] if len(part) else ["-"] * 3)
        lines.append(f"| {low:.2f} - {high:.2f} | " + " | ".join(cells) + " |")
    lines.append("")
    for each, (length, score) in zip(sets, pooled, strict=True):
        areas = ", ".join(f"{limit} %: {de.ranking(score, length < limit):.3f}" for limit in (3, 5, 10))
        lines.append(f"Area under the curve ({each.name}) of the score for errors below {areas}.")
    return lines


def _groups(clip: de.SeenClip) -> dict[str, np.ndarray]:
    """(T, K) bool masks by name."""
    shape = clip.score.shape
    angle, tilt = (np.broadcast_to(value[:, None], shape) for value in (clip.angle, clip.tilt))
    covered = clip.covered
    groups = {"from the front (0-45)": angle < 45, "front side (45-90)": (angle >= 45) & (angle < 90),
              "back side (90-135)": (angle >= 90) & (angle < 135), "from behind (135-180)": angle >= 135,
              "torso upright (< 30)": tilt < 30, "torso leaning (30-60)": (tilt >= 30) & (tilt < 60),
              "torso lying (60-120)": (tilt >= 60) & (tilt < 120), "upside down (> 120)": tilt >= 120,
              "free (capsules)": covered < 0.2, "covered (capsules > 0.5)": covered > 0.5}
    if clip.hidden is not None:
        groups |= {"visible (mesh)": ~clip.hidden, "hidden (mesh)": clip.hidden,
                   "hidden (mesh), free (capsules)": clip.hidden & (covered < 0.2),
                   "visible (mesh), covered (capsules)": ~clip.hidden & (covered > 0.5)}
    return groups


def _view_table(sets) -> list[str]:
    limbs = [k for part in de.LIMBS for k in de.keypoints_of(part)]
    lines = ["### What the error of the 12 limb keypoints depends on", ""]
    lines += _head("seen", sets, ["share %", "median", "p90", f"> {de.WILD:.0f} %", "score"])
    names = list(dict.fromkeys(name for each in sets for name in _groups(each.clips[0])))
    masks = [[_groups(clip) for clip in each.clips] for each in sets]
    for name in names:
        cells = []
        for each, of_clips in zip(sets, masks, strict=True):
            cells += _group_cells(each, [groups.get(name) for groups in of_clips], limbs)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _group_cells(each: Measured, masks: list, points: list[int]) -> list[str]:
    if masks[0] is None:
        return ["-"] * 5
    length, score, total = [], [], 0
    for clip, errors, mask in zip(each.clips, each.errors, masks, strict=True):
        there = errors.there[:, points]
        keep = there & mask[:, points]
        total += int(there.sum())
        length.append(errors.length[:, points][keep])
        score.append(clip.score[:, points][keep])
    length, score = np.concatenate(length), np.concatenate(score)
    if not len(length):
        return ["0.0", "-", "-", "-", "-"]
    return [f"{100 * len(length) / total:.1f}", f"{np.median(length):.2f}", f"{np.quantile(length, 0.9):.2f}",
            f"{100 * np.mean(length > de.WILD):.1f}", f"{score.mean():.2f}"]


def _pair_lines(sets) -> list[str]:
    lines = ["### Left and right exchanged", ""]
    lines += _head("seen", sets, ["pairs %"])
    for name, low, high in (("from the front half", 0, 90), ("from the back half", 90, 181)):
        cells = []
        for each in sets:
            wrong = total = 0
            for clip in each.clips:
                keep = (clip.angle >= low) & (clip.angle < high)
                a, b = de.swap_share(de.SeenClip(clip.joints[keep], clip.rays[keep], clip.score[keep], clip.height))
                wrong, total = wrong + a, total + b
            cells.append(f"{100 * wrong / max(total, 1):.2f} ({wrong} of {total})")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines
