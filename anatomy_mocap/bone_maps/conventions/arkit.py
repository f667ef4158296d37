"""Bone names of Apple ARKit."""

LABEL = "Apple ARKit"
SIDES = ("left", "right")
CENTRE = {
    "hips": ("hips_joint",),
    "spine_chain": ("spine_1_joint", "spine_2_joint", "spine_3_joint", "spine_4_joint",
                    "spine_5_joint", "spine_6_joint", "spine_7_joint"),
    "neck": ("neck_1_joint", "neck_2_joint", "neck_3_joint", "neck_4_joint"),
    "head": ("head_joint",),
}
SIDED = {
    "shoulder": "{}_shoulder_1_joint",
    "upper_arm": "{}_arm_joint",
    "lower_arm": "{}_forearm_joint",
    "hand": "{}_hand_joint",
    "upper_leg": "{}_upLeg_joint",
    "lower_leg": "{}_leg_joint",
    "foot": "{}_foot_joint",
    "toes": "{}_toes_joint",
}
