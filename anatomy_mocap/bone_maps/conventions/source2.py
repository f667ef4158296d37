"""Bone names of Source 2."""

LABEL = "Source 2"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("pelvis",),
    "spine_chain": ("spine_0", "spine_1", "spine_2", "spine_3"),
    "neck": ("neck_0",),
    "head": ("head_0", "head"),
}
SIDED = {
    "shoulder": "clavicle_{}",
    "upper_arm": "arm_upper_{}",
    "lower_arm": "arm_lower_{}",
    "hand": "hand_{}",
    "upper_leg": "leg_upper_{}",
    "lower_leg": "leg_lower_{}",
    "foot": "ankle_{}",
    "toes": "ball_{}",
}
