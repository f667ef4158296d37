"""Replaces a process of `render` in the tests: writes clips without Blender and imitates Blender's crashes."""

import os
from dataclasses import replace
from pathlib import Path

from anatomy_mocap.core.errors import MocapError
from training.rendered_people.produce import RenderSettings, missing


def make(settings: RenderSettings, say, most: int) -> None:
    """Write each clip as an empty file and abort at one clip.

    settings.data: stem of the clip at which the process aborts. settings.bodies: file that is written at the abort; if
    it exists, the process does not abort again. settings.rig: "again" to abort in any case.
    """
    for path in missing(settings)[:most]:
        if path.stem == settings.data and (settings.rig == "again" or not Path(settings.bodies).exists()):
            Path(settings.bodies).touch()
            os.abort()
        path.touch()
        say(f"{path.name} by {os.getpid()}")


def refuse(settings: RenderSettings, say, most: int) -> None:
    """Write one clip, then raise MocapError."""
    make(replace(settings, clips=1), say, most)
    raise MocapError("cmu17.npz: not found")
