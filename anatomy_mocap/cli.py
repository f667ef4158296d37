"""One command line for `blender --command anatomy_mocap` and `python -m anatomy_mocap`.

Exit codes: 0 done, 1 some inputs failed, 2 bad usage or input. Progress and messages go to stderr; results to stdout.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .core.errors import MocapError, unforeseen
from .core.progress import drain
from .core.take import load_take, save_take
from .core.whole_file import temporary_beside, written_whole
from .info import RIG_SUFFIXES, blender_jobs, describe, print_facts
from .pipeline import capture_everybody
from .printing.progress_line import ProgressLine
from .printing.result_output import result_alone
from .quality import measure_file, print_measures
from .settings import (
    EVERYBODY,
    OF_ARMATURES,
    OF_TAKES,
    READING,
    AnimationSettings,
    CaptureSettings,
    KeySettings,
    RetargetSettings,
)
from .settings_options import add_options, settings_of
from .take_facts import describe_take
from .take_settings import differing, settings_in, with_settings
from .touch.contact_edits import clear_contacts, contact_edits, edit_contacts, edit_text, parse_edit

DONE, SOME_FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
OUT_SUFFIXES = (".blend", ".fbx", ".glb", ".bvh")


class _UsageError(Exception):
    """Raised instead of leaving the process: inside Blender argparse must not call sys.exit."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        raise _UsageError(f"{self.prog}: {message} (see {self.prog} --help)")


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, with the help texts; `run` of what it returns is the command's function."""
    parser = _Parser(prog="anatomy_mocap", description="Video or 2D keypoints to animation on any rig.")
    commands = parser.add_subparsers(required=True, parser_class=_Parser)

    one = commands.add_parser("capture", help="video, image sequence or keypoint file -> take (.npz)")
    one.set_defaults(run=_capture)
    one.add_argument("input", help="a video, an image sequence or a keypoint file")
    one.add_argument("-o", "--output", required=True, metavar="TAKE.npz", help="the take's file")
    add_options(one, CaptureSettings)

    one = commands.add_parser("retarget", help="take or animated file -> animation on a rig")
    one.set_defaults(run=_retarget)
    one.add_argument("source", metavar="SOURCE", help="TAKE.npz, or an animated " + ", ".join(RIG_SUFFIXES))
    _rig_options(one)
    one.add_argument("-o", "--output", required=True, metavar="OUT", help=", ".join(OUT_SUFFIXES))
    one.add_argument("--source-armature", metavar="NAME", help="the armature that is followed, where an animated file "
                     "has several")
    one.add_argument("--source-map", metavar="FILE.json", help="bone map of the source's armature (default: found)")
    one.add_argument("--range", type=int, nargs=2, metavar=("FIRST", "LAST"),
                     help="scene frames of the source (default: those of its action)")

    one = commands.add_parser("convert", help="capture and retarget several inputs; writes a JSON report")
    one.set_defaults(run=_convert)
    one.add_argument("inputs", nargs="+", metavar="INPUT", help="videos, image sequences or keypoint files")
    one.add_argument("--out", required=True, metavar="DIR", help="folder of the results and of report.json")
    one.add_argument("--format", default="blend", choices=[s[1:] for s in OUT_SUFFIXES],
                     help="format of the results (default: %(default)s)")
    _rig_options(one)
    add_options(one, CaptureSettings)

    one = commands.add_parser("info", help="facts about a take, a video, a keypoint file or a rig")
    one.set_defaults(run=_info)
    one.add_argument("file", help="the file")
    add_options(one, CaptureSettings, READING)
    one.add_argument("--picture", metavar="FILE.png", help="write a contact sheet of a video with the people in it")
    one.add_argument("--no-people", action="store_true", help="don't look for the people in a video, which takes a "
                     "fifth of the time of a capture")

    _tune_options(commands.add_parser("tune", help="keep clean-up settings in a take, for every later result"))

    one = commands.add_parser("measure", help="figures of the quality of a take or an animated file")
    one.set_defaults(run=_measure)
    one.add_argument("file", metavar="FILE", help="TAKE.npz, or an animated " + ", ".join(RIG_SUFFIXES))
    one.add_argument("--armature", metavar="NAME", help="the armature, where an animated file has several")
    one.add_argument("--map", metavar="FILE.json", help="bone map of the armature (default: found)")
    one.add_argument("--range", type=int, nargs=2, metavar=("FIRST", "LAST"),
                     help="scene frames of an animated file (default: those of its action)")
    add_options(one, AnimationSettings)
    for one in commands.choices.values():
        one.add_argument("--json", action="store_true", help="print the result as JSON on stdout")
        one.add_argument("--quiet", action="store_true", help="show no progress")
    return parser


