"""Bone names of iPi Mocap Studio."""

LABEL = "iPi Mocap Studio"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("Hip",),
    "spine_chain": ("LowerSpine", "MiddleSpine", "Chest"),
    "neck": ("Neck",),
    "head": ("Head",),
}
SIDED = {
    "shoulder": "{}Clavicle",
    "upper_arm": "{}Shoulder",
    "lower_arm": "{}Forearm",
    "hand": "{}Hand",
    "upper_leg": "{}Thigh",
    "lower_leg": "{}Shin",
    "foot": "{}Foot",
    "toes": "{}Toe",
}
