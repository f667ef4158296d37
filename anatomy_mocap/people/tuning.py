"""The numbers of this room that were chosen or measured, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Every field: its meaning, its unit, its origin."""

    # Detection (detect_people.py)
    detection_score: float = 0.1
    """Lowest score of a detection. Measured: it finds 96 % of the people; the keypoint network rejects the others."""

    # Keypoints (pose2d.py)
    refine_window: int = 3
    """Cells of the heatmap to each side that refine a landmark. Guessed."""
    refine_peak: float = 0.5
    """Lowest peak of the heatmap, in 0..1, that refines a landmark. Guessed."""
    outside_margin: float = 0.01
    """Distance from the picture, as a share of the region's size, from which on a point lies outside. Guessed."""
    outside_factor: float = 0.5
    """Factor on the score of a point outside the picture, which the network infers from the others. Guessed."""
    score_offset: float = 0.51
    score_slope: float = 0.87
    """Logistic regression of a landmark's score on the logit of its heatmap's peak. Measured on 4552 hand-labelled
    joints of sport pictures: area under the curve 0.77, against 0.59 for the network's own visibility."""

    # Times between two detections of everybody in the picture, frames (follow.py)
    frames_alone: int = 10
    """While nobody else is about. Guessed."""
    frames_in_company: int = 3
    """While others are about. Guessed."""
    frames_close: int = 1
    """While others are close. Guessed."""
    remember_close: int = 15
    """Frames for which a person who was close still counts as close. Guessed."""
    remember_others: int = 60
    """Frames for which a person who was seen still counts as about. Guessed."""

    # Decisions about the person (follow.py)
    touching: float = 0.02
    """Overlap of boxes above which they show parts of two people. Guessed."""
    close: float = 0.3
    """Margin, as a share of the body's size, within which people can swap places in a few frames. Guessed."""
    presence: float = 0.5
    """Lowest probability of a person by the keypoint network. Guessed."""
    lowest_score: float = 0.45
    """Lowest mean score of a person's keypoints. Guessed from measurements: people half outside the picture have more
    than 0.8, figures seen in shelves and scaffolds up to 0.6."""
    doubtful_score: float = 0.7
    """Mean score below which the detector is asked at once. Guessed from the same measurements."""
    misses: int = 3
    """Detections in a row without the person after which the person is lost. Guessed."""
    agreement: float = 0.3
    """Agreement above which a detection and a pose are the same person. Guessed."""
    strangeness: float = 0.1
    """Likeness below the threshold by which a person is certainly somebody else. Guessed."""
    cut: float = 0.5
    """Correlation with the previous picture below which a new shot begins. Guessed."""

    # Looks (same_person.py)
    new_look: float = 0.95
    """Likeness to all remembered looks below which a look is remembered. Guessed."""
    most_looks: int = 30
    """Most looks that are remembered. Guessed."""
    look_slack: float = 0.08
    """Likeness below the person's own lowest that still passes. Guessed."""
    look_limits: tuple[float, float] = (0.70, 0.90)
    """Limits of the threshold of likeness. Measured: other people in other clothes 0.4 to 0.75, in similar dark clothes
    up to 0.91."""


TUNING = Tuning()
"""The values in use."""
