"""The scene of a character's .blend file: its units and its frame rate, which the character's data do not hold."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import bpy

from .importers import everything, quiet

_UNITS = ("system", "scale_length", "use_separate", "system_rotation")
_OF_A_SYSTEM = ("length_unit", "mass_unit", "time_unit", "temperature_unit")
"""Properties of the unit settings that a scene without a unit system does not have."""


class RigScene(NamedTuple):
    """units: name -> value of the unit settings. fps, fps_base: whole frames per second, and their divisor."""

    units: dict
    fps: int
    fps_base: float

    @property
    def has_usual_rate(self) -> bool:
        """Whether the rate is that of a new file, which nobody may have chosen."""
        return self.fps == 24 and self.fps_base == 1.0

    def give_to(self, scene: bpy.types.Scene) -> None:
        """Set the scene's units and rate to these."""
        for name, value in self.units.items():
            setattr(scene.unit_settings, name, value)
        scene.render.fps, scene.render.fps_base = self.fps, self.fps_base


def scene_of_rig(path: Path, armature_name: str) -> RigScene | None:
    """The settings of the first scene of a .blend that has the armature, else of its first one; None without a scene.

    The file's scenes are linked for a moment; the open file is as before afterwards.
    """
    before = everything()
    try:
        with quiet(), bpy.data.libraries.load(str(path.resolve()), link=True) as (source, target):
            target.scenes = list(source.scenes)
        scenes = [scene for scene in target.scenes if scene is not None]
        if not scenes:
            return None
        scene = next((each for each in scenes if armature_name in each.objects), scenes[0])
        names = _UNITS + (_OF_A_SYSTEM if scene.unit_settings.system != "NONE" else ())
        units = {name: getattr(scene.unit_settings, name) for name in names}
        return RigScene(units, scene.render.fps, scene.render.fps_base)
    finally:
        bpy.data.batch_remove(everything() - before)
