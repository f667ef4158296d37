"""Bone names of Rigify's generated FK controls.

`torso` moves the whole body. The FK spine controls below its pivot move the pelvis and the legs, so the matcher leaves
the ancestors of a leg out of the spine.
"""

LABEL = "Rigify generated rig, FK controls"
CONTROLS = True
SIDES = ("L", "R")
CENTRE = {
    "hips": ("torso",),
    "spine_chain": ("spine_fk.001", "spine_fk.002", "spine_fk.003", "spine_fk.004", "spine_fk.005", "spine_fk.006"),
    "neck": ("neck",),
    "head": ("head",),
}
SIDED = {
    "shoulder": "shoulder.{}",
    "upper_arm": "upper_arm_fk.{}",
    "lower_arm": "forearm_fk.{}",
    "hand": "hand_fk.{}",
    "upper_leg": "thigh_fk.{}",
    "lower_leg": "shin_fk.{}",
    "foot": "foot_fk.{}",
    "toes": "toe_fk.{}",
}
FINGERS = {
    "thumb": ("thumb.01.{}", "thumb.02.{}", "thumb.03.{}"),
    "index": ("f_index.01.{}", "f_index.02.{}", "f_index.03.{}"),
    "middle": ("f_middle.01.{}", "f_middle.02.{}", "f_middle.03.{}"),
    "ring": ("f_ring.01.{}", "f_ring.02.{}", "f_ring.03.{}"),
    "pinky": ("f_pinky.01.{}", "f_pinky.02.{}", "f_pinky.03.{}"),
}
