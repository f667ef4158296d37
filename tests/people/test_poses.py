"""The poses of people who turn, stand before each other, or are taken for each other."""

from concurrent.futures import Future

import numpy as np
import pytest

from anatomy_mocap.people import poses
from anatomy_mocap.people.crop import Region, crop
from anatomy_mocap.people.detect_people import Detection
from anatomy_mocap.people.looks_at_one import Frame, Networks, at_sighting, in_region
from anatomy_mocap.people.pose2d import COCO_FROM_33, Pose2D
from anatomy_mocap.people.sightings import Sighting
from anatomy_mocap.people.tracks import Track
from anatomy_mocap.people.tuning import TUNING
from tests.people.test_watch import Clip, finish, watch

RGB = np.zeros((400, 400, 3), dtype=np.uint8)
BODY = np.random.default_rng(0).uniform(-0.5, 0.5, (33, 2)) * (60, 200)


def pose(x, y=200.0, score=0.8, angle=0.0, region=None):
    """A body around a place; the same one wherever it is."""
    own = Region((x, y), 250.0, angle)
    return Pose2D(BODY + (x, y), np.full(33, score), 1.0, region or own, own, np.zeros((33, 3)))


def detection(x, y=200.0, keypoint_score=0.5):
    xy = (BODY + (x, y))[COCO_FROM_33]
    return Detection(np.array([x - 30, y - 100, x + 30, y + 100]), 0.5, xy, np.full(17, keypoint_score))


class Network:
    """Answers each look with what a function of the region tells."""

    def __init__(self, answer):
        self.answer, self.regions = answer, []

    def estimate(self, rgb, region):
        self.regions.append(region)
        return self.answer(region)

    def mirrored(self, rgb, region):
        return self.answer(region)


def sighted(x, frame=0):
    return Track([Sighting(frame, detection(x), np.zeros((2, 3, 16)), True)])


def test_somebody_alone_who_turns_upside_down_is_never_lost(man):
    """A real man in a picture that makes a full turn, as in a cartwheel: the same pose in every frame, turned."""
    def turned(rgb, angle):
        square = crop(rgb, Region((360.0, 360.0), 720.0, angle), 720)
        return np.clip(square.transpose(1, 2, 0) + 0.5, 0, 255).astype(np.uint8)

    frames, angles = [man[i] for i in range(85, 103)], np.radians(20) * np.arange(18)
    still = finish(watch(Clip(frames), "cpu"))[1].people[0].keypoints
    (one,) = finish(watch(Clip([turned(f, a) for f, a in zip(frames, angles, strict=True)]), "cpu", "all"))[1].people
    assert (one.keypoints.score.max(axis=1) > 0).all(), "no frame is lost"
    torso = [11, 12, 23, 24]
    for frame, angle in enumerate(angles):
        back = Region((360.0, 360.0), 720.0, angle).to_picture(one.keypoints.xy[frame, torso] / 720)
        assert np.linalg.norm(back - still.xy[frame, torso], axis=-1).max() < 60, frame


def test_the_detector_speaks_only_for_a_pose_that_it_sees():
    """Legs read as arms with a fair score, while the detector sees something else: the turned look is taken."""
    upside_down = Detection(detection(200).box, 0.5, detection(200).xy[::-1], np.full(17, 0.53))
    network = Network(lambda region: pose(200, score=0.92 if abs(region.angle - np.pi) < 0.5 else 0.75,
                                          angle=np.pi if abs(region.angle - np.pi) < 0.5 else 0.0))
    found = at_sighting(Frame(RGB, upside_down, ()), Networks(network, network))
    assert found.score.mean() == pytest.approx(0.92)
    network.regions.clear()
    at_sighting(Frame(RGB, detection(200, keypoint_score=0.53), ()), Networks(network, network))
    assert all(region.angle < 2 for region in network.regions), "here it sees the same pose"


@pytest.mark.parametrize("look", [at_sighting, in_region])
def test_who_is_read_in_anothers_place_is_looked_at_from_aside(look):
    """In a region with two people the network reads the front one, until the region is moved away from them."""
    front, back = detection(200), detection(165)
    network = Network(lambda region: pose(165 if region.centre[0] < 155 else 200, region=region))
    frame = Frame(RGB, back, (front,))
    more = () if look is at_sighting else (Region((190.0, 200.0), 250.0),)
    found = look(frame, Networks(network, network), *more)
    np.testing.assert_allclose(found.xy, BODY + (165, 200))
    alone = Network(lambda region: pose(200, region=region))
    assert look(frame, Networks(alone, alone), *more) is None, "every look shows the other one"


def test_points_of_two_people_are_nobodys():
    """Two looks at people who touch, which contradict each other."""
    network = Network(lambda region: pose(165, score=0.6))
    network.mirrored = lambda rgb, region: pose(240, score=0.6)
    alone = in_region(Frame(RGB, detection(165), ()), Networks(network, network), Region((165.0, 200.0), 250.0))
    assert alone is not None and alone.score.max() < 0.2
    frame = Frame(RGB, detection(165), (detection(205),))
    assert in_region(frame, Networks(network, network), Region((165.0, 200.0), 250.0)) is None


def test_a_turn_ends_where_the_scores_tell(monkeypatch):
    """Somebody turns over between two sightings: the reading from one end is the better one up to frame 6 of 8."""
    def looked(picture, networks, region, weaker=False):
        number, upright = int(picture.rgb[0, 0, 0]), abs(region.angle) < 1
        return pose(200, score=0.9 if (number <= 6) == upright else 0.7, angle=region.angle)

    monkeypatch.setattr(poses, "in_region", looked)
    ends = []
    for angle in (0.0, np.pi):
        job = Future()
        job.set_result(pose(200, angle=angle))
        ends.append(job)
    frames = [(n, Frame(np.full((2, 2, 3), n, dtype=np.uint8), None, ())) for n in range(1, 9)]
    found = poses._between(frames, *ends, None, Networks(None, None))
    assert sorted(found) == list(range(1, 9))
    assert [round(found[n].region.angle) for n in sorted(found)] == [0] * 6 + [3] * 2


def test_a_pose_of_two_people_stays_with_who_was_there():
    """B's sighting shows A, as where the detector sees both as one: A's points go on, and B has a gap."""
    a, b = {n: pose(100) for n in range(6)}, {n: pose(300) for n in range(6)}
    b[3] = pose(100)
    kept = poses.without_twins([a, b], [sighted(100, frame=0), sighted(100, frame=3)])
    assert sorted(kept[0]) == list(range(6)) and sorted(kept[1]) == [0, 1, 2, 4, 5]
    b[3] = pose(110)
    assert 3 not in poses.without_twins([a, b], [sighted(100), sighted(300)])[1], "nearly there, after a jump"
    close = {n: pose(110) for n in range(6)}
    assert sorted(poses.without_twins([a, close], [sighted(100), sighted(110)])[1]) == list(range(6)), "two who hug"
    assert TUNING.same_body < 10 / 250 < TUNING.like_body
