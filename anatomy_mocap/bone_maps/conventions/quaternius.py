"""Bone names of Quaternius and other short names."""

LABEL = "Quaternius and other short names"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("Hips",),
    "spine_chain": ("Abdomen", "Torso", "Chest"),
    "neck": ("Neck",),
    "head": ("Head",),
}
SIDED = {
    "shoulder": "Shoulder.{}",
    "upper_arm": "UpperArm.{}",
    "lower_arm": "LowerArm.{}",
    "hand": "Hand.{}",
    "upper_leg": "UpperLeg.{}",
    "lower_leg": "LowerLeg.{}",
    "foot": "Foot.{}",
    "toes": "Toes.{}",
}
