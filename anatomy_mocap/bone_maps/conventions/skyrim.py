"""Bone names of Skyrim."""

LABEL = "Skyrim"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("NPC Pelvis [Pelv]",),
    "spine_chain": ("NPC Spine [Spn0]", "NPC Spine1 [Spn1]", "NPC Spine2 [Spn2]"),
    "neck": ("NPC Neck [Neck]",),
    "head": ("NPC Head [Head]",),
}
SIDED = {
    "shoulder": "NPC {0} Clavicle [{0}Clv]",
    "upper_arm": "NPC {0} UpperArm [{0}Uar]",
    "lower_arm": "NPC {0} Forearm [{0}Lar]",
    "hand": "NPC {0} Hand [{0}Hnd]",
    "upper_leg": "NPC {0} Thigh [{0}Thg]",
    "lower_leg": "NPC {0} Calf [{0}Clf]",
    "foot": "NPC {0} Foot [{0}ft ]",
    "toes": "NPC {0} Toe0 [{0}Toe]",
}
