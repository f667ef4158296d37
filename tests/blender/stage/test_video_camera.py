"""The take's camera: what it sees lies where the take's own camera has it, and the video keeps step with the scene."""

from __future__ import annotations

from dataclasses import replace

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

from anatomy_mocap.blender.retarget_onto import build_take_armature
from anatomy_mocap.blender.stage.video_camera import find_camera, show_video
from anatomy_mocap.core.camera import Camera
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.settings import OF_TAKES, KeySettings
from tests.support import moving_bodies as bodies
from tests.support.blender_scenes import empty_file
from tests.support.video_clips import write_clip

RAW = replace(OF_TAKES, smoothing=0.0, ground=0.0, repair=False, palms=False, doubt=0.0, limits=False)


@pytest.fixture(autouse=True)
def _empty():
    empty_file()


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "walk.mp4"
    write_clip(path, [np.full((48, 64, 3), 10 * index, np.uint8) for index in range(20)], rate=25)
    return path


def take_with(camera: Camera, frames: int = 20):
    return take_from_positions(bodies.random_poses(frames, 3), 25.0, camera=camera)


def seen(camera: bpy.types.Object, place, picture: Camera, scene) -> np.ndarray:
    """Pixels of the take's picture at which Blender's camera sees a place of the world."""
    x, y, _ = world_to_camera_view(scene, camera, Vector(place))
    aspect, theirs = scene.render.resolution_x / scene.render.resolution_y, picture.width / picture.height
    # The picture fills the camera's frame over one side, and lies in its middle over the other.
    width, height = (1.0, aspect / theirs) if aspect <= theirs else (theirs / aspect, 1.0)
    return np.array([(x - 0.5) / width + 0.5, 0.5 - (y - 0.5) / height]) * (picture.width, picture.height)


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1080), (720, 1280)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("picture", [
    Camera.from_fov(640, 480), Camera.from_fov(360, 640), Camera(640, 480, 500.0, 300.0, 260.0)],
    ids=["landscape", "portrait", "off centre"])
def test_the_armature_lies_over_the_person_in_the_picture(video, picture, size):
    """Head, hips and ankles within two pixels of the take's own projection, in all frames, at any render size."""
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = size
    take = take_with(picture)
    armature = build_take_armature(take, "walk", RAW, KeySettings())
    camera = show_video(take, "walk", video, scene)
    wanted = picture.project(take.joint_positions("camera"))
    for number, frame in enumerate(range(scene.frame_start, scene.frame_end + 1)):
        scene.frame_set(frame)
        posed = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        for joint in ("head", "left_hip", "right_hip", "left_ankle", "right_ankle"):
            place = posed.matrix_world @ posed.pose.bones[joint].tail
            off = seen(camera, place, picture, scene) - wanted[number, take.joint_names.index(joint)]
            assert np.abs(off).max() < 2.0, (joint, frame, off)


def shown_picture(camera, scene, frame: int) -> int:
    """The number, from 1, of the picture that Blender shows at a frame: its own rule for the frames of an image."""
    scene.frame_set(frame)
    data = camera.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    user = data.background_images[0].image_user
    inside = min(max(frame - user.frame_start + 1, 1), user.frame_duration)
    return inside + user.frame_offset


@pytest.mark.parametrize("fps", [25, 50, 24, 12])
def test_the_video_keeps_step_with_a_scene_of_any_rate(video, fps):
    scene = bpy.context.scene
    scene.render.fps = fps
    camera = show_video(take_with(Camera.from_fov(64, 48)), "walk", video, scene)
    for picture in (0, 1, 7, 19):
        frame = round(1 + picture / 25 * fps)
        assert abs(shown_picture(camera, scene, frame) - 1 - (frame - 1) / fps * 25) <= 0.5


def test_the_first_picture_lies_where_the_motion_was_moved(video):
    scene = bpy.context.scene
    scene.render.fps = 25
    camera = show_video(take_with(Camera.from_fov(64, 48)), "walk", video, scene, first=101.0)
    assert [shown_picture(camera, scene, frame) for frame in (101, 102, 120)] == [1, 2, 20]


def test_a_second_time_sets_up_the_same_camera(video):
    scene, take = bpy.context.scene, take_with(Camera.from_fov(64, 48))
    first = show_video(take, "walk", video, scene)
    again = show_video(take, "walk", video, scene, first=5.0)
    assert first == again == find_camera(scene, "walk") and len(again.data.background_images) == 1
    assert len(again.data.animation_data.drivers) == 1
    assert show_video(take, "run", video, scene) != first, "another take has a camera of its own"
    assert {item.name for item in scene.collection.children} == {"Mocap walk", "Mocap run"}


@pytest.mark.parametrize("content", [None, b"no video"])
def test_a_file_that_is_no_video_makes_nothing(tmp_path, content):
    path = tmp_path / "walk.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MocapError, match=r"walk\.mp4: .*; choose"):
        show_video(take_with(Camera.from_fov(64, 48)), "walk", path, bpy.context.scene)
    assert not bpy.data.cameras and not bpy.data.movieclips


def test_a_take_of_pictures_shows_their_sequence(tmp_path):
    from PIL import Image

    for index in range(3):
        Image.new("RGB", (64, 48), (80 * index, 0, 0)).save(tmp_path / f"shot_{1001 + index}.png")
    scene = bpy.context.scene
    scene.render.fps = 25
    camera = show_video(take_with(Camera.from_fov(64, 48)), "shot", tmp_path / "shot_1001.png", scene)
    assert camera.data.background_images[0].image.source == "SEQUENCE"
    assert [shown_picture(camera, scene, frame) for frame in (1, 2, 3)] == [1001, 1002, 1003]


def test_sides_have_colours_and_lie_in_front():
    armature = build_take_armature(take_with(Camera.from_fov(64, 48)), "walk", RAW, KeySettings())
    colours = {name: armature.data.bones[name].color.palette for name in ("left_knee", "right_knee", "spine")}
    assert len(set(colours.values())) == 3 and armature.show_in_front
    assert [item.name for item in armature.users_collection] == ["Mocap walk"]
