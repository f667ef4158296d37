"""Bone names of VRChat characters from the Cats plugin."""

LABEL = "VRChat (Cats plugin)"
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
