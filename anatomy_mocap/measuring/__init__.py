"""Room measuring: takes a take or the joints, bones and lowest points of a motion; gives figures of its quality.

The figures need no truth: slide of standing feet, depth below the floor, acceleration and jerk, pops, changes of bone
lengths, reprojection error, doubtful stretches. `benchmarks.motion` uses the same functions beside the truth.

Public: `slide.slide_steps`, `floor_depth.body_depths`,
`smoothness.differences`, `pops.find_pops`, `lengths.length_deviation`, `reprojection.reprojection_errors`. The chosen
numbers are in `tuning`.
"""
