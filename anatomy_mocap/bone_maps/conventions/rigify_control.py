"""Bone names of the FK controls that Rigify generates.

`torso` carries the whole body; the FK spine controls below its pivot swing the pelvis and the legs, so those that
carry a leg are left out of the spine by the matcher.
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
