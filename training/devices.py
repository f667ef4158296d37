"""Devices of a training: a CPU, a GPU, or one GPU of several, started by torchrun."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from anatomy_mocap.core.errors import MocapError

from .options import DEVICES


@dataclass(frozen=True)
class Place:
    """The place of a process. device: of its network. rank, world: its number, and the number of processes."""

    device: torch.device
    rank: int = 0
    world: int = 1

    @property
    def chief(self) -> bool:
        """Whether this process validates, writes files and prints."""
        return self.rank == 0


def find_place(wanted: str) -> Place:
    """The device for "auto", "cuda" or "cpu"; joins the others where torchrun has started several processes."""
    if wanted not in DEVICES:
        raise MocapError(f"--device {wanted}: unknown device; use one of {', '.join(DEVICES)}")
    if wanted == "cuda" and not torch.cuda.is_available():
        raise MocapError("--device cuda: torch finds no GPU; give cpu, or install the CUDA build of torch")
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    if wanted == "cpu" or not torch.cuda.is_available():
        device = torch.device("cpu")
    else:
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
        torch.cuda.set_device(device)
    if world > 1 and not distributed.is_initialized():
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return Place(device, rank, world)


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether a device multiplies faster in bfloat16 than in single precision: every GPU, and x86 CPUs with
    instructions for it. Without these torch multiplies a hundred times more slowly."""
    if device.type != "cpu":
        return True
    able = torch.cpu.get_capabilities()
    return bool(able.get("amx_bf16") or able.get("avx512_bf16"))


def meet(place: Place) -> None:
    """Wait for all processes: a process that leaves while another one still communicates would crash that one."""
    if place.world > 1:
        distributed.barrier()


def leave(place: Place) -> None:
    """Leave the process group that `find_place` joined."""
    if place.world > 1 and distributed.is_initialized():
        distributed.destroy_process_group()


def shared(module: nn.Module, place: Place) -> nn.Module:
    """The module with its gradients averaged over all processes."""
    if place.world == 1:
        return module
    # Not every step trains the length network.
    return DistributedDataParallel(module, find_unused_parameters=True)


def of_the_chief(value: float, place: Place) -> float:
    """The first process's value, in all processes. Clocks differ, but the schedule must not."""
    if place.world == 1:
        return value
    told = torch.tensor([value], dtype=torch.float64, device=place.device)
    distributed.broadcast(told, 0)
    return float(told)
