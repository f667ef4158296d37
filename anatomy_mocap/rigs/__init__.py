"""Room rigs: takes an armature as plain arrays (a TargetRig), gives its rest pose read as a body.

Public names:
    rig.TargetRig, make_rig, from_matrix             an armature of B bones in its rest pose
    forward_kinematics.pose_matrices                 local channels -> pose matrices, as Blender evaluates them
    rest_pose.RestPose, read_rest_pose               joints, limb directions and axes of the body at rest
    palm.read_palm, loose_parts.loose_parts          hands with fingers; limbs that hang on roots of their own
    limb_twist.read_twists                           twist of arms and legs about themselves at rest
    t_pose_alignment.alignments                      rotation of each part from the rest pose to the T-pose
    skin.Skin, read_skin, bent_vertices              points that stand for a character's meshes
    same_skeleton.same_skeleton, shared_twists       two rest poses of one skeleton, read together

The room imports maths and core alone. The chosen numbers are in tuning.
"""
