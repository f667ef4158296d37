"""Bone names of Source engine, Team Fortress 2."""

LABEL = "Source engine, Team Fortress 2"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("bip_pelvis",),
    "spine_chain": ("bip_spine_0", "bip_spine_1", "bip_spine_2", "bip_spine_3"),
    "neck": ("bip_neck",),
    "head": ("bip_head",),
}
SIDED = {
    "shoulder": "bip_collar_{}",
    "upper_arm": "bip_upperArm_{}",
    "lower_arm": "bip_lowerArm_{}",
    "hand": "bip_hand_{}",
    "upper_leg": "bip_hip_{}",
    "lower_leg": "bip_knee_{}",
    "foot": "bip_foot_{}",
    "toes": "bip_toe_{}",
}