def _tune_options(one: argparse.ArgumentParser) -> None:
    one.set_defaults(run=_tune)
    one.add_argument("take", metavar="TAKE.npz", help="the take")
    one.add_argument("-o", "--output", metavar="NEW.npz", help="the tuned take's file (default: the take's own; only "
                     "its settings change)")
    one.add_argument("--forget", action="store_true", help="drop the settings that the take carries, first")
    one.add_argument("--contact", action="append", default=[], metavar="TEXT", help="what touches the floor in some "
                     'scene frames, or does not, such as "left_foot 12-40 on"; may be given several times')
    one.add_argument("--forget-contacts", action="store_true", help="drop all that was said by --contact, first")
    add_options(one, AnimationSettings)


def _rig_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rig", required=True, metavar="FILE", help="the character: " + ", ".join(RIG_SUFFIXES))
    parser.add_argument("--armature", metavar="NAME", help="the character's armature, where the file has several")
    parser.add_argument("--map", metavar="FILE.json", help="bone map of the character (default: found)")
    for settings in (AnimationSettings, RetargetSettings, KeySettings):
        add_options(parser, settings)


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code and never raises for bad input."""
    try:
        options = build_parser().parse_args(sys.argv[1:] if argv is None else list(argv))
    except _UsageError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except SystemExit as leave:  # --help
        return int(leave.code or 0)
    try:
        with result_alone(options.json) as options.stream:
            return options.run(options)
    except MocapError as error:
        print(f"anatomy_mocap: {error}", file=sys.stderr)
        return BAD_INPUT
    except Exception as error:
        print(f"anatomy_mocap: {unforeseen(error, _subject(options))}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("anatomy_mocap: interrupted; no unfinished file is left", file=sys.stderr)
        return INTERRUPTED


def _subject(options: argparse.Namespace) -> str:
    """The input of a command, for the message of an error that nobody foresaw."""
    names = ("input", "source", "file", "take", "inputs")
    given = next(getattr(options, name) for name in names if hasattr(options, name))
    return ", ".join(given) if isinstance(given, list) else given


def check_output(path: Path, suffixes: tuple[str, ...], *inputs: Path) -> Path:
    """`path`, if a result can be written there and is none of the inputs; MocapError otherwise, before any work."""
    if path.resolve() in {given.resolve() for given in inputs}:
        raise MocapError(f"{path}: the result would overwrite this input; choose another name")
    if path.suffix.lower() not in suffixes:
        raise MocapError(f"{path}: {path.suffix or 'no'} ending can't be written; use {', '.join(suffixes)}")
    if not path.parent.is_dir():
        raise MocapError(f"{path}: the folder {path.parent} does not exist; create it first")
    try:
        with temporary_beside(path):
            pass
    except OSError as error:
        raise MocapError(f"{path}: the folder can't be written ({error.strerror}); choose another one") from error
    return path


def _capture(options: argparse.Namespace) -> int:
    settings = settings_of(options, CaptureSettings())
    output = check_output(Path(options.output), (".npz",), Path(options.input))
    with ProgressLine(options.quiet) as line:
        takes = drain(capture_everybody(options.input, settings), line)
    files = [named_for(output, one.label) for one in takes]
    for file in files:
        check_output(file, (".npz",), Path(options.input))
    for file, one in zip(files, takes, strict=True):
        save_take(one.take, file)
    facts = [{"wrote": str(file), **describe_take(one.take)} for file, one in zip(files, takes, strict=True)]
    everybody = settings.person == EVERYBODY
    if everybody and options.json:
        print_facts({"takes": facts}, True, options.stream)
        return DONE
    for each in facts:
        print_facts(each, options.json, options.stream)
    return DONE


def named_for(file: Path, label: str) -> Path:
    """The file's name with a person's letter before its ending: walk.npz, A -> walk.A.npz; the same for no letter."""
    return file.with_name(f"{file.stem}.{label}{file.suffix}") if label else file


def _retarget(options: argparse.Namespace) -> int:
    jobs = blender_jobs()
    source = Path(options.source)
    output = check_output(Path(options.output), OUT_SUFFIXES, source, Path(options.rig))
    character = _character(options, jobs)
    if source.suffix.lower() in RIG_SUFFIXES:
        animated = jobs.AnimatedFile(source, options.source_armature, _path(options.source_map),
                                     tuple(options.range) if options.range else None)
        with ProgressLine(options.quiet) as line:
            facts = jobs.retarget_animated_file(animated, character, output, settings_of(options, OF_ARMATURES), line)
    else:
        take = load_take(source)
        with ProgressLine(options.quiet) as line:
            facts = jobs.retarget_file(take, source.stem, character, output, settings_of(options, settings_in(take)),
                                       line)
    print_facts(facts, options.json, options.stream)
    return DONE


def _character(options: argparse.Namespace, jobs):
    return jobs.CharacterFile(Path(options.rig), options.armature, _path(options.map),
                              settings_of(options, RetargetSettings()), settings_of(options, KeySettings()))


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _convert(options: argparse.Namespace) -> int:
    jobs, settings = blender_jobs(), settings_of(options, CaptureSettings())
    folder = Path(options.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MocapError(f"{folder}: the folder can't be made ({error.strerror}); choose another one") from error
    report_file = check_output(folder / "report.json", (".json",))
    animation, character = settings_of(options, OF_TAKES), _character(options, jobs)
    jobs.check_rig(character)
    results = []
    # No result may take the place of an input or of the rig, should these lie in the results' folder.
    given = [Path(file) for file in (*options.inputs, options.rig)]
    names = {file.stem.lower() for file in given if file.resolve().parent == folder.resolve()
             and file.suffix.lower() in (".npz", f".{options.format}")}
    for source in options.inputs:
        result = folder / unique_stem(Path(source), names)
        results += _convert_one(Path(source), result, settings, animation, character, options, given)
    failed = [result for result in results if "error" in result]
    report = {"rig": str(options.rig), "done": len(results) - len(failed), "failed": len(failed), "inputs": results}
    with written_whole(report_file, "report") as partial:
        partial.write_text(json.dumps(report, indent=2), encoding="utf-8")
    if options.json:
        print(json.dumps(report, indent=2), file=options.stream)
    else:
        print(f"{report['done']} done, {report['failed']} failed; {report_file}", file=options.stream)
    return SOME_FAILED if failed else DONE


def _convert_one(source: Path, result: Path, settings: CaptureSettings, animation: AnimationSettings, character,
                 options: argparse.Namespace, given: list[Path]) -> list[dict]:
    """Capture and retarget one input of a batch, one entry of the report for each person; a failure becomes a line in
    the report and does not stop the others.

    result: path of the take and of the animated file, without a person's letter and an ending. given: files that no
    result may take the place of.
    """
    done: list[dict] = []
    try:
        with ProgressLine(options.quiet) as line:
            takes = drain(capture_everybody(source, settings), line)
        for label, take in takes:
            name = f"{result.name}.{label}" if label else result.name
            take_file, output = (check_output(result.with_name(f"{name}.{ending}"), (f".{ending}",), *given)
                                 for ending in ("npz", options.format))
            save_take(with_settings(take, animation), take_file)
            with ProgressLine(options.quiet) as line:
                facts = blender_jobs().retarget_file(take, name, character, output, animation, line)
            person = {"person": label} if label else {}
            done.append({"input": str(source), **person, "take": str(take_file), **facts})
        return done
    except MocapError as error:
        message = str(error)
    except Exception as error:
        message = unforeseen(error, source)
    print(f"anatomy_mocap: {message}", file=sys.stderr)
    return [*done, {"input": str(source), "error": message}]


def unique_stem(source: Path, taken: set[str]) -> str:
    """A result name for an input; inputs of the same name in different folders must not overwrite each other."""
    stem = name = source.stem or source.name
    number = 2
    while name.lower() in taken:
        name, number = f"{stem}_{number}", number + 1
    taken.add(name.lower())
    return name


def _reading(options: argparse.Namespace) -> dict:
    """The given options that say how a keypoint file is read."""
    return {name: getattr(options, name) for name in READING if getattr(options, name) is not None}


def _tune(options: argparse.Namespace) -> int:
    file = Path(options.take)
    output = check_output(Path(options.output), (".npz",), file) if options.output else file
    take = load_take(file)
    settings = settings_of(options, OF_TAKES if options.forget else settings_in(take))
    edits = [parse_edit(text) for text in options.contact]
    take = clear_contacts(take) if options.forget_contacts else take
    for edit in edits:
        take = edit_contacts(take, *edit)
    save_take(with_settings(take, settings), output)
    print_facts({"wrote": str(output), "settings": differing(settings) or "the defaults",
                 "contact_edits": [edit_text(edit) for edit in contact_edits(take)]}, options.json, options.stream)
    return DONE


def _measure(options: argparse.Namespace) -> int:
    with ProgressLine(options.quiet) as line:
        facts = measure_file(Path(options.file), lambda base: settings_of(options, base), options.armature,
                             _path(options.map), tuple(options.range) if options.range else None, line)
    print_measures(facts, options.json, options.stream)
    return DONE


def _info(options: argparse.Namespace) -> int:
    picture = check_output(Path(options.picture), (".png",), Path(options.file)) if options.picture else None

    def people(path: Path) -> list[dict]:
        from .people_sheet import list_people

        with ProgressLine(options.quiet) as line:
            return drain(list_people(path, options.fps, picture), line)

    wanted = None if options.no_people and not picture else people
    print_facts(describe(Path(options.file), wanted, **_reading(options)), options.json, options.stream)
    return DONE
