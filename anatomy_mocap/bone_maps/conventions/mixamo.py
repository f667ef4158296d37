"""Bone names of Mixamo, HumanIK, Ready Player Me."""

LABEL = "Mixamo, HumanIK, Ready Player Me"
SIDES = ("Left", "Right")
CENTRE = {
    "hips": ("Hips",),
    "spine_chain": ("Spine", "Spine1", "Spine2", "Spine3"),
    "neck": ("Neck", "Neck1"),
    "head": ("Head",),
}
SIDED = {
    "shoulder": "{}Shoulder",
    "upper_arm": "{}Arm",
    "lower_arm": "{}ForeArm",
    "hand": "{}Hand",
    "upper_leg": "{}UpLeg",
    "lower_leg": "{}Leg",
    "foot": "{}Foot",
    "toes": "{}ToeBase",
}
FINGERS = {
    "thumb": ("{}HandThumb1", "{}HandThumb2", "{}HandThumb3"),
    "index": ("{}HandIndex1", "{}HandIndex2", "{}HandIndex3"),
    "middle": ("{}HandMiddle1", "{}HandMiddle2", "{}HandMiddle3"),
    "ring": ("{}HandRing1", "{}HandRing2", "{}HandRing3"),
    "pinky": ("{}HandPinky1", "{}HandPinky2", "{}HandPinky3"),
}
