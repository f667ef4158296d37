"""Make a set in one process after the other, since Blender as a module may crash in a long run."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from anatomy_mocap.core.errors import MocapError

from ..options import Say
from .produce import RenderSettings, check, make_missing, missing

Work = Callable[[RenderSettings, Say, int], object]
Settings = TypeVar("Settings")


def render(settings: RenderSettings, say: Say = print, work: Work = make_missing) -> int:
    """Make the missing clips of the set, `part` clips a process; returns the number of clips made.

    If a process crashes, another one continues, and `say` gets a line about it. Raises MocapError for unusable
    settings, for what a process raises, and if two processes crash at the same clip. work: the task of a process,
    importable by its name; it is called with settings, say and the number of clips, and says a line for each clip.
    """
    check(settings, say)
    return in_parts(settings, say, work, missing)


def in_parts(settings: Settings, say: Say, work: Callable[[Settings, Say, int], object],
             missing: Callable[[Settings], list[Path]]) -> int:
    """Let `work` make the files that `missing` lists, one process after the other; see `render`.

    settings: with `minutes` and `part` among them.
    """
    started, made, broken = time.perf_counter(), 0, None
    while left := missing(settings):
        minutes = settings.minutes and settings.minutes - (time.perf_counter() - started) / 60
        if minutes < 0:
            break
        count, status = _in_a_process(work, replace(settings, minutes=minutes), say)
        made += count
        if status is None and count < settings.part:
            break
        if status is not None:
            at = (missing(settings) or left)[0]
            if at == broken:
                raise MocapError(f"{at}: the process that makes it broke down twice (exit status {status}); leave it "
                                 f"out with --first {int(at.stem) + 1}")
            broken = at
            say(f"{at.name}: the process that makes it broke down (exit status {status}); another one continues")
    say(f"{made} clips made")
    return made


def _in_a_process(work: Callable, settings: Settings, say: Say) -> tuple[int, int | None]:
    """The number of clips that a process made, and its exit status if it crashed."""
    context = multiprocessing.get_context("spawn")  # nothing of Blender is to be there already
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(work, settings, there), daemon=True)
    process.start()
    there.close()
    count = 0
    try:
        while isinstance(told := here.recv(), str):
            say(told)
            count += 1
    except EOFError:
        process.join()
        return count, process.exitcode
    process.join()
    if told is not None:
        raise told
    return count, None


def _child(work: Callable, settings: Settings, there) -> None:
    """Do the work. Its lines go to the parent, and at the end None or its MocapError."""
    try:
        work(settings, there.send, settings.part)
        there.send(None)
    except MocapError as error:
        there.send(error)
    os._exit(0)  # Blender as a module may crash while Python takes it down
