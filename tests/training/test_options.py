"""Commands and their options: names of before, a help text for each, values as the settings want them."""

import argparse
import subprocess
import sys
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from training.command import COMMANDS, main
from training.options import add_options, option, positional, settings_from

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Made:
    """One field of each kind."""

    files: tuple[str, ...] = positional("the files")
    out: str = option("the result")
    page: str | None = option("a page", None)
    count: int = option("how many", 3)
    share: float = option("80 % of it", 0.5)
    flip: bool = option("mirrored", True)
    kind: str = option("the kind", "a", choices=("a", "b"))


def parsed(*arguments: str) -> Made:
    parser = argparse.ArgumentParser()
    add_options(parser, Made)
    parser.format_help()  # a percent sign in a help text is no format
    return settings_from(Made, parser.parse_args(arguments))


def test_values_have_the_types_of_the_fields():
    assert parsed("x", "y", "--out", "o") == Made(("x", "y"), "o")
    assert parsed("x", "--out", "o", "--page", "p", "--count", "4", "--share", "1", "--no-flip", "--kind", "b") == Made(
        ("x",), "o", "p", 4, 1.0, False, "b")


@pytest.mark.parametrize("wrong", [["x"], ["--out", "o"], ["x", "--out", "o", "--count", "1.5"],
                                   ["x", "--out", "o", "--kind", "c"]])
def test_wrong_values_are_refused(wrong, capsys):
    with pytest.raises(SystemExit):
        parsed(*wrong)
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_help_text(name, capsys):
    settings = COMMANDS[name]().settings
    texts = [one.metadata["help"] for one in fields(settings)]
    assert all(len(text) > 10 for text in texts) and len(set(texts)) == len(texts)
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert all(text.split()[0] in shown for text in texts)


OF_BEFORE = {
    "evaluate": "data seed out card clips rates", "compare": "data checkpoints seed clips exact",
    "fit-confidence": "data clips model check", "measure-directions": "data clips exact",
    "ablate": "data out rows page mark channels widths steps windows shared rate epochs seeds threads train bfloat16",
    "train-public": "set files out detections row augmented channels widths causal epochs batch rate decay dropout "
                    "steps seed device bfloat16",
    "evaluate-public": "runs files flip out device", "pictures": "data out clips seed",
    "render": "data bodies rig out set clips frames first seed minutes part",
    "render-truth": "folder data bodies rig set frames seed",
    "render-sheet": "data bodies rig out clips each frames seed",
    "measure-detector": "folder data beside clips out seed", "evaluate-rendered": "folder flip fov clips out",
    "export": "checkpoint out", "calibrate": "checkpoint data", "weights": "checkpoint out", "plot": "logs out",
    "train": "data out start minutes steps channels widths causal dropout still stills windows lengths_every "
             "videos chunks fresh pool rate seed report threads device calibration bfloat16 compile rendered detected "
             "exact workers crowd",
}


@pytest.mark.parametrize("name", OF_BEFORE)
def test_options_keep_their_names(name):
    assert [one.name for one in fields(COMMANDS[name]().settings)] == OF_BEFORE[name].split()


def test_the_list_of_commands_needs_no_torch():
    """It is printed before anything heavy is imported."""
    code = ("import sys\nfrom training.command import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
            "assert not {'torch', 'numpy', 'scipy', 'onnx', 'onnxruntime'} & set(sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in COMMANDS)
