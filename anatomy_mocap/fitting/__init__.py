"""Takes a lifted clip, its 2D keypoints and the camera; gives the body, the motion and the upright world.

Public: `fit_to_picture.fit_to_picture`, `fit_to_picture.fit_pose`, `average_body_view.as_average_body`,
`gaps_and_jumps.remove_jumps` and `bridge_gaps`, `root_fit.fit_root`, `body_fit.fit_body`, `pose_fit.refine`,
`floor_plane.level`. The chosen numbers are in `tuning`.
"""
