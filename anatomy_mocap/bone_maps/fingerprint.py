"""What a rig is recognised by: its bones' names and what they hang on."""

from __future__ import annotations

import hashlib

from ..rigs.rig import TargetRig


def fingerprint(rig: TargetRig) -> str:
    """16 hexadecimal digits, the same for rigs with the same bones on the same parents.

    The bones' order, rest pose and size and the armature's name do not matter: a copy of a character has its maps.
    """
    names = rig.bone_names
    lines = sorted(f"{name}\x1f{names[parent] if parent >= 0 else ''}"
                   for name, parent in zip(names, rig.parents, strict=True))
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest()[:16]
