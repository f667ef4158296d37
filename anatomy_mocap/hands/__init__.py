"""Room hands: takes pictures and takes, gives points and poses of fingers, and the rotations of a rig's finger bones.

    look_at_hands(pictures, takes, ...) -> the takes with 21 points a hand
    finger_poses(take) -> FingerPoses, or None
    captured_fingers(rig, bones, fingers, poses) -> bone name -> (T, 4) rotations from the rest pose
    relaxed_fingers(rig, bones, fingers) -> bone name -> (1, 4) rotation from the rest pose

Public names:
    look.look_at_hands            the points of the hands of people whose poses are known, from their video
    hand_direction.with_seen_hands  the direction of each hand as these points show it
    finger_angles.finger_poses    these points as bends: gated, limited, smoothed, relaxed where not seen
    finger_pose.captured_fingers  the bends on a rig
    finger_pose.relaxed_fingers   a natural curl for hands of which nothing is known
    finger_rest.read_hands        the fingers of a rig at rest, in the axes of each palm

The chosen numbers are in tuning. Nothing here imports Blender.
"""
