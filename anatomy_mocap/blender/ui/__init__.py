"""The tab "Mocap": takes the user's input, gives takes in a list and keys on the chosen armature.

Public: `registration.register` and `registration.unregister`. Operators validate, then call the rest of blender/.
"""
