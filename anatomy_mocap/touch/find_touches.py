"""Run the contact network on a take."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from ..core.soles import PARTS
from ..core.take import Take
from ..networks.onnx_session import Session, open_session
from .features import features, frame_times

OUTPUTS = ("heel", "toe", "hand", "knee", "seat", "back")
"""What the network says of each side; seat and back are the mean of both sides."""


def with_touches(take: Take) -> Take:
    """The take with `contacts`: how likely each of PARTS touches the floor.

    Raises MocapError where the model is missing or damaged.
    """
    return replace(take, contacts=touches(take, _session()))


def touches(take: Take, session: Session) -> np.ndarray:
    """(T, 10) in 0..1, in the order of PARTS, of a take's T frames. session: of models/contacts.onnx."""
    (found,) = session.run({"features": features(take)})
    left, right = found
    both = found.mean(axis=0)
    columns = [left[:, 0], left[:, 1], right[:, 0], right[:, 1], left[:, 2], right[:, 2], left[:, 3], right[:, 3],
               both[:, 4], both[:, 5]]
    assert len(columns) == len(PARTS)
    own, times = np.arange(len(take)) / take.fps, frame_times(take)
    chances = np.stack([np.interp(own, times, column) for column in columns], axis=1)
    return np.clip(np.nan_to_num(chances, nan=0.0), 0.0, 1.0)  # a take far out of this world says nothing


@lru_cache(maxsize=1)
def _session() -> Session:
    return open_session("contacts", "cpu", threads=1)
