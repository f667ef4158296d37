"""Bone names of Daz Genesis 3 and 8."""

LABEL = "Daz Genesis 3 and 8"
SIDES = ("l", "r")
CENTRE = {
    "hips": ("hip",),
    "spine_chain": ("abdomenLower", "abdomenUpper", "chestLower", "chestUpper"),
    "neck": ("neckLower", "neckUpper"),
    "head": ("head",),
}
SIDED = {
    "shoulder": "{}Collar",
    "upper_arm": "{}ShldrBend",
    "lower_arm": "{}ForearmBend",
    "hand": "{}Hand",
    "upper_leg": "{}ThighBend",
    "lower_leg": "{}Shin",
    "foot": "{}Foot",
    "toes": "{}Toe",
}
