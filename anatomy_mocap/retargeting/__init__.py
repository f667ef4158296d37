"""Room retargeting: takes a Motion, a rig and its bone map, gives BoneKeys (local channels of that rig).

    retarget(motion, rig, bone_map, settings, detail, floor) -> BoneKeys

Public names:
    retarget.retarget                           a motion onto a rig
    bone_keys.BoneKeys                          rotations and locations over time, one column a bone
    read_rig_motion.read_rig_motion             the motion of any posed rig, with its RigDetail
    read_joint_motion.read_joint_motion         the motion of a rig whose rest pose is no body, by its joints
    rig_detail.RigDetail, RigMotion             what a rig's motion has beyond the 22 bones
    take_armature.motion_rig, motion_keys       a motion's own skeleton as a rig, and its keys
    twist_bones.twist_bone_names                the helper bones that share a limb's twist

The steps of `retarget`: performer (the motion), hip_path and hand_foot_targets (places in the world), spine_turns and
the alignment of rigs/ (rotations), armature_pose (armature space), twist_bones, on_floor and bone_keys (channels).
The chosen numbers are in tuning. Nothing here imports Blender.
"""
