"""Bone names of CMU, MakeHuman cmu_mb."""

LABEL = "CMU, MakeHuman cmu_mb"
SIDES = ("Left", "Right")
CENTRE = {
    "hips": ("Hips",),
    "spine_chain": ("LowerBack", "Spine", "Spine1"),
    "neck": ("Neck", "Neck1"),
    "head": ("Head",),
}
SIDED = {
    "shoulder": "{}Shoulder",
    "upper_arm": "{}Arm",
    "lower_arm": "{}ForeArm",
    "hand": "{}Hand",
    "upper_leg": "{}UpLeg",
    "lower_leg": "{}Leg",
    "foot": "{}Foot",
    "toes": "{}ToeBase",
}
