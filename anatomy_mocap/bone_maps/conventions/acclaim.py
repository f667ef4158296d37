"""Bone names of Acclaim ASF, the original format of CMU's motion capture."""

LABEL = "Acclaim ASF (CMU)"
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
