"""Bone names of Acclaim ASF, CMU's own."""

LABEL = "Acclaim ASF, CMU's own"
SIDES = ("l", "r")
CENTRE = {
    "hips": ("root",),
    "spine_chain": ("lowerback", "upperback", "thorax"),
    "neck": ("lowerneck", "upperneck"),
    "head": ("head",),
}
SIDED = {
    "shoulder": "{}clavicle",
    "upper_arm": "{}humerus",
    "lower_arm": "{}radius",
    "hand": "{}hand",
    "upper_leg": "{}femur",
    "lower_leg": "{}tibia",
    "foot": "{}foot",
    "toes": "{}toes",
}
