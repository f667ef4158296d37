"""One command line for `blender --command anatomy_mocap` and `python -m anatomy_mocap`.

Exit codes: 0 done, 1 some inputs failed, 2 bad usage or input. Progress and messages go to stderr; results to stdout.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from .core.errors import MocapError
from .core.progress import drain
from .core.take import load_take, save_take
from .core.whole_file import written_whole
from .pipeline import capture
from .progress_line import ProgressLine
from .settings import GROUNDING, SMOOTHING, CaptureSettings

DONE, SOME_FAILED, BAD_INPUT = 0, 1, 2
RIG_SUFFIXES = (".blend", ".fbx", ".glb", ".gltf", ".vrm", ".bvh")
OUT_SUFFIXES = (".blend", ".fbx", ".glb", ".bvh")


class _UsageError(Exception):
    """Raised instead of leaving the process: inside Blender argparse must not call sys.exit."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        raise _UsageError(f"{self.prog}: {message} (see {self.prog} --help)")


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, with the help texts."""
    parser = _Parser(prog="anatomy_mocap", description="Video or 2D keypoints to animation on any rig.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)

    one = commands.add_parser("capture", help="video, image sequence or keypoint file -> take (.npz)")
    one.add_argument("input")
    one.add_argument("-o", "--output", required=True, metavar="TAKE.npz")
    _capture_options(one)

    one = commands.add_parser("retarget", help="take, or an animated file's motion -> animation on a rig")
    one.add_argument("source", metavar="SOURCE", help="TAKE.npz, or an animated " + ", ".join(RIG_SUFFIXES))
    one.add_argument("--rig", required=True, metavar="FILE", help=", ".join(RIG_SUFFIXES))
    one.add_argument("-o", "--output", required=True, metavar="OUT", help=", ".join(OUT_SUFFIXES))
    _retarget_options(one)
    _source_options(one)

    one = commands.add_parser("convert", help="capture and retarget; several inputs, a JSON report")
    one.add_argument("inputs", nargs="+", metavar="INPUT")
    one.add_argument("--rig", required=True, metavar="FILE", help=", ".join(RIG_SUFFIXES))
    one.add_argument("--out", required=True, metavar="DIR", help="results and report.json go here")
    one.add_argument("--format", default="blend", choices=[s[1:] for s in OUT_SUFFIXES], help="default: %(default)s")
    _capture_options(one)
    _retarget_options(one)

    one = commands.add_parser("info", help="what a take, video, keypoint file or rig is, and what comes of it")
    one.add_argument("file")
    for one in commands.choices.values():
        one.add_argument("--json", action="store_true", help="print the result as JSON on stdout")
        one.add_argument("--quiet", action="store_true", help="no progress")
    return parser


def _person(text: str) -> str | int:
    if text == "largest":
        return text
    if text.isdigit():
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is neither 'largest' nor a number from 0")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if width.isdigit() and height.isdigit() and int(width) and int(height):
        return int(width), int(height)
    raise argparse.ArgumentTypeError(f"{text!r} is not a size like 1920x1080")


def _capture_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--person", default="largest", type=_person, metavar="largest|N", help="whom to follow")
    parser.add_argument("--layout", metavar="NAME", help="keypoint layout of a keypoint file, where not recognised")
    parser.add_argument("--exact", action="store_true", help="a keypoint file's points are exact (projected markers, "
                        "set by hand), not a detector's")
    parser.add_argument("--size", type=_size, metavar="WxH", help="picture size, where a keypoint file lacks it")
    parser.add_argument("--fps", type=float, metavar="F", help="frame rate of the take (default: the source's)")
    lens = parser.add_mutually_exclusive_group()
    lens.add_argument("--fov", type=float, metavar="DEG", help="field of view over the longer side (default: 55)")
    lens.add_argument("--focal", type=float, metavar="PX", help="focal length in pixels")
    parser.add_argument("--height", type=float, metavar="M", help="the person's standing height in metres")
    parser.add_argument("--device", default="auto", choices=("auto", "cuda", "cpu"))


def _retarget_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--armature", metavar="NAME", help="which armature, where the file holds several")
    parser.add_argument("--map", metavar="FILE.json", help="bone map; default: found by itself")
    parser.add_argument("--smooth", type=float, metavar="S",
                        help=f"smoothing in seconds, 0 for none (default: {SMOOTHING:g} for takes, 0 for armatures)")
    parser.add_argument("--ground", type=float, metavar="0..1",
                        help=f"how firmly standing feet are held on the floor (default: {GROUNDING:g}, armatures 0)")
    parser.add_argument("--turn", type=float, default=0.0, metavar="DEG", help="turn the performance on the floor")
    parser.add_argument("--stride", type=float, metavar="X", help="scale of the path (default: by leg length)")
    parser.add_argument("--in-place", action="store_true", help="keep the character where it is")
    parser.add_argument("--hands", choices=("directions", "chest", "space"), default="directions",
                        help="bring the wrists where the performer's are: from the chest, or in space")
    parser.add_argument("--feet", choices=("directions", "space"), default="directions",
                        help="bring the feet where the performer's are, to scale")
    parser.add_argument("--twist-bones", action="store_true", help="key twist bones too, each with its share")
    parser.add_argument("--ground-on-root", action="store_true",
                        help="the topmost bone above the hips takes the way over the ground")
    parser.add_argument("--copy-posture", action="store_true", help="copy all directions, the character's carriage too")
    parser.add_argument("--start", type=float, metavar="FRAME", help="scene frame of the first frame")
    parser.add_argument("--parts", metavar="PART,...", help="only these parts of the body: upper, lower, arms, legs, "
                        "root, hips, spine, head, left_arm, right_arm, left_leg, right_leg")
    parser.add_argument("--limbs", default="fk", choices=("fk", "ik"), help="what plays on a control rig")
    parser.add_argument("--match-ik", action="store_true", help="key IK controls too, to fit the FK controls")
    parser.add_argument("--constraints", default="keep", choices=("keep", "off", "bake"),
                        help="of keyed bones: keep, key them off, or bake through them (default: %(default)s)")
    parser.add_argument("--nla", action="store_true", help="onto a new NLA track instead of the active action")


def _source_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source-armature", metavar="NAME", help="which armature of an animated file is followed")
    parser.add_argument("--source-map", metavar="FILE.json", help="its bone map; default: found by itself")
    parser.add_argument("--range", type=int, nargs=2, metavar=("FIRST", "LAST"),
                        help="its scene frames (default: its action's)")


def capture_settings(options: argparse.Namespace) -> CaptureSettings:
    """The command line's words as settings; degrees become radians here."""
    return CaptureSettings(
        person=options.person, layout=options.layout, fps=options.fps, focal=options.focal, height=options.height,
        size=options.size, exact=options.exact, fov=None if options.fov is None else float(np.radians(options.fov)),
        device=options.device)


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code and never raises for bad input."""
    try:
        options = build_parser().parse_args(sys.argv[1:] if argv is None else list(argv))
    except _UsageError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except SystemExit as leave:  # --help
        return int(leave.code or 0)
    command = {"capture": _capture, "retarget": _retarget, "convert": _convert, "info": _info}[options.command]
    try:
        return command(options)
    except MocapError as error:
        print(f"anatomy_mocap: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("anatomy_mocap: interrupted; nothing half-made is left", file=sys.stderr)
        return 130


def check_output(path: Path, suffixes: tuple[str, ...], *inputs: Path) -> Path:
    """Say before the work, not after it, that a result could not be written or would take the place of an input."""
    if path.resolve() in {given.resolve() for given in inputs}:
        raise MocapError(f"{path}: the result would overwrite this input; choose another name")
    if path.suffix.lower() not in suffixes:
        raise MocapError(f"{path}: {path.suffix or 'no'} ending can't be written; use {', '.join(suffixes)}")
    if not path.parent.is_dir():
        raise MocapError(f"{path}: the folder {path.parent} does not exist; create it first")
    probe = path.with_name(path.name + ".part")
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise MocapError(f"{path}: the folder can't be written ({error.strerror}); choose another one") from error
    return path


def _capture(options: argparse.Namespace) -> int:
    settings = capture_settings(options)
    output = check_output(Path(options.output), (".npz",), Path(options.input))
    with ProgressLine(options.quiet) as line:
        take = drain(capture(options.input, settings), line)
    save_take(take, output)
    from .info import print_facts
    from .take_facts import describe_take

    print_facts({"wrote": str(output), **describe_take(take)}, options.json)
    return DONE


def _retarget(options: argparse.Namespace) -> int:
    jobs = _blender_jobs()
    source = Path(options.source)
    output = check_output(Path(options.output), OUT_SUFFIXES, source, Path(options.rig))
    target = jobs.settings_from(options)
    if source.suffix.lower() in RIG_SUFFIXES:
        with ProgressLine(options.quiet) as line:
            facts = jobs.retarget_animated_file(source, target, output, line)
    else:
        facts = jobs.retarget_file(load_take(source), source.stem, target, output)
    from .info import print_facts

    print_facts(facts, options.json)
    return DONE


def _convert(options: argparse.Namespace) -> int:
    jobs, settings = _blender_jobs(), capture_settings(options)
    folder = Path(options.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MocapError(f"{folder}: the folder can't be made ({error.strerror}); choose another one") from error
    report_file = check_output(folder / "report.json", (".json",))
    target = jobs.settings_from(options)
    jobs.check_rig(target)
    results = []
    # No result may take the place of an input or of the rig, should these lie in the results' folder.
    given = [Path(file) for file in (*options.inputs, options.rig)]
    names = {file.stem.lower() for file in given if file.resolve().parent == folder.resolve()
             and file.suffix.lower() in (".npz", f".{options.format}")}
    for source in options.inputs:
        results.append(_convert_one(Path(source), folder, names, settings, target, options))
    failed = [result for result in results if "error" in result]
    report = {"rig": str(options.rig), "done": len(results) - len(failed), "failed": len(failed), "inputs": results}
    with written_whole(report_file, "report") as partial:
        partial.write_text(json.dumps(report, indent=2), encoding="utf-8")
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        print(f"{report['done']} done, {report['failed']} failed; {report_file}")
    return SOME_FAILED if failed else DONE


def _convert_one(source: Path, folder: Path, names: set[str], settings: CaptureSettings, target, options) -> dict:
    """One input of a batch; its failure is a line in the report and does not stop the others."""
    stem = unique_stem(source, names)
    try:
        with ProgressLine(options.quiet) as line:
            take = drain(capture(source, settings), line)
        save_take(take, folder / f"{stem}.npz")
        facts = _blender_jobs().retarget_file(take, stem, target, folder / f"{stem}.{options.format}")
        return {"input": str(source), "take": str(folder / f"{stem}.npz"), **facts}
    except MocapError as error:
        print(f"anatomy_mocap: {error}", file=sys.stderr)
        return {"input": str(source), "error": str(error)}


def unique_stem(source: Path, taken: set[str]) -> str:
    """A result name for an input; inputs of the same name in different folders must not overwrite each other."""
    stem = name = source.stem or source.name
    number = 2
    while name.lower() in taken:
        name, number = f"{stem}_{number}", number + 1
    taken.add(name.lower())
    return name


def _info(options: argparse.Namespace) -> int:
    from .info import describe, print_facts

    print_facts(describe(Path(options.file)), options.json)
    return DONE


def _blender_jobs():
    """The part that needs Blender; told plainly where there is none."""
    try:
        from .blender import file_jobs as jobs
    except ModuleNotFoundError as error:
        if error.name in ("bpy", "mathutils"):
            raise MocapError("this command needs Blender: run it as `blender --command anatomy_mocap ...`, or install "
                             "the bpy module for this Python") from error
        raise
    return jobs
