"""Bone names of Unity humanoid, VRM bone names."""

LABEL = "Unity humanoid, VRM bone names"
SIDES = ("Left", "Right")
CENTRE = {
    "hips": ("Hips",),
    "spine_chain": ("Spine", "Chest", "UpperChest"),
    "neck": ("Neck",),
    "head": ("Head",),
}
SIDED = {
    "shoulder": "{}Shoulder",
    "upper_arm": "{}UpperArm",
    "lower_arm": "{}LowerArm",
    "hand": "{}Hand",
    "upper_leg": "{}UpperLeg",
    "lower_leg": "{}LowerLeg",
    "foot": "{}Foot",
    "toes": "{}Toes",
}
