"""The numbers of this room that were chosen or measured, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Every field: its meaning, its unit, its origin."""

    # Detection (detect_people.py)
    detection_score: float = 0.1
    """Lowest score of a detection. Measured: it finds 96 % of the people; the keypoint network rejects the others."""

    seen_score: float = 0.15
    """Lowest score of the detector's keypoint that counts as seen. Guessed."""

    # Keypoints (pose2d.py)
    first_region: float = 1.35
    """Half side of a detected person's region, in distances from the hips to the farthest keypoint. Guessed."""
    next_region: float = 1.25
    """Half side of the next frame's region, in radii of the network's circle around the person. MediaPipe's own."""
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

    # Decisions about the person (follow.py, same_person.py)
    landmark_score: float = 0.3
    """Lowest score of the network's keypoint that counts for a person's box and for agreement. Guessed."""
    agreement_width: float = 0.06
    """Distance of two keypoints, as a share of the box's longer side, at which their agreement is 0.61. Guessed."""
    same_detection: float = 0.7
    """Overlap of boxes from which on two detections show one person. Guessed."""
    same_place: float = 0.3
    """Overlap of boxes above which a detection can take the place of a doubtful pose. Guessed."""
    smallest_region: float = 16.0
    """Smallest side of a person's region, pixels. Guessed."""
    fewest_inside: int = 5
    """Fewest keypoints of a person inside the picture. Guessed."""
    lost_reach: tuple[float, float, float] = (0.2, 0.03, 1.0)
    """Distance within which a lost person counts as near, in body sizes: at once, more with each frame, at most.
    Guessed."""
    lost_sizes: tuple[float, float] = (0.6, 1.67)
    """Relative sizes between which a lost person counts as near. Guessed."""
    near_strangeness: float = 1.5
    """Share of `strangeness` by which a person who is near may look different. Guessed."""
    away_cost: float = 0.2
    """Likeness that a distance of one body size outweighs. Guessed."""
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
