"""The fingers of a rig's hands at rest, in armature space and in the axes of each palm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..core.skeleton import SIDES
from ..maths.rotations import unit
from ..rigs.rig import TargetRig
from ..rigs.sides import sides_swapped
from .tuning import TUNING


@dataclass(frozen=True)
class RestHand:
    """One hand of a rig at rest.

    axes: (3, 3) unit rows in armature space: along the hand, across the palm to the thumb's side, out of the palm.
    fingers: finger ("thumb", "index" ...) -> indices of its bones, from the knuckle outwards.
    directions: finger -> (N, 3) unit directions of its bones, in `axes`.
    """

    axes: np.ndarray
    fingers: Mapping[str, tuple[int, ...]]
    directions: Mapping[str, np.ndarray]


def read_hands(rig: TargetRig, bones: Mapping[str, tuple[str, ...]], fingers: Mapping[str, tuple[str, ...]]
               ) -> dict[str, RestHand]:
    """Side by the bones' names -> the hand; a hand whose palm its fingers do not show has none.

    bones, fingers: body part and finger -> bone names, as of a BoneMap.
    """
    body = {part: tuple(map(rig.index, names)) for part, names in bones.items() if names}
    swapped = sides_swapped(rig, body)
    heads, found = rig.in_world(rig.heads), {}
    for side in SIDES:
        own = {part.partition("_")[2]: tuple(map(rig.index, names)) for part, names in fingers.items()
               if part.startswith(side) and names}
        axes = _palm(heads, body[f"{side}_hand"][0], own, (side == "left") != swapped) \
            if f"{side}_hand" in body else None
        if axes is None:
            continue
        axes = unit(axes @ np.linalg.inv(rig.world_from_armature[:3, :3]).T)
        directions = {finger: _directions(rig, chain) @ axes.T for finger, chain in own.items()}
        found[side] = RestHand(axes, own, directions)
    return found


def _palm(heads: np.ndarray, hand: int, fingers: Mapping[str, tuple[int, ...]], left: bool) -> np.ndarray | None:
    """(3, 3) world, see `RestHand.axes`; None where they can't be told."""
    knuckles = [heads[chain[0]] for finger, chain in fingers.items() if finger != "thumb"]
    ends = [heads[fingers[finger][0]] for finger in ("index", "middle", "ring", "pinky") if finger in fingers]
    if not knuckles:
        return None
    along = unit(np.mean(knuckles, axis=0) - heads[hand])
    if len(ends) > 1:
        across = ends[0] - ends[-1]
    elif "thumb" in fingers:
        across = heads[fingers["thumb"][-1]] - knuckles[0]
    else:
        return None
    across = unit(across - along * (across @ along))
    out = np.cross(along, across) * (1.0 if left else -1.0)
    axes = np.array([along, across, out])
    return axes if all(np.linalg.norm(axis) > 0.5 for axis in axes) else None


def _directions(rig: TargetRig, chain: tuple[int, ...]) -> np.ndarray:
    """(N, 3) unit, armature space: from joint to joint, of the last bone to its end."""
    last = chain[-1]
    below = [child for child in rig.children[last] if np.linalg.norm(rig.heads[child] - rig.heads[last]) > 1e-9]
    end = rig.heads[below[0]] if len(below) == 1 else rig.tails[last]
    points = np.array([*rig.heads[list(chain)], end])
    ways = unit(np.diff(points, axis=0))
    # Importers invent the tails of end bones.
    if len(chain) > 1 and ways[-1] @ ways[-2] < np.cos(np.radians(TUNING.tail)):
        ways[-1] = ways[-2]
    return ways
