"""Training with several processes: equal weights in all, learnt from all batches."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from anatomy_mocap.core.errors import MocapError
from training.train.devices import Place, find_place, multiplies_bfloat16, of_the_chief, shared
from training.train.train import Trainer
from training.train.train_settings import TrainSettings

ROOT = Path(__file__).parents[3]

SCRIPT = """
import sys
import numpy as np, torch
from tests.support.small_motion_set import mocap_set
from training.simulate.device_random import Chance
from training.train.devices import find_place, leave, meet, of_the_chief
from training.simulate.video_pool import Pool
from training.simulate.simulate_batch import SynthSettings, make_batch
from training.train.train import Trainer
from training.train.train_settings import TrainSettings

place = find_place("cpu")
torch.manual_seed(0)
trainer = Trainer(TrainSettings("", sys.argv[1], channels=8, bfloat16=False, still=0.0, windows=16, videos=2,
                                lengths_every=2, device="cpu"), place)
pool = Pool(2, 3)
pool.add(make_batch(np.random.default_rng(place.rank), mocap_set(), 2, SynthSettings(frames=99)))
first = trainer.model.directions.expand.weight.detach().clone()
for step in range(4):
    trainer.learn(pool, Chance(2 * step + place.rank))
weights = {name: value.detach().clone() for name, value in trainer.model.named_parameters()}
torch.save({"weights": weights, "first": first, "told": of_the_chief(10.0 + place.rank, place),
            "batch": float(pool.kept["xy"].sum())}, f"{sys.argv[1]}/rank{place.rank}.pt")
meet(place)
leave(place)
"""


def test_processes_keep_the_same_weights(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", str(script),
               str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert answer.returncode == 0, answer.stderr[-3000:]
    one, other = (torch.load(tmp_path / f"rank{rank}.pt") for rank in (0, 1))
    assert one["batch"] != other["batch"]  # they learn from different people
    assert not torch.equal(one["weights"]["directions.expand.weight"], one["first"])
    for name, value in one["weights"].items():
        torch.testing.assert_close(value, other["weights"][name])
    assert one["told"] == other["told"] == 10.0


def test_alone_nothing_is_shared():
    module = torch.nn.Linear(2, 2)
    place = Place(torch.device("cpu"))
    assert shared(module, place) is module and of_the_chief(3.0, place) == 3.0 and place.chief


def test_devices_that_are_not_there_are_told(monkeypatch):
    with pytest.raises(MocapError, match="tpu.*not known"):
        find_place("tpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(MocapError, match="no GPU.*cpu"):
        find_place("cuda")
    assert find_place("auto").device.type == "cpu"


@pytest.mark.parametrize("capability, fast", [("amx_bf16", True), ("avx512_bf16", True), ("avx2", False)])
def test_a_cpu_without_bfloat16_multiplies_in_single_precision(monkeypatch, tmp_path, capability, fast):
    """On such a CPU bfloat16 is a hundred times slower."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {capability: True})
    assert multiplies_bfloat16(torch.device("cpu")) is fast
    assert multiplies_bfloat16(torch.device("cuda", 0))
    assert Trainer(TrainSettings("", str(tmp_path), channels=8, device="cpu")).half is fast
    assert not Trainer(TrainSettings("", str(tmp_path), channels=8, device="cpu", bfloat16=False)).half


def test_the_first_process_alone_writes_the_settings(tmp_path):
    for rank, written in ((1, False), (0, True)):
        Trainer(TrainSettings("", str(tmp_path), channels=8, device="cpu"), Place(torch.device("cpu"), rank))
        assert (tmp_path / "settings.json").is_file() == written
