"""Bone names of Synty characters."""

LABEL = "Synty characters"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("Hips",),
    "spine_chain": ("Spine_01", "Spine_02", "Spine_03"),
    "neck": ("Neck",),
    "head": ("Head",),
}
SIDED = {
    "shoulder": "Clavicle_{}",
    "upper_arm": "Shoulder_{}",
    "lower_arm": "Elbow_{}",
    "hand": "Hand_{}",
    "upper_leg": "UpperLeg_{}",
    "lower_leg": "LowerLeg_{}",
    "foot": "Ankle_{}",
    "toes": "Ball_{}",
}
