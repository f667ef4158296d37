"""Runs the tests on each Blender line: one pytest process for the tests without Blender, one for each Blender module.

Each Blender test module has its own process, since it starts from factory settings and since some Blender versions
crash or hang at exit. A process that crashes or hangs counts as one failure, whatever it reported before.
"""

import os
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

from .environments import environment
from .project import ROOT, say
from .pythons import BLENDERS, Blender, blender_of_this_python, dotted_version, find_python

BLENDER_TESTS = ROOT / "tests" / "blender"
PROCESS_LIMIT = 1500  # seconds, far longer than any process that does not hang
NO_TESTS_COLLECTED = 5  # pytest's exit code


def run_tests(wanted: list[Blender] | None, arguments: list[str], training: bool) -> int:
    """Run the tests, print the totals in one line and return the exit code: 1 if any test failed.

    wanted: Blender lines, or None for all lines whose Python is found, beginning with this Python's.
    arguments: arguments for pytest; paths among them select the tests.
    training: install torch for the training tests if possible.
    """
    blenders = wanted or _found()
    totals: Counter[str] = Counter()
    for blender in blenders:
        start = time.monotonic()
        # torch is installed for one Python only: the training code does not depend on Blender.
        optional = ("training",) if training and blender.tag == "cp311" else ()
        python = environment(blender, "demo", "test", optional=optional)
        counts = _one_blender(python, blender, arguments)
        totals += counts
        say(f"Blender {blender.version}: {_line(counts)} in {time.monotonic() - start:.0f} s")
    print(_line(totals), flush=True)
    return 1 if totals["failed"] or not totals["passed"] else 0


def _found() -> list[Blender]:
    blenders = sorted(BLENDERS.values(), key=lambda blender: blender != blender_of_this_python())
    missing = [blender for blender in blenders if find_python(blender.python) is None]
    for blender in missing:
        say(f"Blender {blender.version}: not tested, Python {dotted_version(blender.python)} was not found")
    return [blender for blender in blenders if blender not in missing]


def _one_blender(python: Path, blender: Blender, arguments: list[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    paths = [argument for argument in arguments if _is_path(argument)]
    options = [argument for argument in arguments if argument not in paths]
    for process in _processes(paths):
        say(f"Blender {blender.version}: pytest {' '.join(process + options)}")
        counts += _pytest(python, process + options)
    return counts


def _is_path(argument: str) -> bool:
    return not argument.startswith("-") and Path(argument.partition("::")[0]).exists()


def _processes(paths: list[str]) -> list[list[str]]:
    """Group the selected paths (all tests if there are none) by pytest process."""
    plain: list[str] = []
    blender: list[list[str]] = []
    for chosen in paths or ["tests"]:
        path, _, test = chosen.partition("::")
        path = Path(path).resolve()
        if path.is_dir() and path.is_relative_to(BLENDER_TESTS):
            blender += [[_name(module)] for module in sorted(path.rglob("test_*.py"))]
        elif path.is_dir() and BLENDER_TESTS.is_relative_to(path):
            others = [child for child in sorted(path.iterdir()) if child != BLENDER_TESTS and _holds_tests(child)]
            plain += map(_name, others)
            blender += [[_name(module)] for module in sorted(BLENDER_TESTS.rglob("test_*.py"))]
        elif path.is_relative_to(BLENDER_TESTS):
            blender.append([_name(path) + ("::" + test if test else "")])
        else:
            plain.append(_name(path) + ("::" + test if test else ""))
    return ([plain] if plain else []) + blender


def _holds_tests(path: Path) -> bool:
    return path.match("test_*.py") or (path.is_dir() and any(path.rglob("test_*.py")))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def _pytest(python: Path, arguments: list[str]) -> Counter[str]:
    """Run one pytest process and read the counts from its report."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [str(python), "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
        try:
            answer = subprocess.run(command, cwd=ROOT, env=_clean_environment(), check=False, timeout=PROCESS_LIMIT)
            code = answer.returncode
        except subprocess.TimeoutExpired:
            say(f"stopped after {PROCESS_LIMIT} s")
            code = None
        counts = _read_report(report)
    if code not in (0, NO_TESTS_COLLECTED) and not counts["failed"]:
        say(f"the process crashed (exit code {code}): counted as one failure")
        counts["failed"] += 1
    return counts


def _clean_environment() -> dict[str, str]:
    """Return this process' environment variables without the user's Blender folders, so that tests leave them alone."""
    return {key: value for key, value in os.environ.items() if not key.startswith("BLENDER_")}


def _read_report(report: Path) -> Counter[str]:
    """Read the counts of a JUnit report; without a report they are empty."""
    try:
        suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    except (OSError, ElementTree.ParseError):
        return Counter()
    count = {key: sum(int(suite.get(key, 0)) for suite in suites) for key in ("tests", "failures", "errors", "skipped")}
    failed = count["failures"] + count["errors"]
    return Counter(passed=count["tests"] - failed - count["skipped"], failed=failed, skipped=count["skipped"])


def _line(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[key]} {key}" for key in ("passed", "failed", "skipped"))
