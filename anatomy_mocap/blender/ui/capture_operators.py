"""Operators that capture a take, and that manage the list of takes."""

import contextlib
import time
from collections.abc import Generator
from pathlib import Path

import bpy
from bpy_extras.io_utils import ImportHelper

from ...core.errors import MocapError
from . import jobs, preferences
from .takes import capture_settings, has_take, list_take, store_settings, summary

_ASK_AFTER = 30.0
"""Seconds of work after which Cancel asks before it stops a job. Chosen."""
_STAGES = {"read": "Reading", "look": "Looking for People", "detect": "Watching", "lift": "Lifting to 3D",
           "fit": "Fitting the body", "lift again": "Lifting again", "fit again": "Placing in space",
           "place": "Placing in space"}
"""Stage of a Progress -> its name in the panel."""


class ANATOMY_MOCAP_OT_capture(bpy.types.Operator):
    """Turn the video or keypoint file into a take, while you go on working. A capture that runs is waited for"""

    bl_idname = "anatomy_mocap.capture"
    bl_label = "Capture"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not context.scene.anatomy_mocap.source:
            cls.poll_message_set("Choose a video or a keypoint file first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Queue the capture; without a window, in background mode and in scripts, run it at once."""
        file = context.scene.anatomy_mocap.source
        try:
            steps, stem = _steps(context.scene.anatomy_mocap)
            if not jobs.has_window():
                return self._at_once(context, steps)
            jobs.add(jobs.Job(stem, "capture", steps, context.scene.session_uid,
                              _keep, _show, file, _discard))
        except Exception as error:
            return jobs.give_up(self, error, file)
        return {"FINISHED"}

    def _at_once(self, context, steps):
        from ...core.progress import drain

        window_manager = context.window_manager
        window_manager.progress_begin(0, 1)
        try:
            kept = drain(steps, lambda progress: window_manager.progress_update(progress.fraction))
        finally:
            window_manager.progress_end()
        *warnings, line = _keep(context.scene, kept)
        for warning in warnings:
            self.report({"WARNING"}, warning)
        self.report({"INFO"}, line)
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_cancel(bpy.types.Operator):
    """Stop the running capture or reading; nothing of it is kept"""

    bl_idname = "anatomy_mocap.cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        cls.poll_message_set("Nothing is running")
        return jobs.running() is not None

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask first after some work, since a click would throw it away."""
        job = jobs.running()
        if time.monotonic() - job.started < _ASK_AFTER:
            return self.execute(context)
        return context.window_manager.invoke_confirm(
            self, event, title=f"Stop {job.name}?", message=context.window_manager.anatomy_mocap.text,
            confirm_text="Stop")

    def execute(self, context: bpy.types.Context) -> set[str]:
        if jobs.running() is None:  # it ended while the question was open
            return {"CANCELLED"}
        jobs.cancel()
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_dismiss(bpy.types.Operator):
    """Remove the message"""

    bl_idname = "anatomy_mocap.dismiss"
    bl_label = "Dismiss Mocap Message"

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.window_manager.anatomy_mocap.message = ""
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_load_take(bpy.types.Operator, ImportHelper):
    """Add a saved take to the list"""

    bl_idname = "anatomy_mocap.load_take"
    bl_label = "Load Take"
    bl_options = {"REGISTER", "UNDO"}

    filename_ext = ".npz"
    filepath: bpy.props.StringProperty(
        name="File", description="The take's file", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: bpy.props.StringProperty(
        name="Filter", description="Pattern of the files that are listed", default="*.npz", options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """A dropped file is known; otherwise open the file browser."""
        return self.execute(context) if self.filepath else ImportHelper.invoke(self, context, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...core.take import load_take

        path = Path(bpy.path.abspath(self.filepath))
        try:
            entry = list_take(context.scene.anatomy_mocap, path, load_take(path))
        except Exception as error:
            return jobs.give_up(self, error, path)
        self.report({"INFO"}, summary(entry))
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_store_settings(bpy.types.Operator):
    """Keep smoothing, foot lock and clean-up in the active take's file, for every later result"""

    bl_idname = "anatomy_mocap.store_settings"
    bl_label = "Keep in Take"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_take(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.anatomy_mocap
        try:
            name = store_settings(settings)
        except Exception as error:
            return jobs.give_up(self, error, settings.take().path)
        self.report({"INFO"}, f"{name}: the take's file has the settings now")
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_remove_take(bpy.types.Operator):
    """Remove the active take from the list; its file stays"""

    bl_idname = "anatomy_mocap.remove_take"
    bl_label = "Remove From List"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        cls.poll_message_set("The list is empty")
        return context.scene.anatomy_mocap.take() is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.anatomy_mocap
        settings.takes.remove(settings.active_take)
        settings.active_take = max(0, min(settings.active_take, len(settings.takes) - 1))
        return {"FINISHED"}


def _steps(settings) -> tuple[Generator, str]:
    """(the capture as a generator that does not use bpy, which saves the take and returns it with its file; its name).
    """
    path, chosen = settings.source_path(), capture_settings(settings)
    if not path.exists():
        raise MocapError(f"{path}: no such file; choose a video or a keypoint file")

    folder, stem, video = preferences.takes_folder(), path.stem or "take", settings.source

    def steps():
        from ...pipeline import capture_everybody  # on the worker: the first import takes over a second

        takes = yield from capture_everybody(path, chosen)
        from ...core.take import save_take

        return [(take, save_take(take, preferences.free_path(folder, f"{stem}.{label}" if label else stem)), video)
                for label, take in takes]

    return steps(), stem


def _keep(scene, kept) -> list[str]:
    """List the captured takes with their files, the first one as the active one; returns warnings and one line."""
    settings = scene.anatomy_mocap
    lines = [summary(list_take(settings, file, take, video)) for take, file, video in kept]
    settings.active_take = settings.active_take - len(kept) + 1
    warnings = [warning for take, *_ in kept for warning in take.info.get("warnings", [])]
    return [*dict.fromkeys(warnings), lines[0] if len(lines) == 1 else f"{len(lines)} people: " + "; ".join(lines)]


def _discard(kept) -> None:
    """Remove the files of takes whose capture was cancelled when they were being saved."""
    for _, file, _ in kept:
        with contextlib.suppress(OSError):
            file.unlink()


def _show(shown, progress) -> None:
    if progress is None:
        return
    stage = _STAGES.get(progress.stage, progress.stage)
    counted = f"{progress.done} of {progress.total} {progress.unit}" if progress.total else f"{progress.done} frames"
    shown.fraction, shown.text = progress.fraction, f"{stage}: {counted}" if progress.done else stage


CLASSES = (ANATOMY_MOCAP_OT_capture, ANATOMY_MOCAP_OT_cancel, ANATOMY_MOCAP_OT_dismiss, ANATOMY_MOCAP_OT_load_take,
           ANATOMY_MOCAP_OT_store_settings, ANATOMY_MOCAP_OT_remove_take)
