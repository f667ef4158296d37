"""Bone names of Azure Kinect."""

LABEL = "Azure Kinect"
SIDES = ("LEFT", "RIGHT")
CENTRE = {
    "hips": ("PELVIS",),
    "spine_chain": ("SPINE_NAVEL", "SPINE_CHEST"),
    "neck": ("NECK",),
    "head": ("HEAD",),
}
SIDED = {
    "shoulder": "CLAVICLE_{}",
    "upper_arm": "SHOULDER_{}",
    "lower_arm": "ELBOW_{}",
    "hand": "WRIST_{}",
    "upper_leg": "HIP_{}",
    "lower_leg": "KNEE_{}",
    "foot": "ANKLE_{}",
    "toes": "FOOT_{}",
}
