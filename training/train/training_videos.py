"""Sources of a training's videos: one process that simulates, or several that move people for a GPU to film."""

from __future__ import annotations

from ..devices import Place
from ..simulate.device_random import Chance
from ..simulate.on_gpu.crowd import Crowd
from ..simulate.video_pool import Pool
from .train_settings import TrainSettings
from .worker_processes import Feed, acted, simulated


class Simulated:
    """One process simulates, on another core than the network's."""

    def __init__(self, settings: TrainSettings, seed: tuple[int, ...], place: Place) -> None:
        self.settings, self.feed = settings, Feed(simulated, settings, (*seed, place.rank))
        self.chance = Chance(hash((*seed, place.rank)), place.device)
        self.pool = Pool(settings.pool, settings.chunks, place.device)

    def begin(self) -> None:
        """Fill the pool as far as the first step needs."""
        settings = self.settings
        while self.pool.filled < min(max(settings.videos * 8, settings.pool // 8), settings.pool):
            self.pool.add(self.feed.next())

    def go_on(self) -> None:
        """Before each step: take in what has arrived."""
        batch = self.feed.ready()
        if batch is not None:
            self.pool.add(batch)


class FilmedOnDevice:
    """Several processes move people; the device films them, `settings.fresh` videos a step."""

    LUMP = 12
    """Steps between two filmings: many videos at once keep a GPU busy."""

    AT_ONCE = 2
    """Parcels taken in before a step at most: unpacking holds up what the GPU is given to do."""

    def __init__(self, settings: TrainSettings, seed: tuple[int, ...], place: Place) -> None:
        self.settings = settings
        self.feed = Feed(acted, settings, (*seed, place.rank), settings.workers)
        self.chance = Chance(hash((*seed, place.rank)), place.device)
        self.crowd = Crowd(settings.crowd, place.device)
        self.pool = Pool(settings.pool, settings.chunks, place.device)
        self.steps = 0

    def begin(self) -> None:
        """Wait for the first people, and film them."""
        while self.crowd.filled < min(self.settings.crowd // 20 + 1, self.settings.crowd):
            self.crowd.add(self.feed.next())
        while self.pool.filled < self.settings.pool:
            self._film()

    def go_on(self) -> None:
        """Before each step: take in people that have arrived; film at every LUMP-th call."""
        for _ in range(self.AT_ONCE):
            if (parcel := self.feed.ready()) is not None:
                self.crowd.add(parcel)
        self.steps += 1
        if self.steps % self.LUMP == 0:
            self._film()

    def _film(self) -> None:
        self.pool.add(self.crowd.film(self.chance, min(self.settings.fresh * self.LUMP, self.settings.pool)))
