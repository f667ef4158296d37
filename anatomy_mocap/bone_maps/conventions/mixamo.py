"""Bone names of Mixamo, HumanIK, Ready Player Me."""

LABEL = "Mixamo, HumanIK, Ready Player Me"
SIDES = ("Left", "Right")
CENTRE = {
    "hips": ("Hips",),
    "spine_chain": ("Spine", "Spine1", "Spine2", "Spine3"),
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
