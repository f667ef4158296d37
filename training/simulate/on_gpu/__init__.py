"""Takes people in motion, gives batches: cameras, detector and network input of the simulation in torch.

CPU processes make the motion (`act` of simulate_batch.py, sent by train/worker_processes.py). The other half of the
work runs on the network's device, many times for the same motion. Each module names the numpy module that it follows;
tests/training/simulate/test_on_gpu.py compares the two. docs/decisions.md gives the reason for having both.

Public: `Crowd`, `Parcel` (crowd).
"""
