"""Spine and shoulders: how the take's three torso rotations are shared among a rig's spine and collar bones."""

from __future__ import annotations

import numpy as np

from .performer import SIDES, Performer
from .rest_pose import RestPose
from .rotations import about, apply, inverse, multiply, swing, unit

KNOTS = {"pelvis": 0.0, "spine": 0.25, "thorax": 0.75}
"""Shares of the spine, from its first joint to the neck, at which a character's back turns as the take's bones."""
_HANGING = -0.5
"""Arms whose direction has less than this of the chest's up count as hanging."""


def spine_turns(performer: Performer, rest: RestPose, align: dict[str, np.ndarray]) -> np.ndarray:
    """(T, N, 4) world rotations from rest of the N spine bones.

    The bend is shared by the place of each bone on the way from hips to neck; the last bone turns as the take's chest.
    Then all turn on together by the little that makes hips -> neck point as in the take.
    """
    chain = rest.bones["spine_chain"]
    if not chain:
        return np.empty((len(performer), 0, 4))
    knots = [multiply(performer.turn(joint), align[joint]) for joint in KNOTS]
    joints = np.array([rest.hip_centre, *(rest.heads[bone] for bone in chain), rest.neck_base])
    links = np.diff(joints, axis=0)
    sizes = np.linalg.norm(links[1:], axis=-1)
    middles = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    middles[-1] = 1.0
    turns = np.stack([_between_knots(knots, share) for share in middles], axis=1)
    return _aimed(turns, links[1:], apply(knots[0], links[0]), performer.at("thorax") - performer.at("pelvis"))


def _between_knots(knots: list[np.ndarray], share: float) -> np.ndarray:
    """(T, 4): the knots' rotation at `share` of the spine, held beyond the last."""
    places = list(KNOTS.values())
    if share >= places[2]:
        return knots[2]
    lower = 0 if share < places[1] else 1
    return _slerp(knots[lower], knots[lower + 1], (share - places[lower]) / (places[lower + 1] - places[lower]))


def _slerp(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    """(T, 4): `share` of the short way from `start` to `end`."""
    step = multiply(end, inverse(start))
    step = step * np.where(step[:, :1] < 0, -1.0, 1.0)
    sine = np.linalg.norm(step[:, 1:], axis=-1)
    return multiply(about(unit(step[:, 1:]), share * 2.0 * np.arctan2(sine, step[:, 0])), start)


def _aimed(turns: np.ndarray, links: np.ndarray, start: np.ndarray, torso: np.ndarray) -> np.ndarray:
    """The chain turned on as a whole so that from the hips' middle to the neck it points as `torso`, (T, 3).

    turns: (T, N, 4). links: (N, 3) at rest. start: (T, 3) from the hips' middle to the first link.
    """
    chain = apply(turns, links).sum(axis=1)
    axis = unit(torso)
    # start + goal = m axis with |goal| = |chain|: a quadratic in m, of which the larger root lies upwards.
    along = (start * axis).sum(-1)
    room = (chain**2 - start**2).sum(-1) + along**2
    goal = axis * (along + np.sqrt(np.maximum(room, 0.0)))[:, None] - start
    return multiply(swing(chain, goal)[:, None], turns)


def shoulder_turns(performer: Performer, rest: RestPose, align: dict[str, np.ndarray], chest: np.ndarray,
                   keep_posture: bool) -> dict[str, np.ndarray]:
    """Part -> (T, 4) world rotations from rest of the collar bones that the rig has.

    Where a collar bone starts differs from rig to rig and from skeleton to skeleton. So, to keep the posture, it moves
    off its rest pose on the chest as the take's shoulder moves off the place that it has with hanging arms; otherwise
    its direction is the take's.
    chest: (T, 4) world rotation from rest of the bone that carries the shoulders.
    """
    present = [side for side in SIDES if f"{side}_shoulder" in rest.bones]
    if not keep_posture:
        return {f"{side}_shoulder": multiply(performer.turn(f"{side}_shoulder"), align[f"{side}_shoulder"])
                for side in present}
    thorax = performer.turn("thorax")
    usual = _usual_shoulder(performer, thorax)
    return {f"{side}_shoulder": multiply(swing(apply(thorax, usual * _flip(side)),
                                               performer.along(f"{side}_shoulder")), chest) for side in present}


def _usual_shoulder(performer: Performer, thorax: np.ndarray) -> np.ndarray:
    """(3,) unit: where the left shoulder lies from the thorax, in the chest's axes, while arms hang; else at large."""
    seen, hanging = [], []
    for side in SIDES:
        seen.append(apply(inverse(thorax), performer.along(f"{side}_shoulder")) * _flip(side))
        up = apply(thorax, (0.0, 0.0, 1.0))
        hanging.append((performer.along(f"{side}_elbow") * up).sum(-1) < _HANGING)
    both, calm = np.concatenate(seen), np.concatenate(hanging)
    return unit(np.median(both[calm] if calm.any() else both, axis=0))


def _flip(side: str) -> np.ndarray:
    return np.array([-1.0 if side == "right" else 1.0, 1.0, 1.0])
