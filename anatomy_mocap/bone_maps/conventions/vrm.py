"""Bone names of VRM humanoid."""

LABEL = "VRM humanoid"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("hips",),
    "spine_chain": ("spine", "chest", "upperChest"),
    "neck": ("neck",),
    "head": ("head",),
}
SIDED = {
    "shoulder": "shoulder.{}",
    "upper_arm": "upper_arm.{}",
    "lower_arm": "lower_arm.{}",
    "hand": "hand.{}",
    "upper_leg": "upper_leg.{}",
    "lower_leg": "lower_leg.{}",
    "foot": "foot.{}",
    "toes": "toes.{}",
}
FINGERS = {
    "thumb": ("thumb.metacarpal.{}", "thumb.proximal.{}", "thumb.distal.{}"),
    "index": ("index.proximal.{}", "index.intermediate.{}", "index.distal.{}"),
    "middle": ("middle.proximal.{}", "middle.intermediate.{}", "middle.distal.{}"),
    "ring": ("ring.proximal.{}", "ring.intermediate.{}", "ring.distal.{}"),
    "pinky": ("little.proximal.{}", "little.intermediate.{}", "little.distal.{}"),
}
