"""Builds small scenes for the Blender tests: empty files, armatures, keys and takes."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import numpy as np
from scipy.spatial.transform import Rotation

from anatomy_mocap.blender.keys.key_places import write_curves
from anatomy_mocap.blender.keys.keyframes import bone_curves, clear_unkeyed, key_frames, require_editable
from anatomy_mocap.core.camera import Camera
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.keypoints import Keypoints2D
from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.core.take import Take
from anatomy_mocap.retargeting.retarget import BoneKeys
from anatomy_mocap.settings import KeySettings


def empty_file() -> None:
    """Open a file without objects. Registered add-ons stay registered."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


def make_armature(names=("hips", "spine", "head"), modes=()) -> bpy.types.Object:
    """Build a chain of upright bones, each the child of the one before; `modes` are their rotation modes."""
    data = bpy.data.armatures.new("Rig")
    armature = bpy.data.objects.new("Rig", data)
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    parent = None
    for index, name in enumerate(names):
        bone = data.edit_bones.new(name)
        bone.head, bone.tail, bone.roll = (0.05 * index, 0, index), (0.1, 0.2, index + 0.7), 0.3 * index
        bone.parent, parent = parent, bone
    bpy.ops.object.mode_set(mode="OBJECT")
    for name, mode in zip(names, modes, strict=False):
        armature.pose.bones[name].rotation_mode = mode
    return armature


def make_keys(names, frames: int, seed: int = 0, turns: float = 2.0) -> BoneKeys:
    """Make BoneKeys that rotate every bone smoothly, far enough to cross signs and branches of all rotation modes."""
    rng = np.random.default_rng(seed)
    phase = np.linspace(0, 2 * np.pi * turns, frames)[:, None, None] + rng.uniform(0, 6, (len(names), 3))
    vectors = 2.6 * np.sin(phase * rng.uniform(0.5, 1.0, (len(names), 3)))
    flat = Rotation.from_rotvec(vectors.reshape(-1, 3)).as_quat()
    rotations = np.roll(flat, 1, axis=-1).reshape(frames, len(names), 4)
    locations = 0.3 * np.sin(phase[:, 0])
    return BoneKeys(tuple(names), rotations, names[0], locations)


def write_keys(armature, keys, take, name: str = "take", destination: str = "NEW"):
    """Key an armature with ready BoneKeys at the times of a take, as `perform` does; returns the action."""
    require_editable(armature)
    curves, frames = bone_curves(armature, keys), key_frames(take.times, bpy.context.scene)
    action, _ = write_curves(armature, curves, frames, name, KeySettings(destination))
    clear_unkeyed(armature, keys)
    return action


def times_of(frames: int, fps: float, start: float = 0.0) -> SimpleNamespace:
    """Return the fields of a take that the timing reads."""
    return SimpleNamespace(fps=fps, times=start + np.arange(frames) / fps)


def make_take(frames: int = 12, fps: float = 25.0, low: int = 0) -> Take:
    """Make a take of a person in a T-pose who sways and lifts the left arm; the first `low` frames have low confidence.
    """
    lengths = np.array([0, .12, .42, .42, .2, .12, .42, .42, .2, .25, .25, .1, .1, .2,
                        .18, .28, .25, .09, .18, .28, .25, .09])
    world = np.tile(rest_directions(), (frames, 1, 1))
    lift = np.linspace(0, 0.8, frames)
    arm = [MOCAP22.index(f"left_{part}") for part in ("elbow", "wrist", "knuckle")]
    world[:, arm] = np.stack([np.cos(lift), np.zeros(frames), np.sin(lift)], axis=-1)[:, None]
    camera_from_world = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    world_from_camera = np.eye(4)
    world_from_camera[:3, :3], world_from_camera[:3, 3] = camera_from_world.T, (0, -3, 0.95)
    root = np.stack([0.1 * np.sin(lift), np.zeros(frames), np.full(frames, 3.0)], axis=-1)
    times = np.arange(frames) / fps
    camera = Camera.from_fov(640, 480)
    xy = camera.project(MOCAP22.joint_positions(lengths, world @ camera_from_world.T, root))[:, :1]
    keypoints = Keypoints2D(np.tile(xy, (1, len(CANONICAL), 1)), np.ones((frames, len(CANONICAL))), CANONICAL.name,
                            fps, times, 640, 480, exact=True)
    confidence = np.ones((frames, len(MOCAP22)))
    confidence[:low] = 0.1
    return Take(MOCAP22.joint_names, MOCAP22.parents, fps, times, lengths, world @ camera_from_world.T, root,
                world_from_camera, keypoints, confidence, camera,
                {"source": "made.mp4", "warnings": ["something was assumed"], "seconds": {"keypoints": 1.5}},
                origin="lifted" if low else "known")


def curves_of(armature, action=None):
    """Return {(data path, index): F-curve} of an action's slot for this armature."""
    action = action or armature.animation_data.action
    slot = armature.animation_data.action_slot if action == armature.animation_data.action else action.slots[0]
    bag = action.layers[0].strips[0].channelbag(slot)
    return {(curve.data_path, curve.array_index): curve for curve in bag.fcurves}


def values_of(curve) -> tuple[np.ndarray, np.ndarray]:
    """Return (frames, values) of an F-curve's keys."""
    points = np.empty(2 * len(curve.keyframe_points))
    curve.keyframe_points.foreach_get("co", points)
    return points[0::2], points[1::2]
