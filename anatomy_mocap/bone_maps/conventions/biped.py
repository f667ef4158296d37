"""Bone names of 3ds Max Biped, Valve."""

LABEL = "3ds Max Biped, Valve"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("Bip01 Pelvis",),
    "spine_chain": ("Bip01 Spine", "Bip01 Spine1", "Bip01 Spine2", "Bip01 Spine3", "Bip01 Spine4"),
    "neck": ("Bip01 Neck", "Bip01 Neck1"),
    "head": ("Bip01 Head", "Bip01 Head1"),
}
SIDED = {
    "shoulder": "Bip01 {} Clavicle",
    "upper_arm": "Bip01 {} UpperArm",
    "lower_arm": "Bip01 {} Forearm",
    "hand": "Bip01 {} Hand",
    "upper_leg": "Bip01 {} Thigh",
    "lower_leg": "Bip01 {} Calf",
    "foot": "Bip01 {} Foot",
    "toes": ("Bip01 {} Toe0", "Bip01 {} Toe"),
}
