"""Bone names of XNALara."""

LABEL = "XNALara"
SIDES = ("left", "right")
CENTRE = {
    "hips": ("root hips",),
    "spine_chain": ("spine lower", "spine middle", "spine upper"),
    "neck": ("head neck lower",),
    "head": ("head neck upper",),
}
SIDED = {
    "shoulder": "arm {} shoulder 1",
    "upper_arm": "arm {} shoulder 2",
    "lower_arm": "arm {} elbow",
    "hand": "arm {} wrist",
    "upper_leg": "leg {} thigh",
    "lower_leg": "leg {} knee",
    "foot": "leg {} ankle",
    "toes": "leg {} toes",
}
