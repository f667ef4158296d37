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
