"""Bone names of Call of Duty."""

LABEL = "Call of Duty"
SIDES = ("le", "ri")
CENTRE = {
    "hips": ("j_mainroot",),
    "spine_chain": ("j_spinelower", "j_spineupper", "j_spine4"),
    "neck": ("j_neck",),
    "head": ("j_head",),
}
SIDED = {
    "shoulder": "j_clavicle_{}",
    "upper_arm": "j_shoulder_{}",
    "lower_arm": "j_elbow_{}",
    "hand": "j_wrist_{}",
    "upper_leg": "j_hip_{}",
    "lower_leg": "j_knee_{}",
    "foot": "j_ankle_{}",
    "toes": "j_ball_{}",
}
