"""Bone names of Auto-Rig Pro export."""

LABEL = "Auto-Rig Pro export"
SIDES = ("l", "r")
CENTRE = {
    "hips": ("root.x",),
    "spine_chain": ("spine_01.x", "spine_02.x", "spine_03.x", "spine_04.x", "spine_05.x"),
    "neck": ("neck.x",),
    "head": ("head.x",),
}
SIDED = {
    "shoulder": "shoulder.{}",
    "upper_arm": "arm_stretch.{}",
    "lower_arm": "forearm_stretch.{}",
    "hand": "hand.{}",
    "upper_leg": "thigh_stretch.{}",
    "lower_leg": "leg_stretch.{}",
    "foot": "foot.{}",
    "toes": "toes_01.{}",
}
