"""Bone names of Daz Genesis and Genesis 2, Poser."""

LABEL = "Daz Genesis and Genesis 2, Poser"
SIDES = ("l", "r")
CENTRE = {
    "hips": ("hip",),
    "spine_chain": ("abdomen", "abdomen2", "chest"),
    "neck": ("neck",),
    "head": ("head",),
}
SIDED = {
    "shoulder": "{}Collar",
    "upper_arm": "{}Shldr",
    "lower_arm": "{}ForeArm",
    "hand": "{}Hand",
    "upper_leg": "{}Thigh",
    "lower_leg": "{}Shin",
    "foot": "{}Foot",
    "toes": "{}Toe",
}
