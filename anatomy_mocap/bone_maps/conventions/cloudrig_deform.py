"""Bone names of CloudRig's deform bones. A limb has several numbered segments; the table names the first."""

LABEL = "CloudRig and Blender Studio characters, deform bones"
SIDES = ("L", "R")
CENTRE = {
    "hips": ("DEF-Hips", "DEF-Pelvis", "DEF-Spine"),
    "spine_chain": ("DEF-Spine", "DEF-Spine1", "DEF-Spine2", "DEF-Spine3", "DEF-RibCage", "DEF-Chest"),
    "neck": ("DEF-Neck", "DEF-Neck1", "DEF-Neck2"),
    "head": ("DEF-Head",),
}
SIDED = {
    "shoulder": ("DEF-Shoulder.{}", "DEF-Clavicle.{}"),
    "upper_arm": ("DEF-UpperArm1.{}", "DEF-UpperArm_1.{}", "DEF-UpperArm.{}"),
    "lower_arm": ("DEF-Forearm1.{}", "DEF-Forearm_1.{}", "DEF-Forearm.{}"),
    "hand": ("DEF-Wrist.{}", "DEF-Hand.{}"),
    "upper_leg": ("DEF-Thigh1.{}", "DEF-Thigh_1.{}", "DEF-Thigh.{}"),
    "lower_leg": ("DEF-Knee1.{}", "DEF-Knee_1.{}", "DEF-Knee.{}", "DEF-Shin1.{}", "DEF-Shin.{}"),
    "foot": ("DEF-Foot.{}",),
    "toes": ("DEF-Toes.{}", "DEF-Toe.{}"),
}
