"""A stepwise job on a worker thread; neither this nor such a job touches bpy, which is not safe off the main thread."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Generator

_started: weakref.WeakSet[BackgroundRun] = weakref.WeakSet()


class BackgroundRun:
    """Steps a generator on a thread of its own.

    progress: the latest value it yielded. result: what it returned. error: what it raised.
    done: it has ended, in whatever way.
    """

    def __init__(self, steps: Generator):
        self.progress = None
        self.result = None
        self.error: BaseException | None = None
        self._steps = steps
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="anatomy_mocap capture", daemon=True)
        self._thread.start()
        _started.add(self)

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Ask it to stop at its next step; it closes its files and its result is dropped."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for its end; whether it came."""
        self._thread.join(seconds)
        return self.done

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self.progress = next(self._steps)
            self._steps.close()
        except StopIteration as end:
            self.result = end.value
        except BaseException as error:  # handed to the main thread, which reports it
            self.error = error


def stop_all(seconds: float) -> None:
    """Cancel every run and wait up to `seconds` for each: native code must not go on while Blender leaves."""
    for run in list(_started):
        run.cancel()
    for run in list(_started):
        run.wait(seconds)
