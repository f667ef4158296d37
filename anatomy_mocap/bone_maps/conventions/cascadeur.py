"""Bone names of Cascadeur."""

LABEL = "Cascadeur"
SIDES = ("l", "r")
CENTRE = {
    "hips": ("pelvis",),
    "spine_chain": ("stomach", "chest"),
    "neck": ("neck",),
    "head": ("head",),
}
SIDED = {
    "shoulder": "clavicle_{}",
    "upper_arm": "arm_{}",
    "lower_arm": "forearm_{}",
    "hand": "hand_{}",
    "upper_leg": "thigh_{}",
    "lower_leg": "calf_{}",
    "foot": "foot_{}",
    "toes": "toe_{}",
}
