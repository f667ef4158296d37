"""Bone names of the armature of a take. Each bone has the name of the joint at its end."""

LABEL = "Anatomy Mocap take"
SIDES = ("left", "right")
NEEDS = ("thorax", "left_knuckle", "right_knuckle")  # elsewhere a knee is the shin
CENTRE = {
    "hips": ("pelvis",),
    "spine_chain": ("spine", "thorax"),
    "neck": ("neck",),
    "head": ("head",),
}
SIDED = {
    "shoulder": "{}_shoulder",
    "upper_arm": "{}_elbow",
    "lower_arm": "{}_wrist",
    "hand": "{}_knuckle",
    "upper_leg": "{}_knee",
    "lower_leg": "{}_ankle",
    "foot": "{}_toe",
}
