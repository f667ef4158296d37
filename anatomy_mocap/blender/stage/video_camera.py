"""The camera that filmed a take, with the video as its background, in step with the scene's frames."""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

from ...core.errors import MocapError
from ...core.take import Take
from .collections import collection_of, is_of, mark

_SENSOR = 36.0
"""Millimetres of the sensor over the side that the camera is fitted to; only its ratio to the focal length counts."""
_ALPHA = 0.8
"""Opacity of the video; chosen: the floor's grid shows through."""


def find_camera(scene: bpy.types.Scene, name: str) -> bpy.types.Object | None:
    """The camera of the take `name` in a scene."""
    return next((item for item in scene.objects if item.type == "CAMERA" and is_of(item, name)), None)


def show_video(take: Take, name: str, video: Path, scene: bpy.types.Scene, first: float = 1.0, scale: float = 1.0
               ) -> bpy.types.Object:
    """The take's camera in the scene, with the video behind; an earlier one of this take is set up anew.

    first: scene frame of the video's first picture. scale: size of a character's path over that of the person's.
    MocapError names a video that Blender cannot read; nothing is made then.
    """
    image, rate = _load(video)
    camera = find_camera(scene, name)
    if camera is None:
        camera = bpy.data.objects.new(f"Mocap Camera {name}", bpy.data.cameras.new(f"Mocap Camera {name}"))
        mark(camera, name)
        collection_of(scene, name).objects.link(camera)
    _set_lens(camera.data, take, scene)
    matrix = np.array(take.world_from_camera, dtype=float)
    matrix[:3, 1:3] *= -1  # Blender's camera looks along -Z, its Y points up
    matrix[:3, 3] *= scale
    camera.matrix_world = Matrix(matrix.tolist())
    _set_background(camera.data, image, rate if image.source == "MOVIE" else take.fps, scene, first)
    return camera


def _load(video: Path) -> tuple[bpy.types.Image, float]:
    """The video as an image, and its frames per second; a folder of pictures or one of them as their sequence."""
    if not video.exists():
        raise MocapError(f"{video}: no such file; choose the video that the take was captured from")
    try:
        clip = bpy.data.movieclips.load(str(video))
    except RuntimeError as error:
        raise MocapError(f"{video}: Blender can't show this file; choose a video") from error
    rate, size = clip.fps, tuple(clip.size)
    bpy.data.movieclips.remove(clip)
    if not all(size) or (video.suffix.lower() in bpy.path.extensions_movie and rate <= 0):
        raise MocapError(f"{video}: Blender can't show this file; choose a video, or one picture of a sequence")
    image = bpy.data.images.load(str(video), check_existing=True)
    if image.source != "MOVIE":
        image.source = "SEQUENCE"
    return image, rate


def _set_lens(data: bpy.types.Camera, take: Take, scene: bpy.types.Scene) -> None:
    """Give the camera the take's angle of view: over that side of the picture that fills the scene's own picture."""
    seen, render = take.camera, scene.render
    aspect = render.resolution_x * render.pixel_aspect_x / (render.resolution_y * render.pixel_aspect_y)
    wide = aspect <= seen.width / seen.height
    side = seen.width if wide else seen.height
    data.sensor_fit = "HORIZONTAL" if wide else "VERTICAL"
    data.sensor_width = data.sensor_height = _SENSOR
    data.lens = seen.focal / side * _SENSOR
    data.shift_x, data.shift_y = (seen.width / 2 - seen.cx) / side, (seen.cy - seen.height / 2) / side
    data.clip_end = max(data.clip_end, 1000.0)


def _set_background(data: bpy.types.Camera, image: bpy.types.Image, rate: float, scene: bpy.types.Scene,
                    first: float) -> None:
    """Show the picture of each scene frame's time. A driver finds it, since video and scene may differ in their rates.

    rate: frames per second of the pictures.
    """
    sequence = image.source == "SEQUENCE"
    ratio = rate / (scene.render.fps / scene.render.fps_base)
    while len(data.background_images):
        data.background_images.remove(data.background_images[0])
    data.driver_remove("background_images[0].image_user.frame_offset")
    background = data.background_images.new()
    background.source, background.image, background.frame_method = "IMAGE", image, "FIT"
    background.alpha, background.display_depth = _ALPHA, "BACK"
    data.show_background_images = True
    user, start = background.image_user, math.floor(first)
    pictures = image.frame_duration if not sequence else 1_000_000
    user.frame_start, user.frame_duration = start, max(1, math.ceil(pictures / ratio) + 1)
    user.use_auto_refresh = True
    # Blender shows picture (frame - start + 1 + offset), counted from 1; of a sequence, the file of that number.
    number = _number_of(image) - 1 if sequence else 0
    driver = user.driver_add("frame_offset").driver
    driver.expression = f"round((frame - {first:g}) * {ratio:.9g}) - frame + {start + number}"


def _number_of(image: bpy.types.Image) -> int:
    """The number in the name of a sequence's first picture."""
    digits = ""
    for letter in reversed(Path(image.filepath).stem):
        if not letter.isdigit():
            if digits:
                break
            continue
        digits = letter + digits
    return int(digits or 1)
