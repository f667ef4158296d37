"""Training of the lifter: synthetic 2D from motion capture, the network, its losses, evaluation and export.

The only part of the package that imports torch; none of it is needed to capture.
"""
