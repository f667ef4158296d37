"""Bone names of Daz Genesis 9."""

LABEL = "Daz Genesis 9"
SIDES = ("l", "r")
CENTRE = {
    "hips": ("hip",),
    "spine_chain": ("spine1", "spine2", "spine3", "spine4"),
    "neck": ("neck1", "neck2"),
    "head": ("head",),
}
SIDED = {
    "shoulder": "{}_shoulder",
    "upper_arm": "{}_upperarm",
    "lower_arm": "{}_forearm",
    "hand": "{}_hand",
    "upper_leg": "{}_thigh",
    "lower_leg": "{}_shin",
    "foot": "{}_foot",
    "toes": "{}_toes",
}
