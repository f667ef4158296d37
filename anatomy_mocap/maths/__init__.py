"""Takes and gives numbers: rotations, banded least squares, smoothing, interpolation in time, assignment. No nouns of
motion capture.

Public: the functions of `rotations`, `banded_least_squares`, `smooth_series`, `time_interpolation`, `assignment` and
`single_thread`.
"""
