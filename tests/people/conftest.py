"""Pictures for the tests of detection and tracking."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anatomy_mocap.sources.video import open_video

VIDEOS = Path(__file__).parents[1] / "data" / "videos"


def frames_of(name: str, wanted) -> dict[int, np.ndarray]:
    """Return frames of a bundled video by number."""
    wanted = set(wanted)
    return {i: rgb for i, (_, rgb) in enumerate(open_video(VIDEOS / name)) if i in wanted}


@pytest.fixture(scope="session")
def man() -> dict[int, np.ndarray]:
    """Return frames of the demo video, 720 x 720: a man in black sits at 85 and stands with spread arms at 118."""
    return frames_of("bodypose3d_cam0.mp4", [*range(50, 122)])


@pytest.fixture(scope="session")
def woman() -> np.ndarray:
    """Return one frame of the other video, 576 x 576: a woman with raised arms in a bright room."""
    return frames_of("tfjs_pose_1.mp4", [50])[50]


@pytest.fixture(scope="session")
def empty_room(man) -> np.ndarray:
    """Return the demo's room without the man: the right part of a frame, mirrored to fill the width of 720."""
    right = man[85][:, 400:]
    return np.concatenate([right[:, ::-1], right, right[:, :-81:-1]], axis=1)


@pytest.fixture(scope="session")
def labels() -> dict[int, dict[int, tuple[int, int]]]:
    """Return points of two demo frames, read by eye to about 15 px: frame -> MediaPipe index -> x, y."""
    return {
        85: {0: (274, 223), 11: (340, 275), 12: (200, 280), 13: (367, 355), 14: (173, 355), 16: (207, 450),
             25: (347, 450), 26: (237, 450), 27: (352, 592), 28: (237, 597), 31: (381, 654), 32: (216, 666)},
        118: {0: (318, 46), 13: (474, 126), 14: (134, 119), 15: (559, 130), 16: (40, 113), 25: (350, 445),
              26: (261, 445), 27: (348, 557), 28: (249, 569)},
    }
