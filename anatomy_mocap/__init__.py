"""Anatomy Mocap: video or 2D keypoints to keyed animation on any rig.

Public are `capture`, `capture_everybody`, `load_take` and `retarget`. Importing the package loads nothing else: each
function imports what it needs, be it Blender, the networks or the numerical libraries. `register` and `unregister` are
for Blender.
"""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .core.progress import Progress
    from .core.take import Take
    from .settings import CaptureSettings


def capture(path: str | PathLike, settings: CaptureSettings | None = None,
            report: Callable[[Progress], None] | None = None, **options: Any) -> Take:
    """Turn a video, an image sequence or a keypoint file into a take.

    path: the file, a folder of pictures, or a pattern such as "shot_####.png".
    settings: see CaptureSettings. options: fields of it, which replace those of `settings`; `fov` is in radians.
    report: called with the Progress of each step.
    MocapError names the file, the cause and the remedy where no take can be made.
    """
    from dataclasses import replace

    from .core.progress import drain
    from .pipeline import capture as steps
    from .settings import CaptureSettings

    return drain(steps(path, replace(settings or CaptureSettings(), **options)), report)


def capture_everybody(path: str | PathLike, settings: CaptureSettings | None = None,
                      report: Callable[[Progress], None] | None = None, **options: Any) -> list[tuple[str, Take]]:
    """Turn everybody in a video or a keypoint file into a take each: (letter, take), from left to right.

    The takes share one world, so that two characters stand right to each other. The arguments are those of `capture`.
    """
    from dataclasses import replace

    from .core.progress import drain
    from .pipeline import capture_everybody as steps
    from .settings import EVERYBODY, CaptureSettings

    wanted = replace(settings or CaptureSettings(), **{"person": EVERYBODY, **options})
    return [(one.label, one.take) for one in drain(steps(path, wanted), report)]


def load_take(path: str | PathLike) -> Take:
    """Read a take. path: its .npz file. MocapError where the file is no take, or one of an unknown version."""
    from .core.take import load_take as load

    return load(path)


def retarget(take: Take | str | PathLike, rig: Any, output: str | PathLike | None = None, *,
             armature: str | None = None, bone_map: str | PathLike | None = None, **options: Any) -> dict:
    """Put a take on a character; returns facts about the result. This needs Blender or its bpy module.

    take: a take, or the path of its file.
    rig: the path of a character's file (.blend, .fbx, .glb, .gltf, .vrm, .bvh): the result is written to `output`
        (.blend, .fbx, .glb, .bvh), and Blender's open file is replaced. Or an armature object of Blender's open file:
        it is keyed there, and `output` stays None.
    armature: the armature's name, where the character's file has several.
    bone_map: the path of a bone map; None finds the bones.
    options: fields of AnimationSettings, RetargetSettings and KeySettings, such as smoothing=0.1; angles in radians.
        They replace the settings that the take carries (command `tune`).
    MocapError names the file or the armature, the cause and the remedy where this is impossible.
    """
    from .blender.file_jobs import retarget_take

    return retarget_take(take, rig, output, armature, bone_map, options)


def register() -> None:
    """Blender calls this when the add-on is enabled."""
    from .blender.entrances import menus
    from .blender.ui import registration

    registration.register(_command)
    menus.register()


def _command(words: list[str]) -> int:
    """Run `blender --command anatomy_mocap ...`; the command line is imported only here."""
    from .cli import main

    return main(words)


def unregister() -> None:
    """Blender calls this when the add-on is disabled."""
    from .blender.entrances import menus
    from .blender.ui import registration

    menus.unregister()
    registration.unregister()
