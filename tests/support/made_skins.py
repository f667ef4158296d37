"""Makes the vertices of a body around the bones of a made rig, each carried by one bone."""

from __future__ import annotations

import numpy as np

from anatomy_mocap.rigs.rest_pose import RestPose

_WAYS = np.array([(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if x or y or z], float)


def flesh(rest: RestPose, radius: float, more: dict[str, np.ndarray] | None = None
          ) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    """(V, 3) world vertices within `radius` of the mapped bones' heads, names of these bones, and (V, B) weights.

    more: bone -> (N, 3) world, further vertices that it carries.
    """
    mapped = sorted({bone for bones in rest.bones.values() for bone in bones})
    names = tuple(rest.rig.bone_names[bone] for bone in mapped)
    ways = radius * _WAYS / np.linalg.norm(_WAYS, axis=1, keepdims=True)
    parts = [np.concatenate([rest.heads[bone] + ways, (more or {}).get(name, np.empty((0, 3)))])
             for bone, name in zip(mapped, names, strict=True)]
    owner = np.repeat(np.arange(len(mapped)), [len(part) for part in parts])
    return np.concatenate(parts), names, np.eye(len(mapped))[owner]
