"""The simulation's second half on a GPU: cameras, the detector and the network's input, in torch.

Motion is made by processes on the CPU (motion.py), as in ../synth2d.py; what a camera and the detector make of it is
ten times as much arithmetic and is done where the network learns. Each module says which one it follows; the tests hold
the two against each other.
"""
