"""People in motion, kept on the device and filmed many times: by other cameras, on other bodies."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch

from anatomy_mocap.core.skeleton import MOCAP22

from ...mocap.dataset import LIFTER_FPS
from ..device_random import Chance
from ..ring_buffer import Ring
from ..simulate_batch import LEG, Acted, Batch, SynthSettings, held_frames, path_in_legs
from ..tuning import TUNING
from .camera import film
from .detector import seen_by_detector
from .time_series import held
from .view import normalise_rays


@dataclass(frozen=True)
class Parcel:
    """V videos of n chunks from `Acted`, in the form in which they are sent and stored.

    directions: (V, n, T, J, 3) half precision. path: (V, n, T, 3) of the pelvis, in leg lengths. hold: (V, n, T) the
    frame to read where a clip has ended. inside: (V, n, T). bone_weight: (V, n, J). Of the bodies height (V,), lengths
    (V, J), offsets (V, K, 3), shipped (V,), exact (V,).
    """

    directions: np.ndarray
    path: np.ndarray
    hold: np.ndarray
    inside: np.ndarray
    bone_weight: np.ndarray
    height: np.ndarray
    lengths: np.ndarray
    offsets: np.ndarray
    shipped: np.ndarray
    exact: np.ndarray

    @classmethod
    def of(cls, acted: Acted) -> Parcel:
        """The parcel of `acted`."""
        bodies, videos = acted.bodies, len(acted.exact)
        of_chunks = (acted.directions.astype(np.float16), path_in_legs(acted.positions).astype(np.float32),
                     held_frames(acted.inside).astype(np.int16), acted.inside, acted.bone_weight)
        return cls(*(value.reshape(videos, -1, *value.shape[1:]) for value in of_chunks),
                   bodies.height, bodies.lengths, bodies.offsets, bodies.shipped, acted.exact)


_OF_BODIES = ("height", "lengths", "offsets", "shipped", "exact")


class Crowd(Ring):
    """The people of the last `capacity` videos, on a device."""

    def add(self, parcel: Parcel) -> None:
        """Take in a parcel in place of the oldest."""
        self.take_in({field.name: torch.from_numpy(getattr(parcel, field.name)) for field in fields(parcel)})

    def film(self, chance: Chance, videos: int) -> Batch:
        """Film `videos` random motions on other random bodies, as the detector sees them; a Batch of tensors."""
        which, whose = chance.integers(self.filled, videos), chance.integers(self.filled, videos)
        motion = {name: value[which].flatten(0, 1) for name, value in self.kept.items() if name not in _OF_BODIES}
        chunks = len(motion["path"]) // videos
        height, lengths, offsets, shipped, exact = (
            self.kept[name][whose].repeat_interleave(chunks, 0) for name in _OF_BODIES)
        directions = motion["directions"].float()
        directions = directions / torch.linalg.vector_norm(directions, dim=-1, keepdim=True).clamp(min=1e-6)
        root = motion["path"] * lengths[:, LEG].sum(1)[:, None, None]
        ancestors = torch.from_numpy(MOCAP22.ancestors).to(directions)
        joints = root[:, :, None] + ancestors @ (lengths[:, None, :, None] * directions)
        camera = film(chance, root, height)
        rays, score = seen_by_detector(chance, camera, joints, height, offsets, shipped, exact)
        hold = motion["hold"].long()
        rays, score = held(rays, hold), held(score, hold)
        wrong = chance.normal(0, SynthSettings.focal_spread, videos)
        wrong = wrong * (chance.uniform(0, 1, videos) < TUNING.focal_wrong)
        guess = torch.where(exact, 1.0, torch.exp(wrong).repeat_interleave(chunks))
        xy, view = normalise_rays(rays * guess[:, None, None, None], score, LIFTER_FPS)
        turn = view @ camera.rotation
        valid = motion["inside"] & ((score > 0).sum(-1) >= TUNING.fewest_keypoints)
        return Batch(xy, score, directions @ turn.mT, turn[..., :, 2], lengths, valid, motion["bone_weight"])
