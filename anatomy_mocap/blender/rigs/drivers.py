"""The drivers of an armature: which bones and which constraints they set."""

from __future__ import annotations

import re

import bpy

_CONSTRAINT = re.compile(r'^pose\.bones\["(.+?)"\]\.constraints\["(.+?)"\]\.'
                         r'(?:influence|mute|enabled|targets\[\d+\]\.weight)$')
_PROPERTY = re.compile(r'^(?:pose\.bones\["((?:[^"\\]|\\.)+)"\])?\["((?:[^"\\]|\\.)+)"\]$')


def driven_bones(armature: bpy.types.Object) -> set[str]:
    """Names of bones whose location, rotation or scale a driver sets."""
    found = set()
    for curve in armature.animation_data.drivers if armature.animation_data else ():
        head, _, channel = curve.data_path.rpartition(".")
        if channel.startswith(("location", "rotation_", "scale")) and head.startswith('pose.bones["'):
            found.add(bpy.utils.unescape_identifier(head[len('pose.bones["'):-2]))
    return found


def driven_constraints(armature: bpy.types.Object) -> dict[tuple[str, str], list]:
    """(bone, property) of each custom property of the armature -> the (bone name, constraint) pairs that it drives."""
    found: dict[tuple[str, str], list] = {}
    for curve in armature.animation_data.drivers if armature.animation_data else ():
        place = _CONSTRAINT.match(curve.data_path)
        if not place:
            continue
        bone = armature.pose.bones.get(bpy.utils.unescape_identifier(place[1]))
        constraint = bone.constraints.get(bpy.utils.unescape_identifier(place[2])) if bone else None
        if constraint is None:
            continue
        for variable in curve.driver.variables:
            for target in variable.targets:
                named = _PROPERTY.match(target.data_path) if target.id == armature else None
                if named:
                    key = tuple(bpy.utils.unescape_identifier(part or "") for part in named.groups())
                    found.setdefault(key, []).append((bone.name, constraint))
    return found
