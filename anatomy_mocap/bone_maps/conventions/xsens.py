"""Bone names of Xsens MVN."""

LABEL = "Xsens MVN"
SIDES = ("Left", "Right")
CENTRE = {
    "hips": ("Pelvis",),
    "spine_chain": ("L5", "L3", "T12", "T8"),
    "neck": ("Neck",),
    "head": ("Head",),
}
SIDED = {
    "shoulder": "{}Shoulder",
    "upper_arm": "{}UpperArm",
    "lower_arm": "{}ForeArm",
    "hand": "{}Hand",
    "upper_leg": "{}UpperLeg",
    "lower_leg": "{}LowerLeg",
    "foot": "{}Foot",
    "toes": "{}Toe",
}
