"""The training loop: resumable, on a time budget, on a CPU, a GPU or several."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from torch import nn

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.whole_file import written_whole

from ..argument_checks import results_folder
from ..devices import Place, find_place, leave, meet, multiplies_bfloat16, of_the_chief, shared
from ..mocap.dataset import MocapSet, load_split
from ..network.checkpoint import averaged_model, config_of, load_training, save_checkpoint, start_from
from ..network.lifter import Lifter, LifterConfig
from ..options import Say
from ..simulate.device_random import Chance
from ..simulate.rendered_rows import load_detected
from ..simulate.video_pool import Pool
from .calibrate import calibrate
from .losses import Tensors, length_losses, total
from .train_settings import TrainSettings, schedule
from .training_videos import FilmedOnDevice, Simulated
from .validate import quick_validation
from .windows import window_losses

WindowLosses = Callable[[Lifter, dict[str, torch.Tensor]], dict[str, torch.Tensor]]

LARGEST_GRADIENT = 5.0
"""Largest norm of the gradients."""

COMPILED_MOMENTUM = 0.02
"""Constant momentum of the batch norms if the step is compiled; every other value would be compiled again."""

AVERAGE_EVERY = 4
"""Steps between two updates of the running average; an update costs as much as many frames."""


class Average:
    """Running average of all weights and statistics, which is validated and exported."""

    def __init__(self, model: Lifter) -> None:
        self.state = {name: value.detach().clone() for name, value in model.state_dict().items()}

    def update(self, model: Lifter, step: int) -> None:
        """The average covers about a thousand steps, or a nineteenth of all steps so far."""
        keep = min(0.999, (1 + step) / (20 + step)) ** AVERAGE_EVERY
        for name, value in model.state_dict().items():
            if value.dtype.is_floating_point:
                self.state[name].lerp_(value, 1 - keep)
            else:
                self.state[name].copy_(value)


def _detected_pool(settings: TrainSettings, config: LifterConfig, place: Place) -> Pool:
    """A pool that holds all rendered clips."""
    batch = load_detected(settings.rendered, max(config.padding))
    pool = Pool(len(batch.xy), 1, place.device)
    pool.add(batch)
    return pool


class _Losses(nn.Module):
    """All losses of a step as one module, for which gradients are shared among processes.

    windows: the losses of a batch of windows, as `window_losses`. compiled: by torch.compile.
    """

    def __init__(self, model: Lifter, windows: WindowLosses, compiled: bool) -> None:
        super().__init__()
        self.model = model
        self.windows = torch.compile(windows) if compiled else windows

    def forward(self, batch: dict[str, torch.Tensor], bag: Tensors | None, generator) -> dict[str, torch.Tensor]:
        """batch: see `window_losses`. bag: the videos from which the length network learns, or None."""
        losses = self.windows(self.model, batch)
        return losses if bag is None else losses | length_losses(self.model, bag, generator)[0]


class Trainer:
    """A network in training: its weights, their average, and how far it has come.

    The paper's comparisons replace the methods `fresh_network` to `finish` (training/paper/train_comparison.py).
    """

    amsgrad = False
    """Whether Adam keeps its largest second moment; the first steps' large gradients would keep later steps small."""

    def __init__(self, settings: TrainSettings, place: Place | None = None) -> None:
        self.settings = settings
        self.folder = results_folder(settings.out)
        self.path, self.log = self.folder / "checkpoint.pt", self.folder / "log.jsonl"
        self.place = place or find_place("cpu")
        self.half = settings.bfloat16 and multiplies_bfloat16(self.place.device)
        self.model = self.fresh_network().to(self.place.device)
        if settings.start and not self.path.is_file():
            start_from(settings.start, self.model, self.read_config)
        self.average, self.step, self.seconds = Average(self.model), 0, 0.0
        self.optimiser = torch.optim.Adam(self.model.parameters(), settings.rate, amsgrad=self.amsgrad, fused=True)
        self.sums: dict[str, tuple[float | torch.Tensor, int]] = {}
        if self.path.is_file():
            self._resume()
        self.detected = _detected_pool(settings, self.model.config, self.place) if settings.rendered else None
        self.losses = shared(_Losses(self.model, self.losses_of_windows(), settings.compile), self.place)
        self.generator = torch.Generator(self.place.device).manual_seed(settings.seed + self.step)
        if self.place.chief:  # two processes must not write one file
            with written_whole(self.folder / "settings.json", "settings") as partial:
                partial.write_text(json.dumps(asdict(settings), indent=1), encoding="utf-8")

    def fresh_network(self) -> Lifter:
        """The network before its first step."""
        settings = self.settings
        model = Lifter(LifterConfig(len(CANONICAL), MOCAP22.parents, settings.channels, settings.widths,
                                    settings.causal))
        for norm in model.norms():
            norm.drop = settings.dropout
        return model

    def read_config(self, stored: dict) -> LifterConfig:
        """The configuration of the network in a checkpoint. Raises ValueError for networks of another kind."""
        return config_of(stored)

    def losses_of_windows(self) -> WindowLosses:
        """The function that gives the losses of a batch of windows."""
        return window_losses

    def bag(self, pool: Pool, chance: Chance) -> Tensors | None:
        """The videos from which the length network learns in this step; None where it does not."""
        if self.step % self.settings.lengths_every:
            return None
        return Tensors.of(pool.draw(chance, self.settings.videos, 50), self.settings.chunks)

    def begin_step(self) -> None:
        """Set the network to train."""
        self.model.train()

    def validation(self, held_out: MocapSet) -> dict[str, dict[str, float]]:
        """Errors of the averaged network on the validation subjects."""
        return quick_validation(averaged_model(self.average.state, self.model.config), held_out)

    def finish(self, say: Callable[[str], None]) -> None:
        """After the last step: fit the last step of the lengths."""
        if self.settings.calibration:
            say(calibrate(self.path, self.settings.data, self.settings.calibration))

    def _resume(self) -> None:
        """Take over weights, average, optimiser and progress. Raises MocapError where they are of another network."""
        state = load_training(self.path)
        missing = sorted({"model", "optimiser", "step", "seconds"} - set(state))
        if missing:
            raise MocapError(f"{self.path}: no checkpoint to continue, it has no {', '.join(missing)}; give another "
                             "--out, and weights to start from as --start")
        other = self._other_settings(state)
        if other:
            raise MocapError(f"{self.path}: made with other settings ({'; '.join(other)}); give the same, or another "
                             "--out")
        self.model.load_state_dict(state["model"], strict=False)
        self.optimiser.load_state_dict(state["optimiser"])
        # The calibration was fitted to these weights; it is fitted again at the end.
        self.average.state |= {name: value.to(self.place.device) for name, value in state["average"].items()
                               if ".calibration" not in name}
        self.step, self.seconds = state["step"], state["seconds"]

    def _other_settings(self, state: dict) -> list[str]:
        """Differences between this training's network and optimiser and those of a checkpoint."""
        try:
            its = self.read_config(state["config"]).as_dict()
        except ValueError as error:
            return [str(error)]
        mine = self.model.config.as_dict() | {"amsgrad": self.amsgrad}
        its |= {"amsgrad": state["optimiser"]["param_groups"][0]["amsgrad"]}
        return [f"{name} {its[name]}, not {mine[name]}" for name in mine if mine[name] != its[name]]

    @property
    def progress(self) -> float:
        """0..1 of the steps or minutes."""
        if self.settings.steps:
            return self.step / self.settings.steps
        return self.seconds / (self.settings.minutes * 60)

    def learn(self, pool: Pool, chance: Chance) -> None:
        """Take one step."""
        rate, momentum = schedule(self.progress, self.settings.rate)
        self.optimiser.param_groups[0]["lr"] = rate
        self.begin_step()
        self.model.set_momentum(COMPILED_MOMENTUM if self.settings.compile else momentum)
        window, count = self.model.config.window, self.settings.windows
        before, _ = self.model.config.padding
        if self.progress < self.settings.still:
            window, before, count = 1, 0, self.settings.stills
        batch = self._drawn(pool, chance, count, window, before)
        bag = self.bag(pool, chance)
        with torch.autocast(self.place.device.type, torch.bfloat16, enabled=self.half):
            losses = self.losses(batch, bag, self.generator)
        self.optimiser.zero_grad(set_to_none=True)
        total(losses).backward()
        self._limit_gradients()
        self.optimiser.step()
        self.step += 1
        if self.step % AVERAGE_EVERY == 0:
            self.average.update(self.model, self.step)
        for name, value in losses.items():
            total_before, times = self.sums.get(name, (0.0, 0))
            self.sums[name] = total_before + value.detach().float(), times + 1

    def _limit_gradients(self) -> None:
        """Limit the norm of the gradients to LARGEST_GRADIENT; on a GPU without reading it, which would wait for the
        device."""
        gradients = [value.grad for value in self.model.parameters() if value.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        if self.place.device.type != "cpu" or norm > LARGEST_GRADIENT:
            torch._foreach_mul_(gradients, (LARGEST_GRADIENT / norm).clamp(max=1.0))

    def _drawn(self, pool: Pool, chance: Chance, count: int, window: int, before: int) -> dict[str, torch.Tensor]:
        """`count` windows, some of them from rendered clips."""
        real = round(count * self.settings.detected) if self.detected and window > 1 else 0
        drawn = [pool.draw_windows(chance, count - real, window, before)]
        if real:
            drawn.append(self.detected.draw_windows(chance, real, window, before))
        batch = {name: torch.cat([part[name] for part in drawn]) for name in drawn[0]}
        return batch | {"xy": batch["xy"].flatten(2)}

    def report(self, held_out: MocapSet) -> str:
        """Validate, write a line of the log and the checkpoint; returns the line."""
        means = {name: float(value) / times for name, (value, times) in self.sums.items()}
        self.sums = {}
        entry = {"step": self.step, "seconds": round(self.seconds, 1), **means,
                 "validation": self.validation(held_out)}
        with self.log.open("a") as stream:
            stream.write(json.dumps(entry) + "\n")
        self.save()
        return json.dumps(entry)

    def save(self) -> None:
        """Write the checkpoint."""
        save_checkpoint(self.path, {
            "model": self.model.state_dict(), "average": self.average.state, "optimiser": self.optimiser.state_dict(),
            "step": self.step, "seconds": self.seconds, "config": self.model.config.as_dict(),
            "settings": asdict(self.settings)})


def train(settings: TrainSettings, say: Say = print, kind: type[Trainer] = Trainer) -> Path:
    """Train until the steps or minutes are spent, from the folder's checkpoint if there is one. Returns its path.

    Raises MocapError for settings that can't be trained with and, after saving, where the simulation ends and on
    Ctrl-C. kind: of the trainer.
    """
    _, held_out = load_split(settings.data)
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    place = find_place(settings.device)
    say = say if place.chief else _silent
    trainer = kind(settings, place)
    if trainer.step:
        say(f"resumed at step {trainer.step}, {trainer.seconds / 60:.1f} minutes")
    source = (FilmedOnDevice if settings.workers else Simulated)(settings, (settings.seed, trainer.step), place)
    try:
        with source.feed:
            _loop(trainer, source, held_out, say)
        meet(place)
        if place.chief:
            if trainer.sums:
                say(trainer.report(held_out))
            trainer.finish(say)
    except (KeyboardInterrupt, MocapError) as stop:
        if place.chief and trainer.sums:  # steps since the last report
            trainer.save()
        if isinstance(stop, MocapError):
            raise
        raise MocapError(f"{trainer.path}: stopped and saved at step {trainer.step}; the same command continues "
                         "from there" if trainer.step else "stopped before the first step") from None
    finally:
        leave(place)
    return trainer.path


def _loop(trainer: Trainer, source: Simulated | FilmedOnDevice, held_out: MocapSet, say: Say) -> None:
    """Take steps until the time is spent; the first process reports in between."""
    settings, place = trainer.settings, trainer.place
    source.begin()
    last, reported, first = time.monotonic(), trainer.seconds, True
    while trainer.progress < 1:
        source.go_on()
        trainer.learn(source.pool, source.chance)
        now = time.monotonic()
        if first and settings.compile:  # it took as long as the compiler did
            last = now
        first = False
        trainer.seconds, last = of_the_chief(trainer.seconds + now - last, place), now
        if place.chief and trainer.seconds - reported > settings.report * 60:
            say(trainer.report(held_out))
            reported = trainer.seconds


def _silent(_: str) -> None:
    """Takes the lines of all processes but the first."""
