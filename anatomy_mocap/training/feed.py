"""Simulated batches made by a process of their own while the network learns."""

from __future__ import annotations

import multiprocessing
import os
from contextlib import suppress
from queue import Empty, Full

import numpy as np

from ..core.errors import MocapError
from .dataset import load_mocap, split
from .rarity import RarePoses
from .synth2d import Batch, SynthSettings, make_batch
from .train_settings import TrainSettings


def chunk_frames(settings: TrainSettings) -> int:
    """Frames of a simulated chunk: room for as many windows as half a window has frames."""
    return 3**settings.widths + 39


def synth_settings(settings: TrainSettings) -> SynthSettings:
    """What is simulated for a training."""
    return SynthSettings(settings.chunks, chunk_frames(settings), noisy=not settings.clean,
                         exact=0.0 if settings.clean else settings.exact)


def _produce(queue, settings: TrainSettings, seed: tuple[int, ...], parent: int) -> None:
    """Worker process: batches, as long as the parent lives."""
    queue.cancel_join_thread()  # nobody reads what is left in it when the parent is gone
    mocap, _ = split(load_mocap(settings.data))
    rng = np.random.default_rng(seed)
    synth, rare = synth_settings(settings), RarePoses(mocap)
    while os.getppid() == parent:
        batch = make_batch(rng, mocap, settings.fresh, synth, rare)
        while os.getppid() == parent:
            try:
                queue.put(batch, timeout=5)
                break
            except Full:
                continue


class Feed:
    """The process and its queue; a context manager."""

    def __init__(self, settings: TrainSettings, seed: tuple[int, ...]) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._queue = spawn.Queue(4)
        self._worker = spawn.Process(target=_produce, daemon=True, args=(self._queue, settings, seed, os.getpid()))

    def __enter__(self) -> Feed:
        self._worker.start()
        return self

    def __exit__(self, *_) -> None:
        self._worker.terminate()

    def next(self) -> Batch:
        """The next batch, waited for; a MocapError where the process has died."""
        while True:
            with suppress(Empty):
                return self._queue.get(timeout=5)
            if not self._worker.is_alive():
                raise MocapError("the simulation's process has ended; its own message above says why")

    def ready(self) -> Batch | None:
        """A batch if one is there already."""
        with suppress(Empty):
            return self._queue.get_nowait()
        return None
