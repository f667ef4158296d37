"""Bone names of VRoid Studio."""

LABEL = "VRoid Studio"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("J_Bip_C_Hips",),
    "spine_chain": ("J_Bip_C_Spine", "J_Bip_C_Chest", "J_Bip_C_UpperChest"),
    "neck": ("J_Bip_C_Neck",),
    "head": ("J_Bip_C_Head",),
}
SIDED = {
    "shoulder": "J_Bip_{}_Shoulder",
    "upper_arm": "J_Bip_{}_UpperArm",
    "lower_arm": "J_Bip_{}_LowerArm",
    "hand": "J_Bip_{}_Hand",
    "upper_leg": "J_Bip_{}_UpperLeg",
    "lower_leg": "J_Bip_{}_LowerLeg",
    "foot": "J_Bip_{}_Foot",
    "toes": "J_Bip_{}_ToeBase",
}
