"""Room sparse_keys: takes the dense keys of a character's bones, gives few Bezier keys within a stated error.

Public names: reduce.reduce_keys, rotation_channels.rotation_channels, rotation_channels.channel_rotations. The chosen
numbers are in tuning.
"""
