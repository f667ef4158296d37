"""Registers the classes, properties and the command of the add-on with Blender, and removes them again."""

from collections.abc import Callable

import bpy

from . import (
    background,
    bone_review,
    capture_operators,
    jobs,
    panels,
    preferences,
    properties,
    retarget_operators,
    view_operators,
)

COMMAND = "anatomy_mocap"

CLASSES = (
    preferences.MocapPreferences, properties.MocapTake, properties.MocapBone, properties.MocapSettings,
    properties.MocapProgress, *capture_operators.CLASSES, *retarget_operators.CLASSES,
    *view_operators.CLASSES, *bone_review.CLASSES, *panels.CLASSES)

_PATIENCE = 10.0
"""Longest time in seconds to wait for the current step of a running capture. Guessed: a step takes about 0.2 s, but
the first one loads the networks."""

_commands: list = []
"""Handles with which Blender removes the command again."""


def register(command: Callable[[list[str]], int]) -> None:
    """Register the classes, the properties and the command. command: takes the words behind its name."""
    for item in CLASSES:
        bpy.utils.register_class(item)
    bpy.types.Scene.anatomy_mocap = bpy.props.PointerProperty(
        type=properties.MocapSettings, name="Anatomy Mocap", description="The settings of the Mocap tab")
    bpy.types.WindowManager.anatomy_mocap = bpy.props.PointerProperty(
        type=properties.MocapProgress, name="Anatomy Mocap",
        description="State of the running capture", options={"SKIP_SAVE"})
    jobs.register()
    _commands.append(bpy.utils.register_cli_command(COMMAND, command))


def unregister() -> None:
    """Remove all of it, and stop a capture that still runs."""
    jobs.unregister()
    background.stop_all(_PATIENCE)
    while _commands:
        bpy.utils.unregister_cli_command(_commands.pop())
    del bpy.types.WindowManager.anatomy_mocap
    del bpy.types.Scene.anatomy_mocap
    for item in reversed(CLASSES):
        bpy.utils.unregister_class(item)
