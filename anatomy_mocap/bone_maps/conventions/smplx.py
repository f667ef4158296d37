"""Bone names of SMPL-X."""

LABEL = "SMPL-X"
SIDES = ("left", "right")
CENTRE = {
    "hips": ("pelvis",),
    "spine_chain": ("spine1", "spine2", "spine3"),
    "neck": ("neck",),
    "head": ("head",),
}
SIDED = {
    "shoulder": "{}_collar",
    "upper_arm": "{}_shoulder",
    "lower_arm": "{}_elbow",
    "hand": "{}_wrist",
    "upper_leg": "{}_hip",
    "lower_leg": "{}_knee",
    "foot": "{}_ankle",
    "toes": "{}_foot",
}
