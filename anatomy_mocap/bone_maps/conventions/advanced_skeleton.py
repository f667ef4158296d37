"""Bone names of Advanced Skeleton."""

LABEL = "Advanced Skeleton"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("Root_M",),
    "spine_chain": ("Spine1_M", "Spine2_M", "Spine3_M", "Chest_M"),
    "neck": ("Neck_M",),
    "head": ("Head_M",),
}
SIDED = {
    "shoulder": "Scapula_{}",
    "upper_arm": "Shoulder_{}",
    "lower_arm": "Elbow_{}",
    "hand": "Wrist_{}",
    "upper_leg": "Hip_{}",
    "lower_leg": "Knee_{}",
    "foot": "Ankle_{}",
    "toes": "Toes_{}",
}
