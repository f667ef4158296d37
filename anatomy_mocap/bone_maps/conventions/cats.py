"""Bone names of VRChat, as Cats names it."""

LABEL = "VRChat, as Cats names it"
SIDES = ("Left", "Right")
CENTRE = {
    "hips": ("Hips",),
    "spine_chain": ("Spine", "Chest", "Upper Chest"),
    "neck": ("Neck",),
    "head": ("Head",),
}
SIDED = {
    "shoulder": "{} shoulder",
    "upper_arm": "{} arm",
    "lower_arm": "{} elbow",
    "hand": "{} wrist",
    "upper_leg": "{} leg",
    "lower_leg": "{} knee",
    "foot": "{} ankle",
    "toes": "{} toe",
}
