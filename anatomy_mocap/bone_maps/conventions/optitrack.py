"""Bone names of OptiTrack Motive."""

LABEL = "OptiTrack Motive"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("Hip",),
    "spine_chain": ("Ab", "Spine2", "Spine3", "Spine4", "Chest"),
    "neck": ("Neck", "Neck2"),
    "head": ("Head",),
}
SIDED = {
    "shoulder": "{}Shoulder",
    "upper_arm": "{}UArm",
    "lower_arm": "{}FArm",
    "hand": "{}Hand",
    "upper_leg": "{}Thigh",
    "lower_leg": "{}Shin",
    "foot": "{}Foot",
    "toes": "{}Toe",
}
