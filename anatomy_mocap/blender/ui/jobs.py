"""Long jobs of the window: one queue on Blender's timers. No Esc, menu or playback ends them: no operator is modal.

A capture runs on a worker thread. A reading needs bpy, so it runs on the main thread in short slices.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import bpy

from ...core.errors import MocapError, unforeseen
from .background import BackgroundRun

_TICK = 0.1
"""Seconds between two looks at a worker thread; also the longest time until the button Cancel is obeyed. Chosen."""
_PAUSE, _SLICE = 0.02, 0.04
"""Seconds between two slices of a reading, and the longest time of a slice. Chosen."""


@dataclass
class Job:
    """A job of the queue.

    name: for messages. kind: "capture", on a worker thread without bpy, or "reading", on the main thread.
    steps: a generator of Progress. scene: the session_uid of its scene. finish: called with that scene and the
    result; returns warnings and, last, one line about the result.
    show: called with the state for the panel and the last Progress.
    subject: what an unforeseen error names, a file or an armature; by default the job's name.
    discard: removes the result of a capture that is cancelled when it has just ended.
    """

    name: str
    kind: str
    steps: Generator
    scene: int
    finish: Callable[[bpy.types.Scene, Any], list[str]]
    show: Callable[[Any, Any], None]
    subject: str = ""
    discard: Callable[[Any], None] | None = None
    run: BackgroundRun | None = None
    started: float = field(default_factory=time.monotonic)


_queue: list[Job] = []
"""The running job, and those that wait."""


def has_window() -> bool:
    """Whether Blender has windows, whose timers drive the queue."""
    return not bpy.app.background


def add(job: Job) -> None:
    """Put a job at the end of the queue."""
    _queue.append(job)
    if len(_queue) == 1:
        _start(job)
    _count()
    if not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=_PAUSE)


def running() -> Job | None:
    """The job that runs."""
    return _queue[0] if _queue else None


def cancel() -> None:
    """Stop the running job without waiting for it, and start the next one. Nothing of it is kept."""
    if job := running():
        _drop(job)
        _tell([], f"{job.name}: cancelled; nothing was kept", failed=False)
        _next()


def stop_all(kinds: tuple[str, ...] = ("capture", "reading")) -> None:
    """Stop all jobs of some kinds, silently: a file is opened, an undo changes the data, or the add-on goes."""
    for job in [job for job in _queue if job.kind in kinds]:
        first = job is _queue[0]
        _drop(job)
        if first:
            _next()
        else:
            _queue.remove(job)
    _count()


def tick() -> float | None:
    """Drive the queue by one step; returns the seconds until the next one, None when there is no job."""
    job = running()
    if job is None:
        return None
    try:
        ended, result = _advanced(job)
    except BaseException as error:  # whatever happens, the queue goes on
        _fail(job, error)
        return _PAUSE if _queue else None
    if not ended or _busy():
        return _TICK if job.run else _PAUSE
    _end(job, result)
    return _PAUSE if _queue else None


def _advanced(job: Job) -> tuple[bool, Any]:
    """(whether the job has ended, its result) after one step of it."""
    shown = bpy.context.window_manager.anatomy_mocap
    if job.run is not None:
        if job.run.done:
            if job.run.error is not None:
                raise job.run.error
            return True, job.run.result
        job.show(shown, job.run.progress)
    else:
        with _playhead_kept():
            try:
                until = time.perf_counter() + _SLICE
                while time.perf_counter() < until:
                    job.show(shown, next(job.steps))
            except StopIteration as end:
                job.steps = _ended(end.value)  # in case the end must wait for the user's own modal operator
                return True, end.value
    redraw()
    return False, None


def _ended(value: Any) -> Generator:
    yield from ()
    return value


def _end(job: Job, result: Any) -> None:
    scene = next((scene for scene in bpy.data.scenes if scene.session_uid == job.scene), None) or bpy.context.scene
    try:
        if job.run is not None:
            job.run.keep()
        *warnings, line = job.finish(scene, result)
        _tell(warnings, line, failed=False)
        with contextlib.suppress(RuntimeError):  # there is no undo in background mode
            bpy.ops.ed.undo_push(message=f"{job.kind.title()} {job.name}")
    except BaseException as error:
        _fail(job, error)
        return
    _next()


def _fail(job: Job, error: BaseException) -> None:
    _tell([], _line(error, job.subject or job.name), failed=True)
    _next()


def _line(error: BaseException, subject: object) -> str:
    return str(error) if isinstance(error, MocapError) else unforeseen(error, subject)


def give_up(operator: bpy.types.Operator, error: Exception, subject: object) -> set[str]:
    """End an operator with one line about an exception; the traceback of an unforeseen one goes into a log file.

    subject: the file or the armature that an unforeseen error names. Call it while the exception is handled.
    """
    operator.report({"ERROR"}, _line(error, subject))
    return {"CANCELLED"}


def _start(job: Job) -> None:
    shown = bpy.context.window_manager.anatomy_mocap
    job.started = time.monotonic()
    shown.fraction, shown.text = 0.0, "Starting"
    shown.running, shown.reading = job.kind == "capture", job.kind == "reading"
    if job.kind == "capture":
        job.run = BackgroundRun(job.steps, job.discard)


def _next() -> None:
    """Take the first job off the queue and start the one behind it."""
    _queue.pop(0)
    shown = bpy.context.window_manager.anatomy_mocap
    shown.running = shown.reading = False
    if _queue:
        _start(_queue[0])
    _count()
    redraw()


def _drop(job: Job) -> None:
    if job.run is not None:
        job.run.cancel()
    elif job.kind == "reading":
        with _playhead_kept():
            job.steps.close()


def _count() -> None:
    bpy.context.window_manager.anatomy_mocap.waiting = max(0, len(_queue) - 1)


def _tell(warnings: list[str], line: str, failed: bool) -> None:
    """Keep the message in the panel until it is dismissed."""
    shown = bpy.context.window_manager.anatomy_mocap
    shown.message, shown.failed = "\n".join([line, *warnings]), failed
    print("\n".join(["Error: " * failed + line, *(f"Warning: {text}" for text in warnings)]))


@contextlib.contextmanager
def _playhead_kept() -> Iterator[None]:
    """Put the scene's frame back after the block: the user sees their own frame between two slices."""
    scene = bpy.context.scene
    before = scene.frame_current, scene.frame_subframe
    try:
        yield
    finally:
        if (scene.frame_current, scene.frame_subframe) != before:
            scene.frame_set(before[0], subframe=before[1])


