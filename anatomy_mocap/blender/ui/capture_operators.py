"""Operators that capture a take, and that manage the list of takes."""

from pathlib import Path

import bpy
from bpy_extras.io_utils import ImportHelper

from ...core.errors import MocapError
from .background import BackgroundRun
from .takes import capture_settings, keep_take, list_take, summary

_TICK = 0.1
"""Seconds between two updates of the bar; also the longest time until the button Cancel is obeyed. Chosen."""
_STAGES = {"read": "Reading", "detect": "Watching", "lift": "Lifting to 3D", "fit": "Fitting the body",
           "lift again": "Lifting again", "fit again": "Placing in space", "place": "Placing in space"}
"""Stage of a Progress -> its name in the panel."""


class ANATOMY_MOCAP_OT_capture(bpy.types.Operator):
    """Turn the video or keypoint file into a take. Esc cancels"""

    bl_idname = "anatomy_mocap.capture"
    bl_label = "Capture"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.window_manager.anatomy_mocap.running:
            cls.poll_message_set("A capture is running")
            return False
        if not context.scene.anatomy_mocap.source:
            cls.poll_message_set("Choose a video or a keypoint file first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Run the whole capture at once, where there is no window: in background mode and in scripts."""
        from ...core.progress import drain

        window_manager = context.window_manager
        window_manager.progress_begin(0, 1)
        try:
            steps, stem = _steps(context.scene.anatomy_mocap)
            take = drain(steps, lambda progress: window_manager.progress_update(progress.fraction))
            return self._keep(context, take, stem)
        except MocapError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        finally:
            window_manager.progress_end()

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        try:
            steps, self._stem = _steps(context.scene.anatomy_mocap)
        except MocapError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self._run = BackgroundRun(steps)
        shown = context.window_manager.anatomy_mocap
        shown.running, shown.cancel, shown.fraction, shown.text = True, False, 0.0, "Starting"
        self._timer = context.window_manager.event_timer_add(_TICK, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        shown = context.window_manager.anatomy_mocap
        if event.type == "ESC" or shown.cancel:
            self.cancel(context)
            self.report({"INFO"}, "Capture cancelled; no take was kept")
            return {"CANCELLED"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        if not self._run.done:
            _show(shown, self._run.progress)
            _redraw(context)
            return {"PASS_THROUGH"}
        self._leave(context)
        if isinstance(self._run.error, MocapError):
            self.report({"ERROR"}, str(self._run.error))
            return {"CANCELLED"}
        if self._run.error is not None:
            raise self._run.error
        try:
            return self._keep(context, self._run.result, self._stem)
        except MocapError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Stop the capture. Blender calls this itself when another file is opened meanwhile."""
        self._run.cancel()
        self._leave(context)

    def _leave(self, context):
        context.window_manager.event_timer_remove(self._timer)
        context.window_manager.anatomy_mocap.running = False
        context.window_manager.anatomy_mocap.cancel = False
        _redraw(context)

    def _keep(self, context, take, stem):
        entry = keep_take(context.scene.anatomy_mocap, take, stem)
        for warning in take.info.get("warnings", []):
            self.report({"WARNING"}, warning)
        self.report({"INFO"}, summary(entry))
        _redraw(context)
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_cancel(bpy.types.Operator):
    """Stop the running capture; no take is kept"""

    bl_idname = "anatomy_mocap.cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        cls.poll_message_set("No capture is running")
        return context.window_manager.anatomy_mocap.running

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.window_manager.anatomy_mocap.cancel = True
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_load_take(bpy.types.Operator, ImportHelper):
    """Add a saved take to the list"""

    bl_idname = "anatomy_mocap.load_take"
    bl_label = "Load Take"
    bl_options = {"REGISTER", "UNDO"}

    filename_ext = ".npz"
    filter_glob: bpy.props.StringProperty(
        name="Filter", description="Pattern of the files that are listed", default="*.npz", options={"HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...core.take import load_take

        path = Path(bpy.path.abspath(self.filepath))
        try:
            entry = list_take(context.scene.anatomy_mocap, path, load_take(path))
        except MocapError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, summary(entry))
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


def _steps(settings):
    """(the capture as a generator that does not use bpy, the take's name)."""
    from ...pipeline import capture

    path = settings.source_path()
    if not path.exists():
        raise MocapError(f"{path}: no such file; choose a video or a keypoint file")
    return capture(path, capture_settings(settings)), path.stem or "take"


def _show(shown, progress) -> None:
    if progress is None:
        return
    stage = _STAGES.get(progress.stage, progress.stage)
    counted = f"{progress.done} of {progress.total} {progress.unit}" if progress.total else f"{progress.done} frames"
    shown.fraction, shown.text = progress.fraction, f"{stage}: {counted}" if progress.done else stage


def _redraw(context) -> None:
    """Redraw the sidebars: a timer event alone redraws nothing, and the bar would stay after the end.

    Only the sidebars, because drawing a heavy 3D view ten times a second would slow down the capture.
    """
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


CLASSES = (ANATOMY_MOCAP_OT_capture, ANATOMY_MOCAP_OT_cancel, ANATOMY_MOCAP_OT_load_take, ANATOMY_MOCAP_OT_remove_take)
