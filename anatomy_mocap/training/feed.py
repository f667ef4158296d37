"""Simulated batches made by processes of their own while the network learns."""

from __future__ import annotations

import multiprocessing
import os
from contextlib import suppress
from queue import Empty, Full

import numpy as np

from ..core.errors import MocapError
from .dataset import MocapSet, load_mocap, split
from .on_gpu.crowd import Parcel
from .rarity import RarePoses
from .synth2d import Batch, SynthSettings, act, make_batch
from .train_settings import TrainSettings

_PEOPLE = 64
"""Videos whose people a process sends at once."""


def chunk_frames(settings: TrainSettings) -> int:
    """Frames of a simulated chunk: room for as many windows as half a window has frames."""
    return 3**settings.widths + 39


def synth_settings(settings: TrainSettings) -> SynthSettings:
    """What is simulated for a training."""
    return SynthSettings(settings.chunks, chunk_frames(settings), noisy=not settings.clean,
                         exact=0.0 if settings.clean else settings.exact)


def simulated(rng: np.random.Generator, mocap: MocapSet, settings: TrainSettings, rare: RarePoses) -> Batch:
    """What a process sends that simulates everything: filmed videos."""
    return make_batch(rng, mocap, settings.fresh, synth_settings(settings), rare)


def acted(rng: np.random.Generator, mocap: MocapSet, settings: TrainSettings, rare: RarePoses) -> Parcel:
    """What a process sends where the network's device films: people in motion."""
    return Parcel.of(act(rng, mocap, _PEOPLE, synth_settings(settings), rare))


def _produce(queue, make, settings: TrainSettings, seed: tuple[int, ...], parent: int) -> None:
    """Worker process: batches, as long as the parent lives."""
    queue.cancel_join_thread()  # nobody reads what is left in it when the parent is gone
    mocap, _ = split(load_mocap(settings.data))
    rng, rare = np.random.default_rng(seed), RarePoses(mocap)
    while os.getppid() == parent:
        batch = make(rng, mocap, settings, rare)
        while os.getppid() == parent:
            try:
                queue.put(batch, timeout=5)
                break
            except Full:
                continue


class Feed:
    """The processes and their queue; a context manager."""

    def __init__(self, make, settings: TrainSettings, seed: tuple[int, ...], workers: int = 1) -> None:
        """make: `simulated` or `acted`, what the processes send."""
        spawn = multiprocessing.get_context("spawn")
        self._queue = spawn.Queue(4 * workers)
        self._workers = [spawn.Process(target=_produce, daemon=True,
                                       args=(self._queue, make, settings, (*seed, *number), os.getpid()))
                         for number in [()] + [(extra,) for extra in range(1, workers)]]

    def __enter__(self) -> Feed:
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, *_) -> None:
        for worker in self._workers:
            worker.terminate()

    def next(self) -> Batch | Parcel:
        """The next batch, waited for; a MocapError where a process has died."""
        while True:
            with suppress(Empty):
                return self._queue.get(timeout=5)
            if not all(worker.is_alive() for worker in self._workers):
                raise MocapError("a process of the simulation has ended; its own message above says why")

    def ready(self) -> Batch | Parcel | None:
        """A batch if one is there already."""
        with suppress(Empty):
            return self._queue.get_nowait()
        return None
