"""Fingerprint of a rig, from the names of its bones and their parents."""

from __future__ import annotations

import hashlib

from ..rigs.rig import TargetRig


def fingerprint(rig: TargetRig) -> str:
    """16 hexadecimal digits (SHA-256), equal for rigs with the same bones on the same parents.

    Order, rest pose and size of the bones and the armature's name do not matter, so a copy of a character uses the
    same saved map.
    """
    names = rig.bone_names
    lines = sorted(f"{name}\x1f{names[parent] if parent >= 0 else ''}"
                   for name, parent in zip(names, rig.parents, strict=True))
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest()[:16]