def _busy() -> bool:
    """Whether the user moves something: a result then waits, since an undo step must not hold half of a transform."""
    return any(operator.bl_idname.startswith("TRANSFORM_OT_") for window in bpy.context.window_manager.windows
               for operator in getattr(window, "modal_operators", ()))


def redraw() -> None:
    """Redraw the sidebars: a timer alone redraws nothing, and the bar would stay after the end.

    Only the sidebars, because drawing a heavy 3D view ten times a second would slow down the capture.
    """
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


@bpy.app.handlers.persistent
def _file_opened(*_: Any) -> None:
    stop_all()


@bpy.app.handlers.persistent
def _undone(*_: Any) -> None:
    stop_all(("reading",))  # it holds references to data that the undo replaces


_HANDLERS = {"load_pre": _file_opened, "undo_pre": _undone, "redo_pre": _undone}


def register() -> None:
    """Stop jobs when another file is opened, and readings at an undo."""
    for name, function in _HANDLERS.items():
        getattr(bpy.app.handlers, name).append(function)


def unregister() -> None:
    """Stop all jobs and leave Blender's timers and handlers."""
    stop_all()
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    for name, function in _HANDLERS.items():
        if function in getattr(bpy.app.handlers, name):
            getattr(bpy.app.handlers, name).remove(function)
