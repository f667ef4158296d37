"""Bone names of KayKit."""

LABEL = "KayKit"
SIDES = ("l", "r")
CENTRE = {
    "hips": ("hips",),
    "spine_chain": ("spine", "chest"),
    "head": ("head",),
}
SIDED = {
    "upper_arm": "upperarm.{}",
    "lower_arm": "lowerarm.{}",
    "hand": "wrist.{}",
    "upper_leg": "upperleg.{}",
    "lower_leg": "lowerleg.{}",
    "foot": "foot.{}",
    "toes": "toes.{}",
}
