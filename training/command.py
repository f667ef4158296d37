"""Train the lifter, measure it, and export it to models/lifter.onnx."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from anatomy_mocap.core.errors import MocapError

from .options import Say, add_moved, add_options, settings_from


class Command(NamedTuple):
    """settings: the dataclass of a command's options. run: does the work, given the settings and `Say`.
    moved: options of earlier versions and the command that has them now."""

    settings: type
    run: Callable[[Any, Say], object]
    moved: tuple[tuple[str, str], ...] = ()


# Each function below is one command and its docstring the help text. It imports what the command needs when it is
# chosen, so that the list of commands is printed at once.


def train() -> Command:
    """train the lifter, or continue from the folder's checkpoint"""
    from .train.train import train
    from .train.train_settings import TrainSettings

    moved = tuple((name, "train-comparison") for name in ("baseline", "clean", "amsgrad"))
    return Command(TrainSettings, train, moved)


def calibrate() -> Command:
    """fit the last step of a checkpoint's bone lengths to the proportions of people"""
    from .train.calibrate import CalibrateSettings, calibrate

    return Command(CalibrateSettings, lambda settings, say: say(calibrate(settings.checkpoint, settings.data)))


def train_comparison() -> Command:
    """train what the lifter is compared with: the plain network, exact 2D, or amsgrad"""
    from .paper.train_comparison import ComparisonSettings, train_comparison

    return Command(ComparisonSettings, train_comparison)


def weights() -> Command:
    """write a checkpoint's averaged weights alone, to start another training from (train --start)"""
    from .network.checkpoint import WeightsSettings, save_weights

    return Command(WeightsSettings, lambda settings, _: save_weights(settings.checkpoint, settings.out))


def export() -> Command:
    """write a checkpoint's averaged weights as an ONNX model"""
    from .network.export import ExportSettings, export_onnx

    def run(settings: ExportSettings, say: Say) -> None:
        say(f"{settings.out} sha256 {export_onnx(settings.checkpoint, settings.out)}")

    return Command(ExportSettings, run)


def fit_confidence() -> Command:
    """fit the confidence of joints, write it into models/lifter.onnx, and measure it"""
    from .train.fit_confidence import ConfidenceSettings, fit_confidence

    return Command(ConfidenceSettings, fit_confidence)


def contacts() -> Command:
    """train the network that tells what touches the floor, and write models/contacts.onnx"""
    from .contacts.train_contacts import ContactSettings, train_contacts

    return Command(ContactSettings, train_contacts)


def evaluate() -> Command:
    """measure the errors of models/lifter.onnx on the validation subjects"""
    from .measure.evaluate import EvaluateSettings
    from .measure.model_card import evaluate_for_card

    return Command(EvaluateSettings, evaluate_for_card)


def evaluate_rendered() -> Command:
    """measure the errors of models/lifter.onnx on rendered clips"""
    from .measure.evaluate_rendered import EvaluateRenderedSettings, evaluate_rendered

    return Command(EvaluateRenderedSettings, evaluate_rendered)


def compare() -> Command:
    """measure checkpoints of any kind on the clips of evaluate, side by side"""
    from .paper.compare import CompareSettings, compare

    return Command(CompareSettings, compare)


def measure_directions() -> Command:
    """measure the errors of the lifter's directions, bone by bone and together"""
    from .measure.measure_directions import DirectionSettings, measure_directions

    return Command(DirectionSettings, measure_directions)


def measure_detector() -> Command:
    """measure the errors of the keypoint detector on rendered clips"""
    from .measure.measure_detector import MeasureSettings, measure

    return Command(MeasureSettings, measure)


def pictures() -> Command:
    """draw validation clips: the 2D keypoints, and the lifted joints beside the true ones"""
    from .measure.pictures import PictureSettings, draw_clips

    return Command(PictureSettings, draw_clips)


def plot() -> Command:
    """draw the curves of a training log"""
    from .measure.plot import PlotSettings, plot_log

    return Command(PlotSettings, lambda settings, _: plot_log(settings.logs, settings.out))


def render() -> Command:
    """film computer-generated people through the shipped detector, with the truth; can be resumed"""
    from .rendered_people.produce import RenderSettings
    from .rendered_people.render_in_parts import render

    return Command(RenderSettings, render)


def render_truth() -> Command:
    """compute the truth of rendered clips again, after the definition of a joint has changed"""
    from .rendered_people.renew_truth import RenewSettings, renew

    return Command(RenewSettings, renew)


def render_sheet() -> Command:
    """draw frames of rendered clips with the true and the detected joints"""
    from .rendered_people.contact_sheet import SheetSettings, draw_sheet

    def run(settings: SheetSettings, _: Say) -> None:
        draw_sheet(settings)
        sys.stdout.flush()
        os._exit(0)  # Blender as a module may crash while Python shuts down

    return Command(SheetSettings, run)


def render_crowds() -> Command:
    """film several computer-generated people in one room as videos, with the truth of each; can be resumed"""
    from .rendered_crowds.produce import CrowdSettings, render_crowds

    return Command(CrowdSettings, render_crowds)


def crowd_sheet() -> Command:
    """draw frames of crowd clips with the people's boxes, letters and true joints"""
    from .rendered_crowds.crowd_sheet import CrowdSheetSettings, draw_crowd_sheet

    return Command(CrowdSheetSettings, lambda settings, _: draw_crowd_sheet(settings))


def ablate() -> Command:
    """train the rows of the paper's ablation on the motion set, all under one budget"""
    from .paper.ablate import AblateSettings, ablate_for_page

    return Command(AblateSettings, ablate_for_page)


def train_public() -> Command:
    """train the paper's model on Human3.6M or MPI-INF-3DHP"""
    from .paper.public_sets.train_public import PublicSettings, train_public

    return Command(PublicSettings, train_public)


def evaluate_public() -> Command:
    """print the paper's tables 1, 2 and 3 with our row"""
    from .paper.public_sets.tables import TableSettings, evaluate_public

    return Command(TableSettings, evaluate_public)


COMMANDS = {
    "train": train, "calibrate": calibrate, "weights": weights, "export": export, "fit-confidence": fit_confidence,
    "contacts": contacts,
    "evaluate": evaluate, "evaluate-rendered": evaluate_rendered, "compare": compare,
    "measure-directions": measure_directions, "measure-detector": measure_detector, "pictures": pictures, "plot": plot,
    "render": render, "render-truth": render_truth, "render-sheet": render_sheet,
    "render-crowds": render_crowds, "crowd-sheet": crowd_sheet,
    "train-comparison": train_comparison, "ablate": ablate, "train-public": train_public,
    "evaluate-public": evaluate_public,
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command that the arguments name. Returns 0, or 2 for bad input, which is printed to stderr."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parsers = parser.add_subparsers(dest="command", metavar="command", required=True)
    chosen = None
    for name, load in COMMANDS.items():
        of_command = parsers.add_parser(name, help=load.__doc__, description=load.__doc__)
        if arguments[:1] == [name]:
            chosen = load()
            add_options(of_command, chosen.settings)
            add_moved(of_command, chosen.moved)
    parsed = parser.parse_args(arguments)  # exits unless the first argument is a command
    try:
        chosen.run(settings_from(chosen.settings, parsed), _say)
    except MocapError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _say(line: str) -> None:
    print(line, flush=True)
