"""The thin layer over Blender: the only modules of the package that import bpy."""
