"""Processes that simulate while the network learns."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from queue import Full, Queue
from threading import Thread

import numpy as np

from anatomy_mocap.core.errors import MocapError

from ..mocap.dataset import MocapSet, load_split
from ..mocap.rare_poses import RarePoses
from ..simulate.on_gpu.crowd import Parcel
from ..simulate.simulate_batch import Batch, act, make_batch
from .train_settings import TrainSettings

_PEOPLE = 64
"""Videos of people that a process sends at once."""

_AHEAD = 4
"""Finished batches that a process holds ready."""


def simulated(rng: np.random.Generator, mocap: MocapSet, settings: TrainSettings, rare: RarePoses) -> Batch:
    """The filmed videos that a process sends if it simulates everything."""
    return make_batch(rng, mocap, settings.fresh, settings.simulation, rare)


def acted(rng: np.random.Generator, mocap: MocapSet, settings: TrainSettings, rare: RarePoses) -> Parcel:
    """The people in motion that a process sends if the network's device films."""
    return Parcel.of(act(rng, mocap, _PEOPLE, settings.simulation, rare))


def _produce(pipe: Connection, make, settings: TrainSettings, seed: tuple[int, ...]) -> None:
    """Worker process: make batches until nobody reads them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that trains: it ends this one
    ahead: Queue = Queue(_AHEAD)
    sender = Thread(target=_send, args=(pipe, ahead), daemon=True)
    sender.start()
    mocap, _ = load_split(settings.data)
    rng, rare = np.random.default_rng(seed), RarePoses(mocap)
    while sender.is_alive():
        batch = make(rng, mocap, settings, rare)
        while sender.is_alive():
            with suppress(Full):
                ahead.put(batch, timeout=5)
                break


def _send(pipe: Connection, ahead: Queue) -> None:
    """Thread of the worker: send batches until the reader is gone."""
    with suppress(OSError):
        while True:
            pipe.send(ahead.get())


class Feed:
    """The processes, each with its own pipe, so that a dead one damages no other's data. A context manager."""

    def __init__(self, make: Callable[..., Batch | Parcel], settings: TrainSettings, seed: tuple[int, ...],
                 workers: int = 1) -> None:
        """make: `simulated` or `acted`, what the processes send."""
        self._make, self._settings = make, settings
        self._seeds = [seed, *((*seed, extra) for extra in range(1, workers))]
        self._pipes: list[Connection] = []
        self._workers: list[multiprocessing.process.BaseProcess] = []

    def __enter__(self) -> Feed:
        spawn = multiprocessing.get_context("spawn")
        for seed in self._seeds:
            ours, theirs = spawn.Pipe(duplex=False)
            worker = spawn.Process(target=_produce, daemon=True, args=(theirs, self._make, self._settings, seed))
            worker.start()
            theirs.close()  # else the pipe would stay open when the worker dies, and be waited for
            self._pipes.append(ours)
            self._workers.append(worker)
        return self

    def __exit__(self, *_) -> None:
        for worker in self._workers:
            worker.terminate()
        for pipe in self._pipes:
            pipe.close()

    def next(self) -> Batch | Parcel:
        """The next batch; waits for it. Raises MocapError if a process has died."""
        return self._received(wait(self._pipes)[0])

    def ready(self) -> Batch | Parcel | None:
        """A batch that has arrived, or None. Raises MocapError if a process has died."""
        there = wait(self._pipes, timeout=0)
        return self._received(there[0]) if there else None

    def _received(self, pipe: Connection) -> Batch | Parcel:
        """The batch in a pipe in which there is something: a batch, or its end."""
        self._pipes.remove(pipe)
        self._pipes.append(pipe)  # the others come first the next time
        try:
            return pipe.recv()
        except (EOFError, OSError) as error:
            raise MocapError("a process of the simulation has ended; see its message above, if any, and continue with "
                             "the same command") from error
