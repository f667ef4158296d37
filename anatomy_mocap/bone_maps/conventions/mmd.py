"""Japanese bone names of MikuMikuDance."""

LABEL = "MikuMikuDance, Japanese names"
SIDES = ("左", "右")
CENTRE = {
    "hips": ("下半身",),
    "spine_chain": ("上半身", "上半身2", "上半身3"),
    "neck": ("首",),
    "head": ("頭",),
}
SIDED = {
    "shoulder": "{}肩",
    "upper_arm": "{}腕",
    "lower_arm": "{}ひじ",
    "hand": "{}手首",
    "upper_leg": "{}足",
    "lower_leg": "{}ひざ",
    "foot": "{}足首",
    "toes": "{}つま先",
}
