"""Bone names of Final Fantasy XIV."""

LABEL = "Final Fantasy XIV"
SIDES = ("l", "r")
CENTRE = {
    "hips": ("j_kosi",),
    "spine_chain": ("j_sebo_a", "j_sebo_b", "j_sebo_c"),
    "neck": ("j_kubi",),
    "head": ("j_kao",),
}
SIDED = {
    "shoulder": "j_sako_{}",
    "upper_arm": "j_ude_a_{}",
    "lower_arm": "j_ude_b_{}",
    "hand": "j_te_{}",
    "upper_leg": "j_asi_a_{}",
    "lower_leg": "j_asi_b_{}",
    "foot": "j_asi_d_{}",
    "toes": "j_asi_e_{}",
}
