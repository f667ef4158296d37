"""What a process of `render` does in the tests: clips without Blender, and the breakdowns that Blender has."""

import os
from dataclasses import replace
from pathlib import Path

from anatomy_mocap.core.errors import MocapError
from training.rendered_people.produce import RenderSettings, missing


def make(settings: RenderSettings, say, most: int) -> None:
    """Each clip an empty file. settings.data: number of the clip at which it breaks down, settings.bodies: a file that
    is written when it does, settings.rig: "again", where it breaks down whether that file is there or not."""
    for path in missing(settings)[:most]:
        if path.stem == settings.data and (settings.rig == "again" or not Path(settings.bodies).exists()):
            Path(settings.bodies).touch()
            os.abort()
        path.touch()
        say(f"{path.name} by {os.getpid()}")


def refuse(settings: RenderSettings, say, most: int) -> None:
    """Make one clip, and no more."""
    make(replace(settings, clips=1), say, most)
    raise MocapError("cmu17.npz: not found")
