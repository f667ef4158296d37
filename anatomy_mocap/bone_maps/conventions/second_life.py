"""Bone names of Second Life."""

LABEL = "Second Life"
SIDES = ("Left", "Right")
CENTRE = {
    "hips": ("mPelvis",),
    "spine_chain": ("mTorso", "mChest"),
    "neck": ("mNeck",),
    "head": ("mHead",),
}
SIDED = {
    "shoulder": "mCollar{}",
    "upper_arm": "mShoulder{}",
    "lower_arm": "mElbow{}",
    "hand": "mWrist{}",
    "upper_leg": "mHip{}",
    "lower_leg": "mKnee{}",
    "foot": "mAnkle{}",
    "toes": ("mFoot{}", "mToe{}"),
}
