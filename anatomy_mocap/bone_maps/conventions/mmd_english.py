"""English bone names of MikuMikuDance."""

LABEL = "MikuMikuDance, English names"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("lower body",),
    "spine_chain": ("upper body", "upper body2", "upper body3"),
    "neck": ("neck",),
    "head": ("head",),
}
SIDED = {
    "shoulder": "shoulder_{}",
    "upper_arm": "arm_{}",
    "lower_arm": "elbow_{}",
    "hand": "wrist_{}",
    "upper_leg": "leg_{}",
    "lower_leg": "knee_{}",
    "foot": "ankle_{}",
    "toes": ("toe_{}", "ToeTip_{}"),
}
