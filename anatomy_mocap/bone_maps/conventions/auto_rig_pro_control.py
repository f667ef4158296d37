"""Bone names of Auto-Rig Pro's FK controls."""

LABEL = "Auto-Rig Pro, FK controls"
CONTROLS = True
SIDES = ("l", "r")
CENTRE = {
    "hips": ("c_root_master.x",),
    "spine_chain": ("c_spine_01.x", "c_spine_02.x", "c_spine_03.x", "c_spine_04.x", "c_spine_05.x", "c_spine_06.x"),
    "neck": ("c_subneck_1.x", "c_subneck_2.x", "c_neck.x"),
    "head": ("c_head.x",),
}
SIDED = {
    "shoulder": "c_shoulder.{}",
    "upper_arm": "c_arm_fk.{}",
    "lower_arm": "c_forearm_fk.{}",
    "hand": "c_hand_fk.{}",
    "upper_leg": "c_thigh_fk.{}",
    "lower_leg": "c_leg_fk.{}",
    "foot": "c_foot_fk.{}",
    "toes": "c_toes_fk.{}",
}
