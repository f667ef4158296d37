"""Bone names of Unreal Engine 4 and 5 mannequin, MakeHuman game engine."""

LABEL = "Unreal Engine 4 and 5 mannequin, MakeHuman game engine"
SIDES = ("l", "r")
CENTRE = {
    "hips": ("pelvis",),
    "spine_chain": ("spine_01", "spine_02", "spine_03", "spine_04", "spine_05", "spine_06"),
    "neck": ("neck_01", "neck_02"),
    "head": ("head",),
}
SIDED = {
    "shoulder": "clavicle_{}",
    "upper_arm": "upperarm_{}",
    "lower_arm": "lowerarm_{}",
    "hand": "hand_{}",
    "upper_leg": "thigh_{}",
    "lower_leg": "calf_{}",
    "foot": "foot_{}",
    "toes": "ball_{}",
}
FINGERS = {
    "thumb": ("thumb_01_{}", "thumb_02_{}", "thumb_03_{}"),
    "index": ("index_01_{}", "index_02_{}", "index_03_{}"),
    "middle": ("middle_01_{}", "middle_02_{}", "middle_03_{}"),
    "ring": ("ring_01_{}", "ring_02_{}", "ring_03_{}"),
    "pinky": ("pinky_01_{}", "pinky_02_{}", "pinky_03_{}"),
}
