"""The chosen numbers of the room sparse_keys, each with its meaning, unit and origin."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Numbers that a measurement or a judgement set; no formula gives them."""

    slope_pull: float = 1e-3
    """Weight with which a fitted slope keeps to that of the data, beside one frame; guessed."""
    value_pull: float = 1e-3
    """Weight with which a fitted value keeps to that of the data, beside one frame; guessed."""
    share_pull: float = 1e-6
    """Weight with which the share of a handle keeps to a third, beside one frame and a change by the whole range of
    the channel; guessed."""
    least_share: float = 0.08
    """Shortest handle, as a share of its segment; guessed."""
    share_step: float = 0.2
    """Largest change of a share in one round of the fit; guessed."""
    damping: float = 0.3
    """Damping of the first round of the fit of handles, as a share of the diagonal. Chosen on takes: with less, as few
    keys take more rounds."""
    fit_gain: float = 2.2
    """Allowed error of a curve with the data's own values and slopes, in multiples of that of the fitted curve: 2 in
    theory, for keys at even distances; chosen for the fewest keys on takes."""
    evenness: float = 0.02
    """Cost of the largest allowed error of a segment, in keys; guessed."""
    longest: int = 240
    """Frames of the longest segment; guessed."""
    length_steps: int = 24
    """Segments of up to this many frames are tried in all lengths, longer ones in steps that grow; guessed."""
    hopeless: float = 4.0
    """Multiple of the allowed error at which longer segments from the same frame are no longer tried; guessed."""
    refits: int = 3
    """Fits with the same keys, in which large errors count more each time, before keys are added. Chosen on takes."""
    trials: int = 4
    """Fits of one choice of keys, in which frames with large errors count more each time. Chosen on takes."""
    push: float = 1.5
    """Power of a frame's error, in multiples of the allowed one, by which its weight grows from fit to fit; guessed."""
    handle_rounds: int = 5
    """Rounds of each fit of the lengths of handles. Chosen on takes: more gain little."""
    windows: int = 4
    """Keys from one key that is tried to the next, where handles of other lengths make up for it; guessed."""
    handle_passes: int = 3
    """How often each key is tried in that way. Chosen on takes."""
    hopeless_window: float = 1.5
    """Error, in multiples of the allowed one, at which a key is given up after a first fit without it. Chosen on
    takes."""
    most_rounds: int = 30
    """Rounds in which keys are added where the error is too large; then every frame is a key. Guessed."""
    root_share: float = 0.7
    """Allowed error of the body's root, as a share of that at the ends of its limbs; chosen for the fewest keys."""
    most_aim: float = 0.4
    """Largest turn by which a bone makes up for the errors of its parents, as a share of the allowed one; guessed."""
    least_room: float = 0.2
    """Share of a joint's allowed error that is left to its own bone at least; guessed."""
    extreme_turn: float = 20.0
    """Degrees by which a bone must swing to and from a turning point that is kept as a key; guessed."""
    extreme_place: float = 0.05
    """The same for a bone's path, as a share of the rig's size; guessed."""
    euler_turn: float = 1.2
    """Radians of turn for a change of 1 radian of Euler angles; 1 to 1.4, by the pose. Guessed."""


TUNING = Tuning()
