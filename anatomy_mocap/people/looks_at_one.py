"""The pose of one person in one frame: as many looks of the keypoint network as it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .crop import Region
from .detect_people import Detection
from .pose2d import COCO_FROM_33, Pose2D, PoseEstimator, is_person, seed_region
from .same_person import agreement, overlap
from .tuning import TUNING


@dataclass(frozen=True)
class Networks:
    """The keypoint networks of a quality.

    best: for doubt. usual: for the frames in which it agrees with the best one, see `agree`. mirrored: every look is
    taken twice, the second time mirrored.
    """

    best: PoseEstimator
    usual: PoseEstimator
    mirrored: bool = False


@dataclass(frozen=True)
class Frame:
    """One picture and what is known of the people there.

    rgb: (H, W, 3) uint8. own: where the person is expected, if that is known. others: where everybody else is.
    Pixels of this picture.
    """

    rgb: np.ndarray
    own: Detection | None
    others: tuple[Detection, ...]


def at_sighting(frame: Frame, networks: Networks, weaker: bool = False) -> Pose2D | None:
    """The pose of a person whom the detector saw in this frame, or None where the network sees nobody there.

    weaker: as for `in_region`.
    """
    if weaker:
        pose = _settled(frame, networks.usual, seed_region(frame.own))
        if _is_good(pose, frame) and _is_upright(pose, frame.own):
            return _certain(_finished(pose, frame, networks), frame)
    pose = _settled(frame, networks.best, seed_region(frame.own))
    if not _is_them(pose, frame) and (aside := _beside_others(frame, networks.best)):
        return _finished(aside, frame, networks)
    found = [pose]
    if not (_is_them(pose, frame) and _is_upright(pose, frame.own)):
        middle = tuple(map(float, frame.own.centre))
        for quarter in (1, 2, 3):
            region = Region(middle, TUNING.turned_look * frame.own.size, pose.next_region.angle + quarter * np.pi / 2)
            found.append(_settled(frame, networks.best, region))
    found = [p for p in found if _is_them(p, frame)]
    return _certain(_finished(max(found, key=_mean_score), frame, networks), frame) if found else None


def _is_upright(pose: Pose2D, own: Detection) -> bool:
    """Whether a pose is certainly no upside-down reading of the body: legs are easily taken for raised arms, with
    high scores, but a look from the right side has still higher ones. The detector may speak for a pose only if it
    sees the same one."""
    return (_mean_score(pose) >= TUNING.upright_score
            or _mean_score(pose) >= TUNING.doubtful_score and own.keypoint_score.mean() >= TUNING.upright_detection
            and agreement(pose.xy[COCO_FROM_33], pose.score[COCO_FROM_33], own) >= TUNING.upright_agreement)


def in_region(frame: Frame, networks: Networks, region: Region, weaker: bool = False, first: Pose2D | None = None
              ) -> Pose2D | None:
    """The pose of a person who is expected in a region, or None where the network sees nobody like that there.

    weaker: the usual network may be asked; else the best one is. first: what that network sees in the region, if it
    has looked there already.
    """
    network = networks.usual if weaker else networks.best
    pose = _settled(frame, network, region, first)
    if network is not networks.best and not _is_good(pose, frame):
        pose = _settled(frame, networks.best, region)
    if not _is_them(pose, frame):
        aside = _beside_others(frame, networks.best, region)
        return _finished(aside, frame, networks) if aside else None
    return _certain(_finished(pose, frame, networks), frame)


def agree(frame: Frame, pose: Pose2D, networks: Networks) -> bool:
    """Whether the usual network sees a person as the best one does. pose: by the best one."""
    other = networks.usual.estimate(frame.rgb, pose.region)
    if not _is_good(other, frame):
        return False
    apart = np.linalg.norm(other.xy - pose.xy, axis=-1)[pose.score > TUNING.landmark_score] / pose.region.size
    return bool(len(apart) and np.percentile(apart, 90) < TUNING.weaker_apart)


def _beside_others(frame: Frame, network: PoseEstimator, expected: Region | None = None) -> Pose2D | None:
    """The pose of a person beside or behind others, from looks at the person's box that are moved away from the
    nearest of them; None where every look shows somebody else. In a region with two people the network reads the one
    whom it sees better. expected: the region to look at where no box is known.
    """
    own = frame.own
    if own is not None and (near := _near(frame)):
        angle = round(seed_region(own).angle / (np.pi / 2)) * np.pi / 2
        region = Region(tuple(map(float, own.centre)), TUNING.aside_region * own.size, angle)
        found = [p for p in _aside(frame, network, region, own.size, near)
                 if agreement(p.xy[COCO_FROM_33], p.score[COCO_FROM_33], own) > TUNING.agreement]
    elif own is None and expected is not None and frame.others:
        found = [p for p in _aside(frame, network, expected, expected.size, frame.others)
                 if not is_off(expected, p.next_region)]
    else:
        return None
    return max(found, key=_mean_score, default=None)


def _aside(frame: Frame, network: PoseEstimator, region: Region, size: float, others: Sequence[Detection]
           ) -> list[Pose2D]:
    """The person's poses in a region that is moved by shares of a size, pixels, away from the nearest of the others."""
    centre = np.array(region.centre)
    away = centre - min((d.centre for d in others), key=lambda c: float(np.linalg.norm(c - centre)))
    away = size * away / max(float(np.linalg.norm(away)), 1e-9)
    looks = [network.estimate(frame.rgb, replace(region, centre=tuple(map(float, centre + share * away))))
             for share in TUNING.aside]
    return [p for p in looks if _is_them(p, frame)]


