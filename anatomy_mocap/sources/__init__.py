"""Takes a video, an image sequence or a keypoint file; gives frames, or one person's 2D keypoints (Keypoints2D).

Public: `video.open_video` and `video.probe`; `keypoint_file.opening`, `open_keypoints`, `read_keypoints`, `describe`
and `is_keypoint_file`. keypoint_formats/ has a reader for each format.
"""
