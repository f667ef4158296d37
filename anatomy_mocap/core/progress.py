"""Progress of a stepwise job: the values that its generator yields, and how a caller runs the job to its end."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

Result = TypeVar("Result")
Item = TypeVar("Item")

WAIT = 0.05
"""Seconds between two steps of `in_thread`, and between two looks whether a caller gave up."""


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    stage: the name of the work under way. done, total: in `unit` (total 0: unknown). message: one line for the user.
    overall: 0..1 of the whole run, all stages together; 0 where the job has one stage only. unit: "frames", or "%"
    while a file is read whose number of frames is not known yet.
    """

    stage: str
    done: int
    total: int
    message: str = ""
    overall: float = 0.0
    unit: str = "frames"

    @property
    def fraction(self) -> float:
        """0..1 of the stage; 0 where the total is unknown."""
        return min(1.0, self.done / self.total) if self.total else 0.0


def chunks(total: int, size: int) -> Iterator[slice]:
    """Consecutive slices of at most `size` that cover range(total)."""
    return (slice(start, min(start + size, total)) for start in range(0, total, size))


def drain(steps: Generator[Progress, None, Result], report: Callable[[Progress], None] | None = None) -> Result:
    """Run a stepwise job to its end and return its result. `report` is called with each step."""
    while True:
        try:
            progress = next(steps)
        except StopIteration as end:
            return end.value
        if report:
            report(progress)


def part_of(steps: Generator[Progress, None, Result], stage: Progress, start: float = 0.0, end: float = 1.0
            ) -> Generator[Progress, None, Result]:
    """Run an inner job as one part of a stage.

    stage: a step of the stage, for its name, total and message. start, end: the part's share of the stage, in 0..1.
    Closing this generator closes the inner one.
    """
    try:
        while True:
            try:
                step = next(steps)
            except StopIteration as stop:
                return stop.value
            yield replace(stage, done=round((start + (end - start) * step.fraction) * stage.total))
    finally:
        steps.close()


def in_thread(call: Callable[[], Result], step: Progress) -> Generator[Progress, None, Result]:
    """Run one call that cannot be split on a thread of its own, and yield `step` every WAIT seconds until it ends.

    A generator that is closed meanwhile does not wait: the call runs to its end and its result is dropped.
    """
    outcome: list[Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(call())
        except BaseException as error:  # raised again below, on the caller's thread
            errors.append(error)

    thread = threading.Thread(target=run, name="anatomy_mocap step")
    thread.start()
    while thread.is_alive():
        thread.join(WAIT)
        yield step
    if errors:
        raise errors[0]
    return outcome[0]


def ahead(items: Iterator[Item], most: int) -> Generator[Item, None, None]:
    """The same items in the same order, up to `most` of which a thread of its own has ready before they are asked for.

    An error of `items` is raised here, at its place. When this generator is closed, so is `items`, if it can be.
    """
    waiting: queue.Queue[tuple[Item | None, BaseException | None]] = queue.Queue(most)
    ended, end = threading.Event(), StopIteration()

    def put(item: Item | None, error: BaseException | None = None) -> None:
        while not ended.is_set():
            with contextlib.suppress(queue.Full):
                return waiting.put((item, error), timeout=WAIT)

    def run() -> None:
        try:
            for item in items:
                put(item)
                if ended.is_set():
                    break
            put(None, end)
        except BaseException as error:  # raised again below, on the caller's thread
            put(None, error)
        finally:
            if hasattr(items, "close"):
                items.close()

    thread = threading.Thread(target=run, name="anatomy_mocap ahead")
    thread.start()
    try:
        while True:
            item, error = waiting.get()
            if error is end:
                return
            if error is not None:
                raise error
            yield item
    finally:
        ended.set()
        thread.join()
