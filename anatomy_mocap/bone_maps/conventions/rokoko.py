"""Bone names of Rokoko Studio."""

LABEL = "Rokoko Studio"
SIDES = ("Left", "Right")
CENTRE = {
    "hips": ("Hips",),
    "spine_chain": ("Spine1", "Spine2", "Spine3", "Spine4"),
    "neck": ("Neck",),
    "head": ("Head",),
}
SIDED = {
    "shoulder": "{}Shoulder",
    "upper_arm": "{}Arm",
    "lower_arm": "{}ForeArm",
    "hand": "{}Hand",
    "upper_leg": "{}Thigh",
    "lower_leg": "{}Shin",
    "foot": "{}Foot",
    "toes": "{}Toe",
}
