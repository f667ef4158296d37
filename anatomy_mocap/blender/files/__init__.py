"""Character files: takes a path, gives an armature in the open file; takes an armature, gives a file.

Public: `rig_files.load_rig`, `source_files.load_source`, `result_files.save_result`.
"""
