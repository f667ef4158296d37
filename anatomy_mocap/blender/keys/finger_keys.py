"""The keys of fingers: those of a take at every frame, or one key for each bone of a relaxed hand."""

from __future__ import annotations

import bpy
import numpy as np

from ...bone_maps.bone_map import BoneMap
from ...bone_maps.fingers import find_fingers
from ...hands.finger_angles import FingerPoses
from ...hands.finger_pose import captured_fingers, relaxed_fingers
from ...maths.rotations import continuous
from ...rigs.rig import TargetRig
from ...settings import KeySettings
from .body_parts import part_of


def finger_keys(armature: bpy.types.Object, rig: TargetRig, bone_map: BoneMap, settings: KeySettings,
                poses: FingerPoses | None) -> list[tuple[str, np.ndarray, None]]:
    """(bone, (T, 4) local rotations, None) of each finger bone of the keyed arms; a bone with constraints is left out.

    rig: `read_rig(armature)`. poses: of a take at the T frames; None for relaxed hands, with T = 1.
    """
    fingers = bone_map.fingers
    if fingers is None:
        fingers = find_fingers(rig, bone_map.bones, bone_map.convention)
    own = {part: names for part, names in fingers.items()
           if settings.parts is None or part_of(f"{part.partition('_')[0]}_hand") in settings.parts}
    turned = relaxed_fingers(rig, bone_map.bones, own) if poses is None \
        else captured_fingers(rig, bone_map.bones, own, poses)
    return [(name, continuous(turns), None) for name, turns in turned.items()
            if not rig.constraints.get(name) and name in armature.pose.bones]
