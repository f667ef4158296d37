"""Bone names of Roblox R15."""

LABEL = "Roblox R15"
SIDES = ("Left", "Right")
CENTRE = {
    "hips": ("LowerTorso",),
    "spine_chain": ("UpperTorso",),
    "head": ("Head",),
}
SIDED = {
    "upper_arm": "{}UpperArm",
    "lower_arm": "{}LowerArm",
    "hand": "{}Hand",
    "upper_leg": "{}UpperLeg",
    "lower_leg": "{}LowerLeg",
    "foot": "{}Foot",
}
