"""Bone names of Microsoft Kinect."""

LABEL = "Microsoft Kinect"
SIDES = ("Left", "Right")
CENTRE = {
    "hips": ("SpineBase",),
    "spine_chain": ("SpineMid", "SpineShoulder"),
    "neck": ("Neck",),
    "head": ("Head",),
}
SIDED = {
    "upper_arm": "Shoulder{}",
    "lower_arm": "Elbow{}",
    "hand": "Wrist{}",
    "upper_leg": "Hip{}",
    "lower_leg": "Knee{}",
    "foot": "Ankle{}",
    "toes": "Foot{}",
}
