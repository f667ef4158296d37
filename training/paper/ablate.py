"""The open benchmark: every row of the paper's ablation under one equal budget; resumable row by row."""

from __future__ import annotations

import json
import platform
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.whole_file import written_whole

from .. import metrics
from ..argument_checks import at_least, more_than_nothing, results_folder
from ..devices import multiplies_bfloat16
from ..options import Say, option
from .ablation_rows import ROWS, Variant
from .batches import BatchSettings, Sampler
from .benchmark_page import benchmark_table, check_page, update_page
from .infer import Seen, predict_all
from .learner import Learner
from .skeleton17 import bones_of
from .videos import Videos
from .virtual_set import VERSION, benchmark_videos, fingerprint

MEASURES = {"mpjpe": "MPJPE mm", "p_mpjpe": "P-MPJPE mm", "regressed": "regressed head, MPJPE mm",
            "length_error": "bone length mm", "angle": "bones deg"}

RELATIVE = True
LAST_MOMENTUM = 0.02
"""Last momentum of the batch norms. The paper's 0.001 averages over a thousand steps, as many as a run here has."""


@dataclass(frozen=True)
class AblateSettings:
    """Options of the command ablate; from `channels` to `epochs` they are the budget, the same for all rows."""

    data: str = option("the motion set (.npz)")
    out: str = option("folder of the results, one JSON file for each row and seed; finished ones are kept")
    rows: str = option("names of the rows, separated by commas, or all", "all")
    page: str | None = option("Markdown page whose table is replaced by the results", None)
    mark: str | None = option("name of the table's marks, where the page has several tables", None)
    channels: int = option("channels C of the networks", 128)
    widths: int = option("convolutions of three taps n; the window has 3^n frames", 3)
    steps: int = option("steps of each training", 2400)
    windows: int = option("windows a step", 128)
    shared: int = option("windows that share one bag of frames", 4)
    rate: float = option("learning rate of the first epoch", 3e-3)
    epochs: float = option("epochs; the rate is multiplied by 0.95 after each", 60.0)
    seeds: int = option("trainings of each row, with different seeds", 3)
    threads: int = option("threads of torch", 1)
    train: bool = option("train what is missing; off: collect the results that are there, if they agree", True)
    bfloat16: bool = option("multiply in bfloat16 where the CPU has instructions for it", True)

    @property
    def budget(self) -> dict:
        """The settings that must be equal for results to be compared."""
        other = ("data", "out", "rows", "page", "mark", "seeds", "threads", "train", "bfloat16")
        return {name: value for name, value in asdict(self).items() if name not in other}

    def origin(self, videos: tuple[Videos, ...]) -> dict:
        """The other conditions that must be equal: the videos, and whether this machine really multiplies in bfloat16.
        """
        half = self.bfloat16 and multiplies_bfloat16(torch.device("cpu"))
        return {"videos": fingerprint(videos), "version": VERSION, "precision": "bfloat16" if half else "single"}

    def check(self) -> None:
        """Raises MocapError for values that can't be trained with. The batch norms need two rows."""
        at_least(self, channels=1, widths=2, steps=1, windows=2, shared=1, seeds=1, threads=1)
        more_than_nothing(self, "rate", "epochs")
        if self.windows % self.shared:
            raise MocapError(f"--windows {self.windows}: not a multiple of --shared {self.shared}, the windows that "
                             "share a bag of frames; change one of them")


def chosen_rows(rows: str) -> list[str]:
    """Names of the rows in a list separated by commas ("all": every one), in the paper's order. Raises MocapError for
    unknown names."""
    if rows == "all":
        return list(ROWS)
    names = [name.strip() for name in rows.split(",") if name.strip()]
    unknown = sorted(set(names) - set(ROWS))
    if unknown or not names:
        raise MocapError(f"--rows {rows}: no row {', '.join(unknown) or 'given'}; there are {', '.join(ROWS)}")
    return [name for name in ROWS if name in names]


def ablate(settings: AblateSettings, say: Say = print) -> list[dict]:
    """Train and measure what is missing; returns all results of the rows."""
    settings.check()
    names = chosen_rows(settings.rows)
    if settings.page:
        check_page(settings.page, settings.mark)
    folder = results_folder(settings.out)
    torch.set_num_threads(settings.threads)
    paths = {(name, seed): folder / f"{name}-{seed}.json" for seed in range(settings.seeds) for name in names}
    origin, results = None, []
    if settings.train:
        videos = benchmark_videos(settings.data, folder)
        origin = settings.origin(videos)
    for path in paths.values():  # all that is kept, before anything is trained
        if path.is_file():
            origin = _read(path, settings, origin)["origin"]
    if origin is None:
        raise MocapError(f"{folder}: no result of these rows is there; leave out --no-train")
    for (name, seed), path in paths.items():
        if not path.is_file() and not settings.train:
            continue
        if not path.is_file():
            _write(path, run_row(settings, name, seed, *videos) | {"origin": origin})
        results.append(_read(path, settings, origin))
        measured = results[-1]["test"]
        say(f"{name}, seed {seed}: " + ", ".join(f"{MEASURES[key]} {value:.2f}" for key, value in measured.items()))
    return results


