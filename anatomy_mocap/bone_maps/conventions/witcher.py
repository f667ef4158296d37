"""Bone names of The Witcher 3."""

LABEL = "The Witcher 3"
SIDES = ("l", "r")
CENTRE = {
    "hips": ("pelvis",),
    "spine_chain": ("torso", "torso2", "torso3"),
    "neck": ("neck",),
    "head": ("head",),
}
SIDED = {
    "shoulder": "{}_shoulder",
    "upper_arm": "{}_bicep",
    "lower_arm": "{}_forearm",
    "hand": "{}_hand",
    "upper_leg": "{}_thigh",
    "lower_leg": "{}_shin",
    "foot": "{}_foot",
    "toes": "{}_toe",
}
