"""The chosen numbers of the room measuring, each with its meaning, unit and origin."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Numbers that a judgement set; no formula gives them."""

    rate: float = 25.0
    """Frames per second for which the slide of feet is stated; chosen, the rate of the published figures."""
    pop_turn: float = 20.0
    """Degrees by which the turn of a bone within one frame leaves that of its neighbours in a pop. Chosen: in CMU's
    recordings at 25 frames a second it is 9 in 1000 frames, of 21 bones, nearly all toes and hands; at 8 degrees 35."""
    pop_move: float = 0.05
    """Metres by which the step of the hips within one frame leaves that of its neighbours in a pop. Chosen: 0.2 in 1000
    frames there."""
    pop_times: float = 6.0
    """Times the usual such deviation around it that a pop has at least; guessed."""
    pop_seconds: float = 0.5
    """Seconds to either side of a frame in which that usual deviation is taken; guessed."""
    pops_named: int = 20
    """Pops that a report names, the largest first; the rest is counted. Chosen."""


TUNING = Tuning()
"""The values in use."""
