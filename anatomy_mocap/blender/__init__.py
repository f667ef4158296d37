"""Everything that needs Blender: takes motion and an armature, gives keys. Only this room imports bpy.

Public: `retarget_onto.retarget_onto`, the chain from a source of motion to keys on an armature, `perform.perform`, its
last step, and `file_jobs`, whole jobs from file to file. Rooms: ui (panel and operators), rigs, keys, files.
"""
