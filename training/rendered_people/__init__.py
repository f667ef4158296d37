"""Rendered people: bodies posed by motion capture, filmed, and seen by the shipped detector, with the truth known.

Only scene.py uses Blender (the bpy module), and imports it when it is called.
"""
