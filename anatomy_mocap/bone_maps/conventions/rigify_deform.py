"""Bone names of Rigify deform bones."""

LABEL = "Rigify deform bones"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("DEF-spine", "DEF-hips"),
    "spine_chain": ("DEF-spine.001", "DEF-spine.002", "DEF-spine.003"),
    "neck": ("DEF-spine.004", "DEF-spine.005", "DEF-neck"),
    "head": ("DEF-spine.006", "DEF-head"),
}
SIDED = {
    "shoulder": "DEF-shoulder.{}",
    "upper_arm": "DEF-upper_arm.{}",
    "lower_arm": "DEF-forearm.{}",
    "hand": "DEF-hand.{}",
    "upper_leg": "DEF-thigh.{}",
    "lower_leg": "DEF-shin.{}",
    "foot": "DEF-foot.{}",
    "toes": "DEF-toe.{}",
}
FINGERS = {
    "thumb": ("DEF-thumb.01.{}", "DEF-thumb.02.{}", "DEF-thumb.03.{}"),
    "index": ("DEF-f_index.01.{}", "DEF-f_index.02.{}", "DEF-f_index.03.{}"),
    "middle": ("DEF-f_middle.01.{}", "DEF-f_middle.02.{}", "DEF-f_middle.03.{}"),
    "ring": ("DEF-f_ring.01.{}", "DEF-f_ring.02.{}", "DEF-f_ring.03.{}"),
    "pinky": ("DEF-f_pinky.01.{}", "DEF-f_pinky.02.{}", "DEF-f_pinky.03.{}"),
}
