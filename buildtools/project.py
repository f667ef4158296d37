"""Reads the project's root, version and pinned requirements for build.py."""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class BuildError(Exception):
    """A step of the build failed. The message names the cause and a remedy."""


def say(message: str) -> None:
    """Print one line of progress to stderr and flush it, so that it precedes the output of later child processes."""
    print(message, file=sys.stderr, flush=True)


def read_toml(name: str) -> dict:
    """Read a TOML file in the project's root."""
    with open(ROOT / name, "rb") as file:
        return tomllib.load(file)


def manifest() -> dict:
    """Read the extension's manifest, the only source of the version."""
    return read_toml("blender_manifest.toml")


def requirements(*groups: str) -> list[str]:
    """Return the pinned requirements ("name==version") of these dependency groups of pyproject.toml, in order."""
    table = read_toml("pyproject.toml")["dependency-groups"]
    return [requirement for group in groups for requirement in table[group]]


def all_requirements() -> list[str]:
    """Return the pinned requirements of every group."""
    return requirements(*read_toml("pyproject.toml")["dependency-groups"])


def requirement_name(requirement: str) -> str:
    """Return the name in "name==version"."""
    return requirement.partition("==")[0]
