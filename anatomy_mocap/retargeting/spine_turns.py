"""Rotations of a rig's spine, neck and collar bones from the three torso rotations of a take."""

from __future__ import annotations

import numpy as np

from ..core.skeleton import SIDES
from ..maths.rotations import apply, inverse, multiply, slerp, swing, unit
from ..rigs.rest_pose import RestPose
from .performer import Performer
from .rig_detail import RigDetail
from .tuning import TUNING

_KNOTS = dict(zip(("pelvis", "spine", "thorax"), TUNING.knots, strict=True))
"""Bone of the take -> fraction of the spine, from its first joint to the neck, that rotates as this bone."""


def spine_turns(performer: Performer, rest: RestPose, align: dict[str, np.ndarray], detailed: bool) -> np.ndarray:
    """(T, N, 4) world rotations from rest of the N spine bones.

    Each bone interpolates the rotations of pelvis, spine and chest at its fraction of the spine; the last bone rotates
    as the chest. Then the whole chain is swung until hips -> neck has the take's direction.
    align: of `alignments`. detailed: follow the spine of the rig that the motion was read from instead: bone by bone
    if both have as many bones, else at the same fractions.
    """
    chain = rest.bones["spine_chain"]
    if not chain:
        return np.empty((len(performer), 0, 4))
    joints = np.array([rest.hip_centre, *(rest.heads[bone] for bone in chain), rest.neck_base])
    links = np.diff(joints, axis=0)
    if detailed:
        hips, turns = _counterparts(performer.detail, align, spine_fractions(rest))
    else:
        knots = [multiply(performer.turn(joint), align[joint]) for joint in _KNOTS]
        turns, hips = between_knots(knots, list(_KNOTS.values()), spine_fractions(rest)), knots[0]
    return _aimed(turns, links[1:], apply(hips, links[0]), performer.at("thorax") - performer.at("pelvis"))


def _counterparts(detail: RigDetail, align: dict[str, np.ndarray],
                  fractions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """((T, 4) of the hips, (T, N, 4) of the spine), from those of the rig that the motion was read from."""
    hips, source = detail.turns["hips"], detail.turns["spine_chain"]
    if source.shape[1] != len(fractions):
        knots = [hips, *np.moveaxis(source, 1, 0)]
        source = between_knots(knots, [0.0, *detail.spine_fractions], fractions)
    return multiply(hips, align["pelvis"]), multiply(source, align["chest"])


def neck_turns(performer: Performer, rest: RestPose, align: dict[str, np.ndarray], chest: np.ndarray,
               head: np.ndarray | None, detailed: bool) -> np.ndarray:
    """(T, M, 4) world rotations from rest of the M neck bones.

    Several bones share the bend between chest and head; then the neck is swung as a whole until it has the direction
    that a single bone would have. chest, head: (T, 4) world rotations from rest of the bones below and above.
    detailed: as in `spine_turns`.
    """
    bones = rest.bones["neck"]
    if detailed and performer.detail.turns["neck"].shape[1] == len(bones):
        return multiply(performer.detail.turns["neck"], align["neck"])
    whole = multiply(performer.turn("neck"), align["neck"])
    if detailed:
        source = performer.detail.turns["neck"]
        whole = multiply(source[:, (source.shape[1] - 1) // 2], align["neck"])
    if len(bones) == 1:
        return whole[:, None]
    links = np.diff(np.array([*(rest.heads[bone] for bone in bones), rest.tips["neck"]]), axis=0)
    knots = [chest, whole, whole if head is None else head]
    turns = between_knots(knots, [0.0, 0.5, 1.0], (np.arange(len(bones)) + 0.5) / len(bones))
    way = apply(turns, links).sum(axis=1)
    return multiply(swing(way, apply(whole, links.sum(axis=0)))[:, None], turns)


def spine_fractions(rest: RestPose) -> np.ndarray:
    """(N,) 0..1: the fraction of the way from the first spine joint to the neck, at the middle of each of N bones.

    The last bone is the chest, at 1.
    """
    joints = np.array([*(rest.heads[bone] for bone in rest.bones["spine_chain"]), rest.neck_base])
    sizes = np.maximum(np.linalg.norm(np.diff(joints, axis=0), axis=-1), 1e-12)
    fractions = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    fractions[-1] = 1.0
    return fractions


def between_knots(knots: list[np.ndarray], at: list[float], fractions: np.ndarray) -> np.ndarray:
    """(T, N, 4): slerp at (N,) `fractions` of the knots, (T, 4) each, at `at`; constant beyond the ends."""
    found = []
    for fraction in fractions:
        above = int(np.searchsorted(at, fraction))
        if above == 0 or above == len(at):
            found.append(knots[min(above, len(at) - 1)])
            continue
        share = (fraction - at[above - 1]) / (at[above] - at[above - 1])
        found.append(slerp(knots[above - 1], knots[above], share))
    return np.stack(found, axis=1)


def _aimed(turns: np.ndarray, links: np.ndarray, start: np.ndarray, torso: np.ndarray) -> np.ndarray:
    """(T, N, 4): the chain swung as a whole until the line from the middle of the hips to the neck points as `torso`.

    turns: (T, N, 4). links: (N, 3) at rest. start: (T, 3) from the middle of the hips to the first link.
    torso: (T, 3).
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

    The origin of a collar bone differs between rigs and skeletons. With keep_posture it therefore leaves its rest pose
    on the chest by the rotation with which the take's shoulder leaves its place above hanging arms (or with which the
    source rig's collar bone leaves its own rest pose); otherwise it takes the direction of the take.
    chest: (T, 4) world rotation from rest of the parent of the shoulders.
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
    """(3,) unit direction from thorax to left shoulder, chest axes: median of frames with hanging arms, else of all."""
    seen, hanging = [], []
    for side in SIDES:
        seen.append(apply(inverse(thorax), performer.along(f"{side}_shoulder")) * _flip(side))
        up = apply(thorax, (0.0, 0.0, 1.0))
        hanging.append((performer.along(f"{side}_elbow") * up).sum(-1) < TUNING.hanging_arm)
    both, calm = np.concatenate(seen), np.concatenate(hanging)
    return unit(np.median(both[calm] if calm.any() else both, axis=0))


def _flip(side: str) -> np.ndarray:
    return np.array([-1.0 if side == "right" else 1.0, 1.0, 1.0])
