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
FINGERS = {
    "thumb": ("thumb.01.{}", "thumb.02.{}", "thumb.03.{}"),
    "index": ("f_index.01.{}", "f_index.02.{}", "f_index.03.{}"),
    "middle": ("f_middle.01.{}", "f_middle.02.{}", "f_middle.03.{}"),
    "ring": ("f_ring.01.{}", "f_ring.02.{}", "f_ring.03.{}"),
    "pinky": ("f_pinky.01.{}", "f_pinky.02.{}", "f_pinky.03.{}"),
}
