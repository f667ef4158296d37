"""Motion of a rig from its joint positions alone, for sources whose rest pose is no body (all bones along one axis).

Directions are those of the source; limb twists come from the planes in which elbows and knees bend, as in a take.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..animation.solve_rotations import solve
from ..core.motion import Motion
from ..core.skeleton import MOCAP22, SIDES
from ..core.take_from_joints import take_from_positions
from ..maths.rotations import unit
from ..rigs.rig import TargetRig
from .tuning import TUNING


def read_joint_motion(rig: TargetRig, mapped: Mapping[str, tuple[str, ...]], world: np.ndarray, fps: float,
                      start_time: float = 0.0) -> Motion:
    """The motion of a posed rig from the places of its bones; its rest pose is not used.

    rig: names, parents and lengths. mapped: part -> names of its bones, the required parts among them.
    world: (T, B, 4, 4) posed bones in world space, metres. fps: frames per second. start_time: seconds of the first
    frame. Raises MocapError if the joints form no body.
    """
    return solve(take_from_positions(joint_places(rig, mapped, world), fps, start_time, name=rig.name))


def joint_places(rig: TargetRig, mapped: Mapping[str, tuple[str, ...]], world: np.ndarray) -> np.ndarray:
    """(T, 22, 3) metres: the joints of a posed rig where its bones are; arguments as of `read_joint_motion`."""
    world = np.asarray(world, dtype=float)
    bones = {part: tuple(map(rig.index, names)) for part, names in mapped.items() if names}

    def head(part: str, which: int = 0) -> np.ndarray:
        return world[:, bones[part][which], :3, 3]

    def tail(part: str, along: np.ndarray) -> np.ndarray:
        return _end(world[:, bones[part][-1]], rig.lengths[bones[part][-1]], along)

    at = {f"{side}_hip": head(f"{side}_upper_leg") for side in SIDES}
    at["pelvis"] = (at["left_hip"] + at["right_hip"]) / 2
    for side in SIDES:
        at |= _limbs(bones, head, tail, side)
    shoulders = (at["left_shoulder"] + at["right_shoulder"]) / 2
    at["thorax"] = head("neck") if "neck" in bones else head("head") if "head" in bones else shoulders
    spine = bones.get("spine_chain", ())
    at["spine"] = head("spine_chain", len(spine) // 2) if len(spine) > 1 else (at["pelvis"] + at["thorax"]) / 2
    turn, base = (world[:, bones["head"][0]], head("head")) if "head" in bones else (None, None)
    at |= _skull(at, base if "neck" in bones else None,
                 tail("head", base - at["thorax"] if "neck" in bones else at["thorax"] - at["pelvis"])
                 if "head" in bones else None, turn)
    return np.stack([at[joint] for joint in MOCAP22.joint_names], axis=1)


def _end(bone: np.ndarray, length: float, along: np.ndarray) -> np.ndarray:
    """(T, 3) the end of a bone, (T, 4, 4): its tail if that continues the body in the direction `along`, (T, 3).

    Some such files have arbitrary end points. The bone then points along `along` in the median, and rotates from there
    with its matrix.
    """
    axes = bone[:, :3, :3]
    along = unit(along)
    if not along.any() or np.median((unit(axes[:, :, 1]) * along).sum(-1)) > np.cos(np.radians(TUNING.continues)):
        return bone[:, :3, 3] + axes[:, :, 1] * length
    inner = np.median(np.einsum("tij,ti->tj", unit(np.swapaxes(axes, -1, -2)).swapaxes(-1, -2), along), axis=0)
    size = length * np.linalg.norm(axes[0, :, 1])
    return bone[:, :3, 3] + unit(axes @ inner) * size


def _limbs(bones: Mapping, head, tail, side: str) -> dict[str, np.ndarray]:
    """(T, 3) joints of one side's arm and leg."""
    def end(part: str, above: str, before: str) -> np.ndarray:
        if f"{side}_{part}" in bones:
            return head(f"{side}_{part}")
        return tail(f"{side}_{above}", head(f"{side}_{above}") - head(f"{side}_{before}"))

    at = {f"{side}_knee": head(f"{side}_lower_leg"), f"{side}_ankle": end("foot", "lower_leg", "upper_leg"),
          f"{side}_shoulder": head(f"{side}_upper_arm"), f"{side}_elbow": head(f"{side}_lower_arm"),
          f"{side}_wrist": end("hand", "lower_arm", "upper_arm")}
    at[f"{side}_toe"] = at[f"{side}_ankle"] + (0.0, -0.01, 0.0)
    if f"{side}_toes" in bones:
        at[f"{side}_toe"] = tail(f"{side}_toes", head(f"{side}_toes") - at[f"{side}_ankle"])
    elif f"{side}_foot" in bones:
        at[f"{side}_toe"] = tail(f"{side}_foot", np.zeros(3))
    forearm = at[f"{side}_wrist"] - at[f"{side}_elbow"]
    at[f"{side}_knuckle"] = tail(f"{side}_hand", forearm) if f"{side}_hand" in bones \
        else at[f"{side}_wrist"] + TUNING.hand_length * forearm
    return at


def _skull(at: Mapping, base, top, turn) -> dict[str, np.ndarray]:
    """(T, 3) neck, head and nose; in the median the face looks where the chest looks, and it rotates with the head."""
    up = unit(at["thorax"] - at["pelvis"])
    size = TUNING.head_length * np.linalg.norm(at["left_shoulder"] - at["right_shoulder"], axis=-1, keepdims=True)
    neck = base if base is not None else at["thorax"] + TUNING.neck_length * size * up
    head = top if top is not None else neck + size * up
    front = unit(np.cross(at["left_shoulder"] - at["right_shoulder"], up))
    if turn is not None:
        inner = np.median(np.linalg.inv(turn[:, :3, :3]) @ front[..., None], axis=0)[:, 0]
        front = unit(turn[:, :3, :3] @ inner)
    along = unit(head - neck)
    front = unit(front - along * (front * along).sum(-1, keepdims=True))
    return {"neck": neck, "head": head, "nose": neck + TUNING.nose * np.median(size) * front}
