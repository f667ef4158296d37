"""Everything that Blender is told about, and told to forget."""

import bpy

from . import background, bone_review, capture_operators, panels, preferences, properties, retarget_operators

COMMAND = "anatomy_mocap"

CLASSES = (
    preferences.MocapPreferences, properties.MocapTake, properties.MocapBone, properties.MocapSettings,
    properties.MocapProgress, *capture_operators.CLASSES, *retarget_operators.CLASSES,
    *bone_review.CLASSES, *panels.CLASSES)

_PATIENCE = 10.0
"""Seconds that a running capture gets for the step it is in."""

_commands: list = []
"""What Blender wants back to take its `--command` away again."""


def register() -> None:
    """Classes, properties and the command line."""
    for item in CLASSES:
        bpy.utils.register_class(item)
    bpy.types.Scene.anatomy_mocap = bpy.props.PointerProperty(
        type=properties.MocapSettings, name="Anatomy Mocap", description="The settings of the Mocap tab")
    bpy.types.WindowManager.anatomy_mocap = bpy.props.PointerProperty(
        type=properties.MocapProgress, name="Anatomy Mocap", description="The running capture", options={"SKIP_SAVE"})
    _commands.append(bpy.utils.register_cli_command(COMMAND, _run_command))


def unregister() -> None:
    """The reverse; a capture that still runs is stopped."""
    background.stop_all(_PATIENCE)
    while _commands:
        bpy.utils.unregister_cli_command(_commands.pop())
    del bpy.types.WindowManager.anatomy_mocap
    del bpy.types.Scene.anatomy_mocap
    for item in reversed(CLASSES):
        bpy.utils.unregister_class(item)


def _run_command(argv: list[str]) -> int:
    """`blender --command anatomy_mocap ...`; the command line is only imported when it is used."""
    from ...cli import main

    return main(argv)
