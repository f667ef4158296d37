"""A stepwise job on a worker thread. The job must not use bpy, which is safe on the main thread only."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Generator
from typing import Any

_started: weakref.WeakSet[BackgroundRun] = weakref.WeakSet()


class BackgroundRun:
    """Runs a generator on a thread of its own, step by step.

    progress: the last value that it yielded. result: its return value. error: the exception that it raised.
    done: whether it has ended, for any reason. discard: called with the result of a run that is cancelled, unless it
    was kept.
    """

    def __init__(self, steps: Generator, discard: Callable[[Any], None] | None = None):
        self.progress = None
        self.result = None
        self.error: BaseException | None = None
        self._steps, self._discard = steps, discard
        self._stop, self._ending = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._run, name="anatomy_mocap capture", daemon=True)
        self._thread.start()
        _started.add(self)

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Stop at the next step, without waiting for it: files are closed then, and the result is discarded."""
        with self._ending:
            self._stop.set()
            self._drop()

    def keep(self) -> None:
        """Keep the result: a later cancel does not discard it."""
        self._discard = None

    def _drop(self) -> None:
        if self.result is not None and self._discard is not None:
            self._discard(self.result)
            self._discard = None

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; returns whether it came within `seconds`."""
        self._thread.join(seconds)
        return self.done

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self.progress = next(self._steps)
            self._steps.close()
        except StopIteration as end:
            with self._ending:
                self.result = end.value
                if self._stop.is_set():
                    self._drop()
        except BaseException as error:  # the main thread reports it
            self.error = error


def stop_all(seconds: float) -> None:
    """Cancel every run and wait up to `seconds` for each: native code must not run while Blender quits."""
    for run in list(_started):
        run.cancel()
    for run in list(_started):
        run.wait(seconds)