def ablate_for_page(settings: AblateSettings, say: Say = print) -> None:
    """Train and measure what is missing, print the table, and write it into the page that the settings name."""
    results = ablate(settings, say)
    say(benchmark_table(results))
    if settings.page:
        update_page(settings.page, results, settings.mark)


def _write(path: Path, result: dict) -> None:
    with written_whole(path, "result") as part:
        part.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


_SHOWN = {"budget": ("channels", "widths", "steps", "windows", "rate"), "machine": ("torch", "python", "threads"),
          "test": ("mpjpe", "p_mpjpe", "length_error", "angle"), "seconds": ("cpu",)}
"""The parts of a result that the page shows."""


def _read(path: Path, settings: AblateSettings, origin: dict | None) -> dict:
    """A stored result. Raises MocapError if its budget or its origin differs."""
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        budget, made_from = result["budget"], result.get("origin")
        missing = [f"{part}: {name}" for part, names in _SHOWN.items() for name in names if name not in result[part]]
        missing += [name for name in ("row", "seed", "parameters") if name not in result]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MocapError(f"{path}: not a result of this benchmark ({error}); remove it or change --out") from error
    if made_from is None:
        raise MocapError(f"{path}: has no record of its data (an older run); remove it or change --out")
    if missing:
        raise MocapError(f"{path}: not a result of this benchmark (no {', '.join(missing)}); remove it or change --out")
    if budget != settings.budget:
        raise MocapError(f"{path}: made with another budget ({budget}); give the same settings or another --out")
    if origin not in (None, made_from):
        raise MocapError(f"{path}: made from other videos than the data gives here and today, or in another precision "
                         f"({made_from}, not {origin}); give the same --data, --no-bfloat16 likewise, or another --out")
    return result


def run_row(settings: AblateSettings, name: str, seed: int, training: Videos, test: Videos) -> dict:
    """Train and measure one row; returns the content of its JSON file without the origin."""
    variant = ROWS[name]
    torch.manual_seed(seed)
    learner = Learner(variant, settings.channels, settings.widths, rate=settings.rate, epochs=settings.epochs,
                      dropout=0.0, momentum=LAST_MOMENTUM, half=settings.bfloat16)
    batches = BatchSettings(settings.windows, settings.shared, learner.model.config.padding, relative=RELATIVE)
    sampler = Sampler(training, variant, batches, seed)
    started, busy = time.monotonic(), time.process_time()
    curve: list[dict] = []
    recent: list[dict] = []
    for step in range(settings.steps):
        recent.append(learner.learn(sampler.draw(), step / settings.steps))
        if len(recent) == max(1, settings.steps // 20):
            curve.append({key: round(float(np.mean([entry[key] for entry in recent])), 5) for key in recent[0]})
            recent = []
    seconds = {"wall": time.monotonic() - started, "cpu": time.process_time() - busy}
    return {"row": name, "seed": seed, "budget": settings.budget, "parameters": learner.parameters,
            "seconds": {key: round(value, 1) for key, value in seconds.items()}, "losses": curve,
            "test": measured(predict_all(learner.model.eval(), variant, test, as_relative=RELATIVE), variant),
            "machine": {"torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version(),
                        "threads": settings.threads}}


def measured(seen: list[Seen], variant: Variant) -> dict[str, float]:
    """The errors over all counted frames, mm and degrees, by the names of MEASURES."""
    true = np.concatenate([part.true for part in seen])
    found = np.concatenate([part.predicted.joints for part in seen])
    result = {"mpjpe": 1000 * metrics.mpjpe(found, true), "p_mpjpe": 1000 * metrics.p_mpjpe(found, true)}
    bones, aim = bones_of(found), bones_of(true)
    if variant.anatomic:
        regressed = np.concatenate([part.predicted.regressed for part in seen])
        result["regressed"] = 1000 * metrics.mpjpe(regressed, true)
    lengths, true_lengths = (np.linalg.norm(part, axis=-1) for part in (bones, aim))
    result["length_error"] = 1000 * float(np.abs(lengths - true_lengths).mean())
    result["angle"] = float(np.degrees(metrics.mean_angle(bones / lengths[..., None], aim / true_lengths[..., None])))
    return {name: round(value, 3) for name, value in result.items()}
