"""Bone names of CloudRig's FK controls in the spellings of all its versions, as in Blender Studio's characters."""

LABEL = "CloudRig and Blender Studio characters, FK controls"
CONTROLS = True
SIDES = ("L", "R")
CENTRE = {
    "hips": ("TORSO-Spine", "MSTR-Spine_Torso", "MSTR-Torso", "MSTR-Pelvis"),
    "spine_chain": ("FK-Hips", "FK-Spine", "FK-Spine1", "FK-Spine2", "FK-Spine3", "FK-Spine4", "FK-RibCage",
                    "FK-Chest"),
    "neck": ("FK-Neck", "FK-Neck1", "FK-Neck2"),
    "head": ("FK-Head",),
}
SIDED = {
    "shoulder": ("FK-Shoulder.{}", "FK-Clavicle.{}", "Shoulder.{}", "Clavicle.{}"),
    "upper_arm": ("FK-UpperArm.{}", "FK-Upper_Arm.{}"),
    "lower_arm": ("FK-Forearm.{}", "FK-LowerArm.{}"),
    "hand": ("FK-Hand.{}", "FK-Wrist.{}"),
    "upper_leg": ("FK-Thigh.{}", "FK-UpperLeg.{}"),
    "lower_leg": ("FK-Knee.{}", "FK-Shin.{}", "FK-LowerLeg.{}"),
    "foot": ("FK-Foot.{}",),
    "toes": ("FK-Toes.{}", "FK-Toe.{}"),
}
