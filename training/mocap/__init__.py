"""Takes the motion set's files, gives clips of 22 joints without known faults, and poses that the set lacks.

Public: `load_mocap`, `load_split`, `split`, `MocapSet`, `directions_of` (dataset); `RarePoses` (rare_poses); `mixed`,
`perturbed`, `hinged` (mix_poses); `in_postures` (postures); `freestyled` (joint_range_motion); `mirrored`, `tilted`
(mirror_and_tilt); `stretched` (straight_knees); `on_the_floor`, `staying` (pelvis_height); `act`, `stool_below`
(made_up_acts); `TUNING` (tuning).
"""
