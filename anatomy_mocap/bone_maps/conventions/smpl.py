"""Bone names of SMPL."""

LABEL = "SMPL"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("Pelvis",),
    "spine_chain": ("Spine1", "Spine2", "Spine3"),
    "neck": ("Neck",),
    "head": ("Head",),
}
SIDED = {
    "shoulder": "{}_Collar",
    "upper_arm": "{}_Shoulder",
    "lower_arm": "{}_Elbow",
    "hand": "{}_Wrist",
    "upper_leg": "{}_Hip",
    "lower_leg": "{}_Knee",
    "foot": "{}_Ankle",
    "toes": "{}_Foot",
}
