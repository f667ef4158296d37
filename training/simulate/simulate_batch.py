"""Batches for training: motion capture on random bodies, filmed by random cameras, seen by an imperfect detector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.detector_points import detector_points
from anatomy_mocap.lifting.lifter_input import normalise_rays

from ..mocap.dataset import LIFTER_FPS, MocapSet, directions_of
from ..mocap.joint_range_motion import freestyled
from ..mocap.mirror_and_tilt import mirrored, tilted
from ..mocap.mix_poses import hinged, mixed, perturbed
from ..mocap.pelvis_height import on_the_floor, staying
from ..mocap.postures import in_postures
from ..mocap.rare_poses import RarePoses
from ..mocap.straight_knees import stretched
from ..mocap.tuning import TUNING as MOTION
from . import detector_noise as noise
from .anthropometry import Bodies, draw_bodies, loosely_dressed
from .occlusion import hidden
from .tuning import TUNING
from .virtual_camera import Filmed, film

LEG = [MOCAP22.index(name) for name in ("left_knee", "left_ankle")]
"""Joints at the ends of a leg's bones."""
_SHOULDERS = [MOCAP22.index(name) for name in ("left_shoulder", "right_shoulder")]


Augmentation = Callable[[np.random.Generator, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Random generator, directions and positions (B, T, J, 3) -> the two, changed."""


@dataclass(frozen=True)
class SynthSettings:
    """Options of the simulator.

    chunks: of a video. frames: of a chunk, context included. noisy: 2D with errors, otherwise exact. augment: other
    speeds, motion backward in time, mirrored motion, poses that the set lacks, loose clothes, bodies `body_spread`
    times as varied as people. focal_spread: of the wrong focal length, logarithmic. shipped: share of the videos seen
    by the shipped detector. missing: factor of the chance of missing keypoints. exact: share of the videos with exact
    2D, marked by scores of 1.
    """

    chunks: int = 3
    frames: int = 144
    noisy: bool = True
    augment: bool = True
    body_spread: float = 1.05
    focal_spread: float = 0.2
    shipped: float = TUNING.shipped_share
    missing: float = 1.0
    exact: float = 0.0


@dataclass(frozen=True)
class Batch:
    """V videos of `chunks` chunks: B = V * chunks rows.

    xy: (B, T, K, 2) and score: (B, T, K), the network's input. directions: (B, T, J, 3) and up: (B, T, 3), in view
    axes. lengths: (B, J) metres. valid: (B, T) frames inside the clip with enough keypoints. bone_weight: (B, J).
    """

    xy: np.ndarray
    score: np.ndarray
    directions: np.ndarray
    up: np.ndarray
    lengths: np.ndarray
    valid: np.ndarray
    bone_weight: np.ndarray


@dataclass(frozen=True)
class Acted:
    """Motion of V people, B = V * chunks rows.

    positions: (B, T, J, 3) metres, world, of the recorded people; only the path and the legs' lengths are used.
    directions: (B, T, J, 3) of the bones in the new motion. inside: (B, T) bool, frames that the clip has. bone_weight:
    (B, J) reliability of each bone's direction. bodies: of the V people. exact: (V,) bool, whether their 2D is exact.
    """

    positions: np.ndarray
    directions: np.ndarray
    inside: np.ndarray
    bone_weight: np.ndarray
    bodies: Bodies
    exact: np.ndarray


def make_batch(rng: np.random.Generator, mocap: MocapSet, videos: int, settings: SynthSettings,
               rare: RarePoses | None = None, augmented: Augmentation | None = None) -> Batch:
    """A random batch of `videos` videos.

    rare: draws half of the chunks, those with rare poses. augmented: makes other poses of the recorded ones, in place
    of the augmentation of training, if `settings.augment` is on.
    """
    acted = act(rng, mocap, videos, settings, rare, augmented)
    bodies, exact = acted.bodies.rows(settings.chunks), np.repeat(acted.exact, settings.chunks)
    directions = acted.directions
    joints = body_joints(acted.positions, directions, bodies.lengths)
    camera = film(rng, joints[:, :, 0], bodies.height)
    rays, score = seen_by_detector(rng, camera, joints, bodies, settings, exact)
    hold = held_frames(acted.inside)
    rays, score = np.take_along_axis(rays, hold[..., None, None], 1), np.take_along_axis(score, hold[..., None], 1)
    if settings.focal_spread and settings.noisy:
        wrong = rng.normal(0, settings.focal_spread, videos) * (rng.random(videos) < TUNING.focal_wrong)
        guess = np.repeat(np.exp(wrong), settings.chunks)
        guess[exact] = 1.0
        rays = rays * guess[:, None, None, None].astype(np.float32)
    xy, score, view = normalise_rays(rays, score, LIFTER_FPS)
    turn = view @ camera.rotation
    valid = acted.inside & ((score > 0).sum(axis=-1) >= TUNING.fewest_keypoints)
    return Batch(xy.astype(np.float32), score.astype(np.float32),
                 (directions @ np.swapaxes(turn, -1, -2)).astype(np.float32), turn[..., :, 2].astype(np.float32),
                 bodies.lengths, valid, acted.bone_weight)


def act(rng: np.random.Generator, mocap: MocapSet, videos: int, settings: SynthSettings,
        rare: RarePoses | None = None, augmented: Augmentation | None = None) -> Acted:
    """The motion of people in `videos` random videos, before a camera films it; arguments as of `make_batch`."""
    clip, positions, inside = _motion(rng, mocap, videos, settings, rare)
    bodies = draw_bodies(rng, videos, settings.body_spread if settings.augment else 1.0, settings.shipped)
    exact = np.zeros(videos, dtype=bool)
    if settings.exact:
        exact = rng.random(videos) < settings.exact
    if settings.augment and settings.noisy:
        bodies = loosely_dressed(rng, bodies, np.where(exact, 0.0, TUNING.loose_share))
    directions = directions_of(positions)
    if settings.augment:
        directions, positions = (augmented or _augmented)(rng, directions, positions)
    weight = np.ones((len(clip), len(MOCAP22)), dtype=np.float32)
    weight[:, _SHOULDERS] = np.where(mocap.loose_shoulders[clip], TUNING.shoulder_weight, 1.0)[:, None]
    return Acted(positions, directions.astype(np.float32), inside, weight, bodies, exact)


def _augmented(rng: np.random.Generator, directions: np.ndarray,
               positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Directions and positions (of which only the root and the legs' lengths matter further on), augmented."""
    root = positions[:, :, 0]
    directions, root = mirrored(rng, directions, root)
    recorded = directions
    directions, low = in_postures(rng, perturbed(rng, hinged(rng, mixed(rng, stretched(rng, directions)))))
    directions, free = freestyled(rng, directions)
    root = on_the_floor(staying(rng, root, low), recorded, directions, bone_lengths(positions))
    directions, root = tilted(rng, directions, root, np.where(free, MOTION.tilted_free, MOTION.tilted_share))
    return directions, positions + (root - positions[:, :, 0]).astype(positions.dtype)[:, :, None]


def body_joints(positions: np.ndarray, directions: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Joints (B, T, J, 3) of a body with other lengths in the same poses; its path is scaled as its legs are.

    positions: (B, T, J, 3) of the recorded body, directions: (B, T, J, 3), lengths: (B, J) of the new body.
    """
    root = path_in_legs(positions) * lengths[:, LEG].sum(axis=1)[:, None, None]
    segments = lengths[:, None, :, None] * directions
    return root[:, :, None] + MOCAP22.ancestors.astype(np.float32) @ segments


def bone_lengths(positions: np.ndarray) -> np.ndarray:
    """Bone lengths (B, J) metres of the first frame of positions (B, T, J, 3); the pelvis' is 0."""
    parents = np.maximum(MOCAP22.parents, 0)
    return np.linalg.norm(positions[:, 0] - positions[:, 0, parents], axis=-1)


def path_in_legs(positions: np.ndarray) -> np.ndarray:
    """The pelvis' path (B, T, 3) in leg lengths of the recorded body, of positions (B, T, J, 3)."""
    leg = np.linalg.norm(np.diff(positions[:, 0, [LEG[0] - 1, *LEG]], axis=1), axis=-1).sum(axis=-1)
    return positions[:, :, 0] / np.maximum(leg, 0.3)[:, None, None]


class _Motion(NamedTuple):
    """B chunks: clip (B,) their clips' numbers, positions (B, T, J, 3) metres, inside (B, T) bool: frames that the
    clip has."""

    clip: np.ndarray
    positions: np.ndarray
    inside: np.ndarray


def _motion(rng: np.random.Generator, mocap: MocapSet, videos: int, settings: SynthSettings,
            rare: RarePoses | None) -> _Motion:
    """Random chunks of random clips for `videos` videos."""
    count, frames = videos * settings.chunks, settings.frames
    share = mocap.frames / mocap.frames.sum()
    clip = np.repeat(rng.choice(len(mocap), videos, p=share), settings.chunks)
    other = rng.random(count) < TUNING.other_clip
    clip = np.where(other, rng.choice(len(mocap), count, p=share), clip)
    speed = np.exp(rng.uniform(*np.log(TUNING.speed), count)) if settings.augment else np.ones(count)
    step = speed * mocap.fps / LIFTER_FPS
    centre = rng.uniform(0, mocap.frames[clip])  # of the chunk; so that a clip's ends are seen too
    if rare is not None:
        chosen = rng.random(count) < TUNING.rare_share
        clip[chosen], centre[chosen] = rare.draw(rng, int(chosen.sum()))
    if settings.augment:
        step = np.where(rng.random(count) < TUNING.backward, -step, step)
    first = centre - step * frames / 2
    at = first[:, None] + step[:, None] * np.arange(frames)
    inside = (at >= 0) & (at <= mocap.frames[clip][:, None] - 1)
    inside[:, frames // 2] = True
    return _Motion(clip, mocap.sample(clip, first, step, frames), inside)


def held_frames(inside: np.ndarray) -> np.ndarray:
    """(B, T) index of the frame to read: beyond a clip's ends the nearest frame inside, as the lifter pads."""
    frames = np.arange(inside.shape[1])
    first = inside.argmax(axis=1)
    last = inside.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)
    return np.clip(frames[None], first[:, None], last[:, None])


def seen_by_detector(rng: np.random.Generator, camera: Filmed, joints: np.ndarray, bodies: Bodies,
                     settings: SynthSettings, exact: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The detector's rays (B, T, K, 2) on z = 1 and scores (B, T, K).

    exact: (B,) bool, rows of exact points with score 1; only points too near to the camera and missing ones are left
    out.
    """
    height = bodies.height
    points = camera.see(detector_points(joints, bodies.offsets))
    body = camera.see(joints)
    depth = np.maximum(points[..., 2], 0.2)
    rays = points[..., :2] / depth[..., None]
    near = points[..., 2] < TUNING.too_near
    if not settings.noisy:
        return rays, np.where(near, 0.0, 1.0)
    size = height[:, None] / np.maximum(body[:, :, 0, 2], 0.5)
    covered = np.repeat(hidden(points[:, ::2], body[:, ::2], height), 2, axis=1)[:, : points.shape[1]]
    quality = np.exp(rng.normal(0, TUNING.clip_quality, len(rays)))
    quality = quality * np.where(bodies.shipped, 1.0, TUNING.other_detectors)
    left, right = MOCAP22.index("left_shoulder"), MOCAP22.index("right_shoulder")
    behind = body[..., left, 0] < body[..., right, 0]
    moved = rays + noise.errors(rng, covered, quality) * size[:, :, None, None]
    moved = noise.swapped(rng, moved, behind)
    off = np.linalg.norm(moved - rays, axis=-1) / size[:, :, None]
    outside = (np.abs(rays) > camera.half[:, None, None]).any(axis=-1)
    # What lies outside of the picture is lost, or guessed at its border with a low score.
    border = TUNING.border * camera.half[:, None, None]
    guessed = np.clip(moved, -border, border)
    moved = np.where(outside[..., None], guessed, moved)
    off = np.where(outside, TUNING.outside_error + np.linalg.norm(moved - rays, axis=-1) / size[:, :, None], off)
    score = noise.scores(rng, off, covered, bodies.shipped)
    dropped = outside & (rng.random((len(rays), 1, 1)) < TUNING.outside_dropped)
    low = (score < TUNING.low_score) & (rng.random((len(rays), 1, 1)) < TUNING.low_score_dropped)
    missing = settings.missing * np.where(bodies.shipped, *TUNING.missing)
    lost = near | noise.missing(rng, missing, rays.shape[1])
    gone = lost | dropped | low
    if exact is not None:
        moved, score = np.where(exact[:, None, None, None], rays, moved), np.where(exact[:, None, None], 1.0, score)
        gone = np.where(exact[:, None, None], lost, gone)
    return np.where(gone[..., None], 0.0, moved), np.where(gone, 0.0, score)
