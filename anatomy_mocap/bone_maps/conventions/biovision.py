"""Bone names of Biovision BVH."""

LABEL = "Biovision BVH"
SIDES = ("Left", "Right")
CENTRE = {
    "hips": ("Hips",),
    "spine_chain": ("Chest", "Chest2", "Chest3", "Chest4"),
    "neck": ("Neck",),
    "head": ("Head",),
}
SIDED = {
    "shoulder": "{}Collar",
    "upper_arm": "{}Shoulder",
    "lower_arm": "{}Elbow",
    "hand": "{}Wrist",
    "upper_leg": "{}Hip",
    "lower_leg": "{}Knee",
    "foot": "{}Ankle",
    "toes": "{}Toe",
}
