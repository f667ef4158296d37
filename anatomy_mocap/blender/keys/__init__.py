"""Keys of Blender: takes rotations and locations over time, gives curves in an action or on an NLA track.

Public: `keyframes.bone_curves`, `key_places.write_curves`, `ik_controls.ik_keys`,
`constraints_and_drivers.bake_through`, `body_parts.keys_of_parts`.
"""
