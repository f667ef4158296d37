"""Takes the frames of a video; gives one person's 2D keypoints (Keypoints2D, layout MEDIAPIPE33).

Public: `follow.track_video` and `follow.PersonTracker`; below them `detect_people.PersonDetector`,
`pose2d.PoseEstimator` and `same_person` for their identity. The chosen numbers are in `tuning`.
"""
