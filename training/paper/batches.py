"""Random batches of windows, bags of frames and augmented bags."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anatomy_mocap.core.errors import MocapError

from .ablation_rows import Variant
from .length_augmentation import augmented_bag
from .videos import PaperBatch, Videos, length_frames, mirrored, mirrored_lengths, relative, window_frames

FRAMES_FOR_LENGTHS = 50
"""Frames in a bag: l of the paper."""


@dataclass(frozen=True)
class BatchSettings:
    """windows: of a batch. shared: windows of one video that share its bag of frames; the paper has 1, more is cheaper.
    padding: frames before and after the current one. bag: frames in a bag. flip: half of the videos mirrored.
    relative: keypoints as `videos.relative` gives them; the paper's are not."""

    windows: int = 1024
    shared: int = 1
    padding: tuple[int, int] = (40, 40)
    causal: bool = False
    bag: int = FRAMES_FOR_LENGTHS
    flip: bool = True
    relative: bool = False


class Sampler:
    """Draws batches; every frame of every video is equally likely as the current frame."""

    def __init__(self, videos: Videos, variant: Variant, settings: BatchSettings, seed: int) -> None:
        if variant.augmented and np.isnan(videos.lens).any():
            raise MocapError("bone length augmentation needs every video's camera, and some are unknown; "
                             "train without it (--no-augmented) or give files with absolute 3D positions")
        self.videos, self.variant, self.settings = videos, variant, settings
        self.rng = np.random.default_rng(seed)
        self.lengths = videos.lengths.astype(np.float32)
        self.share = videos.frames / videos.frames.sum()

    def draw(self) -> PaperBatch:
        """The next batch."""
        settings, videos, rng = self.settings, self.videos, self.rng
        one_each = self.variant.consecutive or settings.causal  # then the bag depends on the current frame
        shared = 1 if one_each else settings.shared
        # The same videos and frames for every variant, so that runs of one seed see the same data in the same order.
        owner = rng.choice(len(videos), settings.windows // settings.shared, p=self.share)
        flip = settings.flip & (rng.random(len(owner)) < 0.5)
        owner, flip = np.repeat(owner, settings.shared), np.repeat(flip, settings.shared)
        count = videos.frames[owner]
        frame = (rng.random(len(owner)) * count).astype(int)
        seed = rng.integers(2**63)
        at = videos.start[owner][:, None] + window_frames(frame, count, *settings.padding)
        now = videos.joints[videos.start[owner] + frame]
        bags = slice(None, None, shared)
        side = np.random.default_rng(seed)
        extra = self._bags(side, owner[bags], frame[bags], flip[bags])
        if settings.relative:
            extra = (extra[0], relative(extra[1]), extra[2], None if extra[3] is None else relative(extra[3]), extra[4])
        xy = relative(videos.xy[at]) if settings.relative else videos.xy[at]
        return PaperBatch(mirrored(xy, flip), mirrored(videos.score[at][..., None], flip)[..., 0],
                          mirrored(now - now[:, :1], flip), *extra)

    def _bags(self, rng: np.random.Generator, owner: np.ndarray, frame: np.ndarray, flip: np.ndarray):
        """lengths, bag_xy, bag_joints, extra_xy, extra_lengths of the batch."""
        videos, settings = self.videos, self.settings
        chosen = length_frames(
            rng, frame, videos.frames[owner], settings.bag, settings.causal, self.variant.consecutive)
        at = videos.start[owner][:, None] + chosen
        joints, lengths = videos.joints[at], self.lengths[owner]
        extra = (None, None)
        if self.variant.augmented:
            extra = augmented_bag(rng, joints, lengths, videos.lens[owner])
        return (mirrored_lengths(lengths, flip), mirrored(videos.xy[at], flip),
                mirrored(joints - joints[:, :, :1], flip), *extra)
