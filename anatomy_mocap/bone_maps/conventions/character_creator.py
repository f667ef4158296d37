"""Bone names of Character Creator 3 and 4, iClone."""

LABEL = "Character Creator 3 and 4, iClone"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("CC_Base_Hip",),
    "spine_chain": ("CC_Base_Waist", "CC_Base_Spine01", "CC_Base_Spine02"),
    "neck": ("CC_Base_NeckTwist01", "CC_Base_NeckTwist02"),
    "head": ("CC_Base_Head",),
}
SIDED = {
    "shoulder": "CC_Base_{}_Clavicle",
    "upper_arm": "CC_Base_{}_Upperarm",
    "lower_arm": "CC_Base_{}_Forearm",
    "hand": "CC_Base_{}_Hand",
    "upper_leg": "CC_Base_{}_Thigh",
    "lower_leg": "CC_Base_{}_Calf",
    "foot": "CC_Base_{}_Foot",
    "toes": "CC_Base_{}_ToeBase",
}
