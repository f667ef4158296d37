"""The simulation's second half on a GPU: cameras, the detector and the network's input, in torch.

Motion is made by processes on the CPU (`act` of ../synth2d.py, sent by ../feed.py); camera and detector, the other
half of the work, are simulated where the network learns, many times over for the same motion. Each module says which
one of numpy's it follows; tests/training/simulate/test_on_gpu.py holds the two against each other. Why there are two:
docs/decisions.md.
"""
