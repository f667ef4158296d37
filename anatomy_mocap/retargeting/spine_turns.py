"""Spine and shoulders: how the take's three torso rotations are shared among a rig's spine and collar bones."""

from __future__ import annotations

import numpy as np

from ..core.skeleton import SIDES
from ..maths.rotations import apply, inverse, multiply, slerp, swing, unit
from ..rigs.rest_pose import RestPose
from .performer import Performer
from .rig_detail import RigDetail

KNOTS = {"pelvis": 0.0, "spine": 0.25, "thorax": 0.75}
"""Shares of the spine, from its first joint to the neck, at which a character's back turns as the take's bones."""
_HANGING = -0.5
"""Arms whose direction has less than this of the chest's up count as hanging."""


def spine_turns(performer: Performer, rest: RestPose, align: dict[str, np.ndarray], detailed: bool) -> np.ndarray:
    """(T, N, 4) world rotations from rest of the N spine bones.

    The bend is shared by the place of each bone on the way from hips to neck; the last bone turns as the take's chest.
    Then all turn on together by the little that makes hips -> neck point as in the take.
    detailed: the bones turn as those of the rig that the motion was read off: each as its own counterpart where there
    are as many, else by place.
    """
    chain = rest.bones["spine_chain"]
    if not chain:
        return np.empty((len(performer), 0, 4))
    joints = np.array([rest.hip_centre, *(rest.heads[bone] for bone in chain), rest.neck_base])
    links = np.diff(joints, axis=0)
    if detailed:
        hips, turns = _counterparts(performer.detail, align, spine_places(rest))
    else:
        knots = [multiply(performer.turn(joint), align[joint]) for joint in KNOTS]
        turns, hips = between_knots(knots, list(KNOTS.values()), spine_places(rest)), knots[0]
    return _aimed(turns, links[1:], apply(hips, links[0]), performer.at("thorax") - performer.at("pelvis"))


def _counterparts(detail: RigDetail, align: dict[str, np.ndarray], places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The hips' (T, 4) and the spine's (T, N, 4) turns after those of the motion's own rig."""
    hips, theirs = detail.turns["hips"], detail.turns["spine_chain"]
    if theirs.shape[1] != len(places):
        knots = [hips, *np.moveaxis(theirs, 1, 0)]
        theirs = between_knots(knots, [0.0, *detail.spine_fractions], places)
    return multiply(hips, align["pelvis"]), multiply(theirs, align["chest"])


def neck_turns(performer: Performer, rest: RestPose, align: dict[str, np.ndarray], chest: np.ndarray,
               head: np.ndarray | None, detailed: bool) -> np.ndarray:
    """(T, M, 4) world rotations from rest of the M neck bones.

    Several share the bend between chest and head, and turn on together so that the neck as a whole points as one bone
    would. chest, head: (T, 4) world rotations from rest of what lies below and above.
    """
    bones = rest.bones["neck"]
    if detailed and performer.detail.turns["neck"].shape[1] == len(bones):
        return multiply(performer.detail.turns["neck"], align["neck"])
    whole = multiply(performer.turn("neck"), align["neck"])
    if detailed:
        theirs = performer.detail.turns["neck"]
        whole = multiply(theirs[:, (theirs.shape[1] - 1) // 2], align["neck"])
    if len(bones) == 1:
        return whole[:, None]
    links = np.diff(np.array([*(rest.heads[bone] for bone in bones), rest.tips["neck"]]), axis=0)
    knots = [chest, whole, whole if head is None else head]
    turns = between_knots(knots, [0.0, 0.5, 1.0], (np.arange(len(bones)) + 0.5) / len(bones))
    way = apply(turns, links).sum(axis=1)
    return multiply(swing(way, apply(whole, links.sum(axis=0)))[:, None], turns)


def spine_places(rest: RestPose) -> np.ndarray:
    """(N,) 0..1: where the N bones of the spine stand on the way from their first joint to the neck.

    The middle of each bone; the last bone counts as the chest, at 1.
    """
    joints = np.array([*(rest.heads[bone] for bone in rest.bones["spine_chain"]), rest.neck_base])
    sizes = np.maximum(np.linalg.norm(np.diff(joints, axis=0), axis=-1), 1e-12)
    places = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    places[-1] = 1.0
    return places


def between_knots(knots: list[np.ndarray], at: list[float], places) -> np.ndarray:
    """(T, N, 4): rotations at `places` (N,), from those at `at`, (T, 4) each; held beyond the first and last."""
    found = []
    for place in places:
        above = int(np.searchsorted(at, place))
        if above == 0 or above == len(at):
            found.append(knots[min(above, len(at) - 1)])
            continue
        share = (place - at[above - 1]) / (at[above] - at[above - 1])
        found.append(slerp(knots[above - 1], knots[above], share))
    return np.stack(found, axis=1)


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
    off its rest pose on the chest as the take's shoulder moves off the place that it has with hanging arms (as the
    other rig's moves off its rest pose, where the motion was read off one); otherwise its direction is the take's.
    chest: (T, 4) world rotation from rest of the bone that carries the shoulders.
    """
    present = [side for side in SIDES if f"{side}_shoulder" in rest.bones]
    if performer.detail is not None and keep_posture:
        return {f"{side}_shoulder": multiply(performer.detail.turns[f"{side}_shoulder"], align["chest"])
                for side in present}
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
