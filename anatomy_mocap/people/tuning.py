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
    first_region: float = 1.5
    """Half side of a detected person's region, in distances from the hips to the farthest keypoint. Measured on the
    demo's video, against the regions that the keypoint network gives."""
    box_region: float = 1.35
    """Side of that region, in longer sides of the box, where the hips or shoulders are not seen. Guessed."""
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

    # Looking over the clip (sightings.py)
    look_every: float = 0.36
    """Seconds between two looks at everybody where nothing happens. Guessed."""
    look_finest: float = 0.08
    """Seconds between two looks at least. Guessed."""
    lively_move: float = 0.3
    """Move between two looks, see `nearness`, above which a look between them is taken. Guessed."""
    close_by: float = 0.2
    """Margin, as a share of a box's longer side, within which somebody else makes a scene lively. Guessed."""
    sure_detection: float = 0.25
    """Score of a detection from which on it needs no second opinion. Guessed."""
    turned_tries: int = 2
    """Looks at the turned picture for a person who is not found there either. Guessed."""
    turned_region: float = 1.6
    """Side of the square of such a look, in sizes of the person. Guessed."""
    tile: float = 0.5
    """Side of the squares in which small people are looked for, in longer sides of the picture. Chosen: a person of 80
    pixels in a film of 1280 is 16 high in the detector's picture and is missed for seconds, and 32 high in a square."""
    tile_fill: float = 0.25
    """Size of a person, in sides of such a square, up to which it is not left to the look at the whole picture; also
    by how much the squares overlap. Guessed."""
    tiles_every: float = 2.0
    """Seconds between two such looks where somebody is seen; where nobody is, at every look. Guessed."""
    same_detection: float = 0.7
    """Overlap of boxes from which on two detections show one person. Guessed."""
    same_small: float = 0.3
    """Overlap of boxes from which on somebody found in a part of the picture is known already. Guessed."""
    same_pose: float = 0.6
    """Agreement from which on two detections show one person. Guessed."""
    touching: float = 0.02
    """Overlap of boxes above which they show parts of two people. Guessed."""
    cut: float = 0.5
    """Correlation with the previous picture below which a new shot begins. Guessed."""

    remember_others: float = 2.0
    """Seconds before and after somebody else was seen in which a person counts as in company. Guessed."""

    # Joining sightings to people (tracks.py)
    reach_at_once: float = 0.25
    reach_a_second: float = 1.5
    """Most distance between the expected place and the real one, in body sizes: at once, and more with every second.
    Guessed: a runner crosses three body sizes a second, and the expectation knows most of it."""
    out_of_sight: float = 0.8
    """Seconds without a sighting up to which a track goes on. Guessed."""
    speed_over: float = 0.6
    keep_speed: float = 0.8
    """Seconds over which the speed of a track is taken, and for which it is expected to go on. Guessed."""
    most_growth: float = 2.0
    """Ratio of sizes between two looks that is the limit. Guessed: who sits down or lies down changes by that."""
    join_cost: float = 1.5
    """Cost from which on two pieces are rather two people. Guessed."""
    join_margin: float = 0.4
    """Cost by which another pair has to be worse before two sightings are joined at once. Guessed."""
    doubt_margin: float = 0.4
    """Cost by which two people who changed places have to be worse, else the take has a warning. Guessed."""
    long_gap: float = 1.5
    """Seconds without a sighting after which somebody may come back anywhere. Guessed."""
    known_sightings: int = 2
    """Sightings from which on somebody can be known again after a long gap. Guessed."""
    most_known: int = 500
    """People who are compared over long gaps; it bounds the time that a crowd takes. Chosen."""
    looks_over_gap: float = 1.0
    looks_over_long_gap: float = 1.4
    long_gap_cost: float = 0.2
    """Cost of different looks over a short and a long gap, and of a long gap itself. Guessed."""
    same_look: float = 0.93
    other_look: float = 0.80
    """Likeness of the same person's looks, and the usual limit to others'. Measured: other people in other clothes 0.4
    to 0.75, in similar dark clothes up to 0.91."""

    # Keypoints over the clip (poses.py)
    landmark_score: float = 0.3
    """Lowest score of the network's keypoint that counts for agreement. Guessed."""
    agreement_width: float = 0.06
    """Distance of two keypoints, as a share of the box's longer side, at which their agreement is 0.61. Guessed."""
    agreement: float = 0.3
    """Agreement above which a detection and a pose are the same person. Guessed."""
    smallest_region: float = 16.0
    """Smallest side of a person's region, pixels. Guessed."""
    fewest_inside: int = 5
    """Fewest keypoints of a person inside the picture. Guessed."""
    presence: float = 0.5
    """Lowest probability of a person by the keypoint network. Guessed."""
    lowest_score: float = 0.45
    """Lowest mean score of a person's keypoints. Guessed from measurements: people half outside the picture have more
    than 0.8, figures seen in shelves and scaffolds up to 0.6."""
    doubtful_score: float = 0.7
    """Mean score below which the person is looked at again. Guessed from the same measurements."""
    region_off: tuple[float, float, float] = (0.12, 0.25, 20.0)
    """Distance of the centres in sizes, logarithm of the ratio of sizes, and angle in degrees, above which a region
    is not the person's own and is corrected. Measured on the demo's video: regions off by so much move keypoints by
    0.4 % of the region, the network's own noise by 0.26 %."""
    unseen_score: float = 0.6
    """The same where the detector did not see the person. Guessed."""
    absent_factor: float = 0.5
    """Factor on the scores of a pose that the network itself holds to be nobody. Guessed: seen where it takes the back
    of a body for its front."""
    upright_score: float = 0.87
    upright_detection: float = 0.5
    """Mean score of the keypoints, and of the detector's, from which on the person is not looked at upside down as
    well. Measured on ten rendered clips: handstands read as standing have up to 0.84 and 0.39, seen from the right
    side 0.89 to 0.92."""
    upright_agreement: float = 0.5
    """Agreement of the detector's keypoints with a pose from which on they speak for it. Measured on a rendered
    handstand: read as standing, the detector's mean score was 0.53 and its agreement at most 0.37; guessed between
    that and the 0.8 and more of people who stand."""
    own_region: float = 0.05
    """Mean score by which a look at the person's own region may be lower than the one before. Guessed."""
    aside: tuple[float, ...] = (0.1, 0.2)
    aside_region: float = 1.2
    """Moves of a look away from somebody else who is read in the person's place, and the side of its region, in sizes
    of the person's box. Measured on five rendered clips of people who cross: such looks show the person in 14 of 17
    frames, the regions from the detector's keypoints in 4."""
    lowest_in_company: float = 0.3
    """Mean score of two looks together, where somebody else is touched, below which they show no one person. Guessed
    from measurements: 0.01 to 0.35 where points lie on two people."""
    turned_look: float = 1.25
    """Side of the region of a person who may be upside down or lying, in sizes of the box. Guessed."""
    interpolated: tuple[float, float] = (0.6, 75.0)
    """Distance of the centres in sizes, and degrees, up to which the regions between two looks are interpolated. Where
    they differ by more, each is taken from the frame beside it. Guessed."""
    weaker_apart: float = 0.06
    """Distance, as a share of the region, of the keypoints of the weaker network from those of the better one in the
    same frame (at the 90th percentile), above which the better one sees the frames that follow. Guessed."""
    compare_every: float = 1.0
    """Seconds after which the two networks are compared again. Guessed."""
    same_body: float = 0.03
    like_body: float = 0.06
    """Distance of the keypoints of two poses (median), as a share of the region, up to which they show one body, and up
    to which they do where one of the two has jumped there. Guessed."""
    moved_frames: int = 8
    moved_apart: float = 0.08
    """Frames back to a person's pose, and the difference of two people's moves since theirs, as a share of the region,
    from which on a pose that both have belongs to who moved less. Guessed."""
    picture_side: int = 1280
    person_pixels: float = 320.0
    """Pixels of the longer side of a picture, and of a person there, that are enough for the keypoints; larger
    pictures are scaled down. Chosen: the network sees a person in 256."""
    lost_frames: int = 3
    """Frames in a row without a person after which a person is not followed any further. Guessed."""
    disagree: float = 0.06
    """Distance of the keypoints of two looks at a person, as a share of the region, that lowers their score to 0.37.
    Measured on thirteen rendered clips, where the scores of both looks together told right points best."""

    # Left and right (left_right.py)
    exchange: float = 0.14
    """Mean distance of two limbs' keypoints, in body sizes (both sides together), that has to speak for a change of
    left and right between two frames. Guessed."""
    exchanged_frame: float = 0.012
    """The same for each frame with exchanged sides: of two readings the one with fewer of them wins. Guessed."""
    exchanged_factor: float = 0.8
    """Factor on the scores of exchanged keypoints. Guessed."""


TUNING = Tuning()
"""The values in use."""
