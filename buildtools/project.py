"""What build.py knows about the project: its root, its version and its pinned requirements."""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class BuildError(Exception):
    """A step of the build can't be done; the message says why and what to do about it."""


def say(message: str) -> None:
    """Print one line of progress to stderr, at once, so that it keeps its place among the output of child processes."""
    print(message, file=sys.stderr, flush=True)


def read_toml(name: str) -> dict:
    """The content of a TOML file in the project's root."""
    with open(ROOT / name, "rb") as file:
        return tomllib.load(file)


def manifest() -> dict:
    """The extension's manifest, the only place that holds the version."""
    return read_toml("blender_manifest.toml")


def requirements(*groups: str) -> list[str]:
    """The pinned requirements ("name==version") of these dependency groups of pyproject.toml, in order."""
    table = read_toml("pyproject.toml")["dependency-groups"]
    return [requirement for group in groups for requirement in table[group]]


def all_requirements() -> list[str]:
    """The pinned requirements of every group."""
    return requirements(*read_toml("pyproject.toml")["dependency-groups"])


def requirement_name(requirement: str) -> str:
    """The name in "name==version"."""
    return requirement.partition("==")[0]