def _near(frame: Frame) -> list[Detection]:
    """The others whose boxes touch the person's."""
    return [d for d in frame.others if overlap(d.box, frame.own.box) > TUNING.touching] if frame.own else []


def _certain(pose: Pose2D, frame: Frame) -> Pose2D | None:
    """The pose, but None where two looks at people who touch contradict each other: it may be made of both."""
    return pose if _mean_score(pose) >= TUNING.lowest_in_company or not _near(frame) else None


def _settled(frame: Frame, network: PoseEstimator, region: Region, first: Pose2D | None = None) -> Pose2D:
    """The pose in a region, after a second look where that region was not the person's own or the score is low."""
    pose = first or network.estimate(frame.rgb, region)
    if not (pose.is_there and pose.next_region.size > TUNING.smallest_region):
        return pose
    if _mean_score(pose) < TUNING.doubtful_score or is_off(region, pose.next_region):
        again = network.estimate(frame.rgb, pose.next_region)
        if _mean_score(again) >= _mean_score(pose) - TUNING.own_region:
            return again
    return pose


def _finished(pose: Pose2D, frame: Frame, networks: Networks) -> Pose2D:
    """The pose after a mirrored look, if the quality asks for one or the score is low."""
    if pose.presence < TUNING.presence:
        pose = replace(pose, score=TUNING.absent_factor * pose.score)
    if not networks.mirrored and _mean_score(pose) >= TUNING.doubtful_score:
        return pose
    network = networks.best if _mean_score(pose) < TUNING.doubtful_score else networks.usual
    return merged(pose, network.mirrored(frame.rgb, pose.region))


def _mean_score(pose: Pose2D) -> float:
    return float(pose.score.mean())


def merged(pose: Pose2D, mirrored: Pose2D) -> Pose2D:
    """Two looks at one region as one: points averaged by score, scores lowered where the looks differ."""
    if not mirrored.is_there:
        return pose
    weight = (mirrored.score / np.maximum(pose.score + mirrored.score, 1e-9))[:, None]
    apart = np.linalg.norm(pose.xy - mirrored.xy, axis=-1) / pose.region.size
    score = (pose.score + mirrored.score) / 2 * np.exp(-(apart / TUNING.disagree) ** 2)
    return replace(pose, xy=pose.xy + weight * (mirrored.xy - pose.xy), score=score,
                   world=(pose.world + mirrored.world) / 2)


def is_off(region: Region, own: Region) -> bool:
    """Whether a region is not the person's own, but so far from it that keypoints suffer."""
    away, ratio, angle = TUNING.region_off
    turn = abs(np.angle(np.exp(1j * (region.angle - own.angle))))
    return bool(np.hypot(region.centre[0] - own.centre[0], region.centre[1] - own.centre[1]) > away * own.size
                or abs(np.log(region.size / own.size)) > ratio or turn > np.radians(angle))


def _is_good(pose: Pose2D, frame: Frame) -> bool:
    return _is_them(pose, frame) and _mean_score(pose) >= TUNING.doubtful_score


def _is_them(pose: Pose2D, frame: Frame) -> bool:
    """Whether a pose is a person, and not rather one of the others."""
    if not is_person(pose, frame.rgb) or frame.own is None and _mean_score(pose) < TUNING.unseen_score:
        return False
    coco, score = pose.xy[COCO_FROM_33], pose.score[COCO_FROM_33]
    theirs = max((agreement(coco, score, other) for other in frame.others), default=0.0)
    own = agreement(coco, score, frame.own) if frame.own else 0.0
    return theirs <= max(own, TUNING.agreement)
