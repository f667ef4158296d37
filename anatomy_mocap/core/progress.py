"""Progress of a stepwise job: what a generator of steps yields, and how a job runs to its end."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Progress:
    """How far a run is. stage: what is being done; done, total: in the stage's own units (total 0: not known)."""

    stage: str
    done: int
    total: int
    message: str = ""

    @property
    def fraction(self) -> float:
        """0..1 of the stage; 0 where the total is not known."""
        return min(1.0, self.done / self.total) if self.total else 0.0


def drain(steps: Generator[Progress, None, Result], report: Callable[[Progress], None] | None = None) -> Result:
    """Run a stepwise job to its end and return its result; `report` hears each step."""
    while True:
        try:
            progress = next(steps)
        except StopIteration as end:
            return end.value
        if report:
            report(progress)
