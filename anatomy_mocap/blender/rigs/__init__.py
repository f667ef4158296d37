"""Armatures of Blender: takes an armature object, gives a TargetRig, the Controls of a control rig or a Recording.

Public: `armature.read_rig`, `armature.build_armature`, `control_rig.read_controls`, `source_armature.record`.
"""
