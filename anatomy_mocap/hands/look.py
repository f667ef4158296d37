"""Look at the hands of people whose poses are known: 21 points a hand in 3D, by MediaPipe's hand landmark network."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace

import numpy as np

from ..core.keypoint_layouts import HAND_POINTS
from ..core.progress import Progress
from ..core.skeleton import MOCAP22, SIDES
from ..core.take import Take
from ..maths.rotations import apply, swing, unit
from ..networks.onnx_session import Session, open_session
from ..people.crop import Region, crop
from .hand_direction import with_seen_hands
from .tuning import TUNING

SIDE = 224
"""Pixels of the network's picture along one side."""
_AHEAD = np.array([0.0, 0.0, 1.0])


def look_at_hands(pictures: Iterable[tuple[float, np.ndarray]], takes: list[Take], device: str, stage: Progress,
                  slower: float = 1.0) -> Generator[Progress, None, list[Take]]:
    """The takes with `finger_points` and `finger_presence`, their hands as these show them, step by step.

    pictures: (time, rgb) of the clip at its full size. device: see `open_session`. stage: a step, for its total and
    message. slower: how many times as long as the shot the clip plays.
    """
    session = open_session("hand_landmark", device)
    points = [np.zeros((len(take), len(SIDES), HAND_POINTS, 3)) for take in takes]
    presence = [np.zeros((len(take), len(SIDES))) for take in takes]
    rays = [np.tile(_AHEAD, (len(take), len(SIDES), 1)) for take in takes]
    joints = [take.joint_positions("camera") for take in takes]
    yield stage
    for number, (time, rgb) in enumerate(pictures):
        for take, found, sure, ray, places in zip(takes, points, presence, rays, joints, strict=True):
            place = (time / slower - take.times[0]) * take.fps
            frame = int(round(place))
            if not 0 <= frame < len(take) or abs(place - frame) > 0.5:
                continue
            for side in range(len(SIDES)):
                region = _region(take, places, frame, side)
                if region is not None:
                    found[frame, side], sure[frame, side] = _look(session, rgb, region, side)
                    ray[frame, side, :2] = take.camera.rays(region.centre)
                    yield replace(stage, done=number)
        yield replace(stage, done=number + 1)
    # The network sees each hand as if it were in the middle of the picture.
    return [with_seen_hands(replace(take, finger_points=apply(swing(_AHEAD, unit(ray))[:, :, None], found),
                                    finger_presence=sure))
            for take, found, sure, ray in zip(takes, points, presence, rays, strict=True)]


def _region(take: Take, places: np.ndarray, frame: int, side: int) -> Region | None:
    """The square around a hand; None where the forearm is unsure, or the hand too small.

    places: (T, 22, 3) metres, camera axes, the take's joints.
    """
    wrist, elbow, knuckle = (MOCAP22.index(f"{SIDES[side]}_{joint}") for joint in ("wrist", "elbow", "knuckle"))
    at = places[frame]
    if take.confidence[frame, wrist] < TUNING.look_confidence or at[wrist, 2] <= 0.1:
        return None
    length = take.bone_lengths[wrist] * take.camera.focal / at[wrist, 2]
    pixels = take.camera.project(at[[elbow, wrist, knuckle]])
    # A forearm towards the camera has no direction in the picture; the hand then helps.
    way = pixels[2] - pixels[0]
    size = TUNING.look_size * length
    if size < TUNING.look_smallest or not np.linalg.norm(way) > 0:
        return None
    way = way / np.linalg.norm(way)
    centre = pixels[1] + TUNING.look_beyond * length * way
    return Region((float(centre[0]), float(centre[1])), float(size), float(np.arctan2(way[0], -way[1])))


def _look(session: Session, rgb: np.ndarray, region: Region, side: int) -> tuple[np.ndarray, float]:
    """((21, 3) metres in camera axes, presence 0..1); presence is 0 where the network sees the other hand."""
    image = crop(rgb, region, SIDE)[None] / np.float32(255)
    _, presence, handedness, world = session.run({"image": image})
    right = float(handedness[0, 0])
    wrong = right if SIDES[side] == "left" else 1.0 - right
    sure = 0.0 if wrong > TUNING.other_hand else float(presence[0, 0])
    return region.upright(world.reshape(HAND_POINTS, 3)), sure
