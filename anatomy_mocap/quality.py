"""The command `measure`: figures of the quality of a take or of an animated file, without any truth."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from .animation.animate import CleanUp
from .core.errors import MocapError
from .core.progress import Progress
from .core.take import load_take
from .info import RIG_SUFFIXES, blender_jobs, print_facts
from .measuring.report import take_report
from .settings import AnimationSettings

_STAGES = ("captured", "cleaned_up", "evaluated")
_NAMES = {
    "slide_mean_mm": "foot slide in contact, mean, mm a frame at 25 fps",
    "slide_median_mm": "foot slide in contact, median", "feet_in_contact_percent": "feet in contact, % of the time",
    "below_floor_95_mm": "below the floor, 95th percentile, mm", "below_floor_worst_mm": "below the floor, worst, mm",
    "acceleration_m_s2": "acceleration of the joints, mean, m/s2", "jerk_m_s3": "jerk of the joints, mean, m/s3",
    "pops": "pops", "length_deviation_percent": "largest change of a bone's length, %",
    "length_deviation_bone": "of the bone",
}


def measure_file(path: Path, settings: AnimationSettings, armature: str | None = None, map_file: Path | None = None,
                 frames: tuple[int, int] | None = None, report: Callable[[Progress], None] | None = None) -> dict:
    """The figures of a take or of an animated file as plain values; MocapError where the file is neither.

    settings: how a take's motion is cleaned up. armature, map_file, frames: of an animated file.
    report: called with each step.
    """
    if path.suffix.lower() in RIG_SUFFIXES:
        jobs = blender_jobs(f"{path}: ")
        from .blender.measure_file import measure_animated_file

        return {"kind": "animated file",
                **measure_animated_file(jobs.AnimatedFile(path, armature, map_file, frames), report)}
    if path.suffix.lower() != ".npz":
        raise MocapError(f"{path}: neither a take (.npz) nor an animated file ({', '.join(RIG_SUFFIXES)}); capture a "
                         "video first, and measure the take")
    more = CleanUp(settings.regions, settings.repair, settings.doubt, settings.palms, settings.limits,
                   settings.bridge)
    return {"kind": "take", **take_report(load_take(path), settings.smoothing, settings.ground, more)}


def print_measures(facts: dict, as_json: bool, out: TextIO | None = None) -> None:
    """Print the figures, as JSON or as a table with a column for each stage. out: the stream; None is stdout."""
    if as_json:
        print_facts(facts, True, out)
        return
    stages = [stage for stage in _STAGES if stage in facts]
    print_facts({name: value for name, value in facts.items() if name not in stages and value not in ([], None)},
                False, out)
    width = max(map(len, _NAMES.values()))
    print(f"\n{'':{width}}" + "".join(f"{stage.replace('_', ' '):>16}" for stage in stages), file=out)
    for name, words in _NAMES.items():
        cells = ["-" if facts[stage][name] in (None, "") else str(facts[stage][name]) for stage in stages]
        print(f"{words:{width}}" + "".join(f"{cell:>16}" for cell in cells), file=out)
