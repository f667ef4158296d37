"""All figures of a take, or of an animated rig, by name: what the command `measure` prints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from ..animation.animate import AS_IT_IS, CleanUp, animate_and_tell
from ..core.motion import Motion
from ..core.skeleton import MOCAP22
from ..core.soles import foot_points
from ..core.take import Take
from ..scene_frames import frame_ranges, scene_frames
from ..take_facts import low_spans
from ..touch.contacts import find_contacts
from .floor_depth import depths, lowest_points
from .lengths import joint_lengths, length_deviation
from .pops import Pop, direction_pops, root_pops, rotation_pops
from .reprojection import reprojection_errors
from .slide import slide_steps, standing_points
from .smoothness import differences, mean_or_zero
from .tuning import TUNING

_NAMES = MOCAP22.joint_names


@dataclass(frozen=True)
class Played:
    """An animated rig as evaluated, T frames.

    joints: (T, 22, 3) metres, Z up, the floor at 0. motion: the same as a Motion, for its contacts. turns:
    (T, B, 3, 3) rotations of its bones, by their names. lengths: (T, L) metres of limb bones by the names in
    `limb_names`. frames: (T,) scene frames. lowest: (T,) metres, the lowest point of its meshes; None where it has
    none.
    """

    joints: np.ndarray
    motion: Motion
    turns: np.ndarray
    names: tuple[str, ...]
    lengths: np.ndarray
    limb_names: tuple[str, ...]
    frames: np.ndarray
    lowest: np.ndarray | None = None


def motion_figures(joints: np.ndarray, contacts: np.ndarray, fps: float, pops: list[Pop],
                   lengths: np.ndarray, names: tuple[str, ...], lowest: np.ndarray | None = None
                   ) -> dict[str, float | int | str | None]:
    """The figures of one motion; None for the slide where no foot stands.

    joints: (T, 22, 3) metres, Z up. contacts: (T, 2) bool, [left, right]. fps: frames per second. pops: of its bones
    and its hips. lengths: (T, L) metres of bones by L names. lowest: (T,) metres, the body's lowest point; None takes
    joints with radii.
    """
    points = foot_points(joints)
    slide = slide_steps(points, standing_points(points, contacts), fps)
    below = depths(lowest_points(joints) if lowest is None else lowest)
    deviation = length_deviation(lengths)
    return {
        "slide_mean_mm": _rounded(slide.mean()) if len(slide) else None,
        "slide_median_mm": _rounded(np.median(slide)) if len(slide) else None,
        "feet_in_contact_percent": _rounded(100 * np.mean(contacts)),
        "below_floor_95_mm": _rounded(np.percentile(below, 95)), "below_floor_worst_mm": _rounded(below.max()),
        "acceleration_m_s2": _rounded(mean_or_zero(differences(joints, fps, 2)), 2),
        "jerk_m_s3": _rounded(mean_or_zero(differences(joints, fps, 3)), 1),
        "pops": len(pops),
        "length_deviation_percent": _rounded(deviation.max(), 2),
        "length_deviation_bone": names[int(deviation.argmax())] if deviation.max() > 0.005 else "",
    }


def take_report(take: Take, smoothing: float, grounding: float, more: CleanUp = AS_IT_IS) -> dict:
    """The figures of a take as captured, and of its motion as `retarget` would hand it on with these settings.

    smoothing, grounding, more: see `animate`. The feet's contacts are those that ground it, for both. Frames
    are scene frames, as keys have them.
    """
    joints = take.joint_positions()
    motion, found, _ = animate_and_tell(take, smoothing, grounding, more)
    contacts = found.feet
    cleaned = motion.joint_positions()
    turns = Rotation.from_quat(motion.rotations.reshape(-1, 4), scalar_first=True).as_matrix()
    raw = direction_pops(take.directions[:, 1:], _NAMES[1:], take.fps) + root_pops(joints[:, 0], take.fps)
    pops = rotation_pops(turns.reshape(len(take), -1, 3, 3), _NAMES, take.fps) \
        + root_pops(motion.root_positions, take.fps)
    off = reprojection_errors(take)
    frames = np.round(scene_frames(take.times, take.fps)).astype(int)
    return {
        "frames": len(take), "fps": round(take.fps, 3),
        "captured": motion_figures(joints, contacts, take.fps, raw, joint_lengths(joints), _NAMES[1:]),
        "cleaned_up": motion_figures(cleaned, contacts, take.fps, pops, joint_lengths(cleaned), _NAMES[1:]),
        "reprojection_percent_of_height": {"median": _rounded(np.median(off), 2),
                                           "95": _rounded(np.percentile(off, 95), 2)} if len(off) else None,
        "doubtful_frames": frame_ranges(low_spans(take), float(take.times[0]), take.fps),
        "confidence_mean": _rounded(take.confidence[:, 1:].mean(), 3),
        "pops_captured": named(raw, frames), "pops_cleaned_up": named(pops, frames),
        "warnings": list(take.info.get("warnings", [])),
    }


def rig_report(played: Played) -> dict:
    """The figures of an animated rig as evaluated; depth below the floor by its meshes, where it has some."""
    fps = played.motion.fps
    pops = rotation_pops(played.turns, played.names, fps) + root_pops(played.joints[:, 0], fps)
    return {
        "frames": len(played.joints), "fps": round(fps, 3),
        "evaluated": motion_figures(played.joints, find_contacts(played.motion).feet, fps, pops, played.lengths,
                                    played.limb_names, played.lowest),
        "depth_of": "meshes" if played.lowest is not None else "joints with the radii of a body",
        "pops_evaluated": named(pops, played.frames.astype(int)),
    }


def named(pops: list[Pop], frames: np.ndarray) -> list[dict]:
    """The largest pops by scene frame and bone, in the order of the frames. frames: (T,) int."""
    def size(pop: Pop) -> float:
        return pop.size / (TUNING.pop_move if pop.bone == "hips" else TUNING.pop_turn)

    chosen = sorted(sorted(pops, key=size, reverse=True)[:TUNING.pops_named])
    return [{"frame": int(frames[pop.frame]), "bone": pop.bone,
             **({"cm": _rounded(100 * pop.size)} if pop.bone == "hips" else {"degrees": _rounded(pop.size)})}
            for pop in chosen]


def _rounded(value: float, digits: int = 1) -> float:
    return round(float(value), digits)
