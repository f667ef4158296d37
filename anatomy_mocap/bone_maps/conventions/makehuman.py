"""Bone names of MakeHuman and MPFB default."""

LABEL = "MakeHuman and MPFB default"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("root",),
    "spine_chain": ("spine05", "spine04", "spine03", "spine02", "spine01"),
    "neck": ("neck01", "neck02", "neck03"),
    "head": ("head",),
}
SIDED = {
    "shoulder": "clavicle.{}",
    "upper_arm": "upperarm01.{}",
    "lower_arm": "lowerarm01.{}",
    "hand": "wrist.{}",
    "upper_leg": "upperleg01.{}",
    "lower_leg": "lowerleg01.{}",
    "foot": "foot.{}",
    "toes": "toe1-1.{}",
}
FINGERS = {
    "thumb": ("finger1-1.{}", "finger1-2.{}", "finger1-3.{}"),
    "index": ("finger2-1.{}", "finger2-2.{}", "finger2-3.{}"),
    "middle": ("finger3-1.{}", "finger3-2.{}", "finger3-3.{}"),
    "ring": ("finger4-1.{}", "finger4-2.{}", "finger4-3.{}"),
    "pinky": ("finger5-1.{}", "finger5-2.{}", "finger5-3.{}"),
}
