"""Progress of a run as one line on stderr."""

from __future__ import annotations

import sys
import time

from ..core.progress import Progress

BAR = 24
"""Characters of the bar. Chosen to fit into 80 columns."""


class ProgressLine:
    """Draws a bar for each Progress if stderr is a terminal; otherwise prints one line for each stage.

    quiet: print nothing.
    """

    def __init__(self, quiet: bool = False):
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._stage = ""
        self._started = self._drawn = 0.0

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stage and self._terminal and not self._quiet:
            print(file=sys.stderr)

    def __call__(self, progress: Progress) -> None:
        if self._quiet:
            return
        now = time.monotonic()
        new = progress.stage != self._stage
        if new:
            if self._stage and self._terminal:
                print(file=sys.stderr)
            self._stage, self._started = progress.stage, now
        if self._terminal and (new or now - self._drawn > 0.1 or progress.done == progress.total):
            self._drawn = now
            print("\r" + self._text(progress, now), end="", file=sys.stderr, flush=True)
        elif new and not self._terminal:
            print(f"{progress.stage}: {progress.message or progress.total}", file=sys.stderr, flush=True)

    def _text(self, progress: Progress, now: float) -> str:
        rate = progress.done / max(now - self._started, 1e-6)
        if not progress.total:
            return f"{progress.stage:8} {progress.done} {progress.unit}, {rate:.1f} {progress.unit}/s "
        filled = round(progress.fraction * BAR)
        return (f"{progress.stage:8} [{'#' * filled}{'.' * (BAR - filled)}] {progress.done}/{progress.total} "
                f"{rate:.1f} {progress.unit}/s ")
