#!/usr/bin/env python3
"""Sets up, tests, packages and demonstrates the project: `python build.py --help`. Needs Python 3.11 or 3.13 only."""

import argparse
import subprocess
import sys

from buildtools.pythons import BLENDERS, blender_of_this_python, dotted_version, find_python


def main(argv):
    """Run one subcommand and return its exit code; 2 for bad usage or a failed step."""
    if blender_of_this_python() is None:
        return hand_over(argv)
    from buildtools.project import BuildError

    arguments, extra = parser().parse_known_args(argv)
    if extra and arguments.run is not test:
        parser().error("unrecognized arguments: " + " ".join(extra))
    try:
        return arguments.run(arguments, extra)
    except BuildError as error:
        print("build.py:", error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def hand_over(argv):
    """Run build.py again with a Python version of one of the Blender lines."""
    for blender in BLENDERS.values():
        python = find_python(blender.python)
        if python:
            print(f"build.py: continuing with {python}", file=sys.stderr)
            return subprocess.run([python, __file__, *argv], check=False).returncode
    wanted = " or ".join(f"Python {dotted_version(b.python)} (for Blender {b.version})" for b in BLENDERS.values())
    here = dotted_version(sys.version_info[:2])
    print(f"build.py: needs {wanted}; this is {here} and no other was found: install one of them", file=sys.stderr)
    return 2


def parser():
    """Build the parser of the command line; `run` of what it returns is the command's function."""
    top = argparse.ArgumentParser(prog="build.py", description=__doc__)
    commands = top.add_subparsers(required=True)

    demo_ = commands.add_parser("demo", help="build the zip, install it, and run the main job on the bundled files")
    demo_.add_argument("--out", default="out", help="folder for the results (default: out)")
    demo_.set_defaults(run=demo)

    test_ = commands.add_parser(
        "test", help="run the tests on every Blender line whose Python is found; more arguments go to pytest"
    )
    test_.add_argument("--blender", choices=[*BLENDERS, "all"], help="test this Blender line only, or require both")
    test_.add_argument("--no-training", action="store_true", help="do not install torch; skip the training tests")
    test_.set_defaults(run=test)

    package_ = commands.add_parser("package", help="build the installable zips")
    package_.add_argument("--flavour", choices=["cpu", "cuda"], default="cpu",
                          help="kind of onnxruntime in the zip (default: cpu)")
    package_.add_argument("--platform", choices=["this", "all"], default="all",
                          help="zips for this machine or for all platforms (default: all)")
    package_.add_argument("--blender", choices=[*BLENDERS, "all"], default="all",
                          help="zips for this Blender line or for both (default: all)")
    package_.add_argument("--out", default="dist", help="folder for the zips (default: dist)")
    package_.set_defaults(run=package)

    link_ = commands.add_parser("link", help="link this checkout into your Blender as a development extension")
    link_.add_argument("--blender", choices=[*BLENDERS], help="Blender line (default: the one with this Python)")
    link_.add_argument("--extensions", metavar="DIR", help="folder of the extension repository (default: user_default)")
    link_.add_argument("--remove", action="store_true", help="remove the link")
    link_.set_defaults(run=link)

    lock_ = commands.add_parser("lock", help="rewrite wheels/wheels.lock from the versions in pyproject.toml")
    lock_.set_defaults(run=lock)
    return top


def demo(arguments, _):
    """Build this machine's zip and run the demonstration with it."""
    from buildtools.environments import environment
    from buildtools.package import package, this_platform
    from buildtools.project import ROOT

    blender = blender_of_this_python()
    python = environment(blender, "demo")
    [zip_path] = package(python, [this_platform()], [blender], "cpu", ROOT / "dist")
    command = [str(python), "benchmarks/demo.py", "--zip", str(zip_path), "--out", arguments.out]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def test(arguments, extra):
    """Run the tests on the chosen Blender lines, or on all lines whose Python is found."""
    from buildtools.run_tests import run_tests

    wanted = {None: None, "all": list(BLENDERS.values())}.get(arguments.blender, [BLENDERS.get(arguments.blender)])
    return run_tests(wanted, extra, training=not arguments.no_training)


def package(arguments, _):
    """Build, validate and summarise the zips."""
    from buildtools.environments import environment
    from buildtools.package import PLATFORMS, package, this_platform
    from buildtools.project import ROOT

    platforms = list(PLATFORMS) if arguments.platform == "all" else [this_platform()]
    blenders = list(BLENDERS.values()) if arguments.blender == "all" else [BLENDERS[arguments.blender]]
    python = environment(blender_of_this_python())
    package(python, platforms, blenders, arguments.flavour, ROOT / arguments.out)
    return 0


def link(arguments, _):
    """Link or unlink the checkout."""
    from buildtools.environments import environment
    from buildtools.link import link, unlink

    blender = BLENDERS[arguments.blender] if arguments.blender else blender_of_this_python()
    (unlink if arguments.remove else link)(environment(blender), blender, arguments.extensions)
    return 0


def lock(_, __):
    """Find the wheels of the pinned versions for every platform and write their names and hashes to the lock file."""
    from buildtools.environments import environment
    from buildtools.wheels import write_lock

    write_lock(environment(blender_of_this_python()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
