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
FINGERS = {
    "thumb": ("c_thumb1.{}", "c_thumb2.{}", "c_thumb3.{}"),
    "index": ("c_index1.{}", "c_index2.{}", "c_index3.{}"),
    "middle": ("c_middle1.{}", "c_middle2.{}", "c_middle3.{}"),
    "ring": ("c_ring1.{}", "c_ring2.{}", "c_ring3.{}"),
    "pinky": ("c_pinky1.{}", "c_pinky2.{}", "c_pinky3.{}"),
}
