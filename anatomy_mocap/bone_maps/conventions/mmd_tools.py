"""Bone names of MikuMikuDance characters that mmd_tools imported."""

LABEL = "MikuMikuDance, imported by mmd_tools"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("下半身",),
    "spine_chain": ("上半身", "上半身2", "上半身3"),
    "neck": ("首",),
    "head": ("頭",),
}
SIDED = {
    "shoulder": "肩.{}",
    "upper_arm": "腕.{}",
    "lower_arm": "ひじ.{}",
    "hand": "手首.{}",
    "upper_leg": "足.{}",
    "lower_leg": "ひざ.{}",
    "foot": "足首.{}",
    "toes": "つま先.{}",
}
