"""Takes one person's canonical 2D keypoints; gives bone lengths, directions and the up direction in 3D (Lifted).

Public: `lift.lift` and `lift.lift_device`; `lifter_input.normalise` and `lifter_rate.at_lifter_rate` for the network's
input; `joint_confidence` for the probability that a joint is right. The chosen numbers are in `tuning`.
"""
