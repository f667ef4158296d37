"""Bone names of Rigify metarig."""

LABEL = "Rigify metarig"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("spine",),
    "spine_chain": ("spine.001", "spine.002", "spine.003"),
    "neck": ("spine.004", "spine.005"),
    "head": ("spine.006",),
}
SIDED = {
    "shoulder": "shoulder.{}",
    "upper_arm": "upper_arm.{}",
    "lower_arm": "forearm.{}",
    "hand": "hand.{}",
    "upper_leg": "thigh.{}",
    "lower_leg": "shin.{}",
    "foot": "foot.{}",
    "toes": "toe.{}",
}
