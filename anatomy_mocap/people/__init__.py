"""Takes the frames of a video; gives the 2D keypoints (Keypoints2D, layout MEDIAPIPE33) of the people who are wanted.

Public: `watch.watch`. It looks over the whole clip (`sightings`, `detect_people`), joins what it saw to people
(`tracks`, `appearance`, `same_person`), chooses (`choice`), and measures the poses of the chosen ones in every frame
(`poses`, `looks_at_one`, `regions`, `pose2d`, `left_right`). The chosen numbers are in `tuning`.
"""
