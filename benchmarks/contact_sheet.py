"""Draws contact sheets: video frames with 2D keypoints above renders of the character from the same side."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import av
import bpy
import numpy as np
from mathutils import Matrix
from PIL import Image, ImageDraw

LEFT, RIGHT, MIDDLE = (255, 140, 0), (0, 170, 255), (240, 240, 240)
LIMBS = [("shoulder", "elbow"), ("elbow", "wrist"), ("wrist", "knuckle"), ("hip", "knee"), ("knee", "ankle"),
         ("ankle", "toe"), ("ankle", "heel"), ("shoulder", "hip")]


def draw_keypoints(picture: Image.Image, keypoints, frame: int, names: tuple[str, ...]) -> None:
    """Draw one frame's canonical keypoints: the person's left orange, right blue; faint at low scores."""
    draw = ImageDraw.Draw(picture, "RGBA")
    at = {name: (tuple(keypoints.xy[frame, i]), keypoints.score[frame, i]) for i, name in enumerate(names)}
    radius = max(2, round(max(picture.size) / 200))
    pairs = [(f"{side}_{a}", f"{side}_{b}") for side in ("left", "right") for a, b in LIMBS]
    pairs += [("left_shoulder", "right_shoulder"), ("left_hip", "right_hip")]
    for a, b in pairs:
        (pa, sa), (pb, sb) = at[a], at[b]
        if min(sa, sb) > 0:
            draw.line([pa, pb], fill=(*_colour(a, b), int(60 + 195 * min(sa, sb))), width=radius)
    for name, (point, score) in at.items():
        if score > 0:
            x, y = point
            draw.ellipse([x - radius, y - radius, x + radius, y + radius],
                         fill=(*_colour(name, name), int(60 + 195 * score)))


def _colour(a: str, b: str) -> tuple[int, int, int]:
    sides = {name.partition("_")[0] for name in (a, b)}
    return {("left",): LEFT, ("right",): RIGHT}.get(tuple(sides), MIDDLE)


def video_frames(path: Path, times: list[float]) -> list[Image.Image]:
    """Return the video's pictures at `times` (seconds, ascending)."""
    found: list[Image.Image] = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        half = 0.5 / float(stream.average_rate or 25)
        first = None
        for frame in container.decode(stream):
            first = frame.time if first is None else first
            while len(found) < len(times) and frame.time - first + half >= times[len(found)]:
                found.append(Image.fromarray(frame.to_ndarray(format="rgb24")))
            if len(found) == len(times):
                break
    return found


def add_camera(scene, camera, world_from_camera: np.ndarray, scale: float, pan: float = 0.0, around=(0.0, 0.0)):
    """Add a Blender camera at the position of the take's camera, scaled like the character's path.

    pan: angle in radians by which the camera orbits the point `around` (X, Y of the unscaled world), for a second view.
    """
    data = bpy.data.cameras.new("Take camera")
    data.sensor_fit, data.sensor_width = "HORIZONTAL", 36.0
    data.lens = camera.focal * 36.0 / camera.width
    data.clip_end = 1000
    view = bpy.data.objects.new("Take camera", data)
    matrix = np.array(world_from_camera, dtype=float)
    matrix[:3, 1:3] *= -1  # Blender's camera looks along -Z with Y up
    turn = np.eye(4)
    turn[:2, :2] = [[math.cos(pan), -math.sin(pan)], [math.sin(pan), math.cos(pan)]]
    turn[:2, 3] = np.array(around) - turn[:2, :2] @ around
    matrix = turn @ matrix
    matrix[:3, 3] *= scale
    view.matrix_world = Matrix(matrix.tolist())
    scene.collection.objects.link(view)
    scene.camera = view
    return view


def add_floor(size: float = 12.0, step: float = 0.5) -> None:
    """Add a checkerboard at Z = 0, on which sinking and sliding are visible."""
    count = round(size / step)
    points, faces, shades = [], [], []
    for row in range(count):
        for column in range(count):
            x, y, start = (column * step - size / 2), (row * step - size / 2), len(points)
            points += [(x, y, 0), (x + step, y, 0), (x + step, y + step, 0), (x, y + step, 0)]
            faces.append((start, start + 1, start + 2, start + 3))
            shades.append((row + column) % 2)
    mesh = bpy.data.meshes.new("Floor")
    mesh.from_pydata(points, [], faces)
    for shade in (0.30, 0.42):
        material = bpy.data.materials.new("Floor")
        material.diffuse_color = (shade, shade, shade, 1)
        mesh.materials.append(material)
    mesh.polygons.foreach_set("material_index", shades)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Floor", mesh))


def set_up_workbench(scene, width: int, height: int) -> None:
    """Set the scene to Workbench, which renders in the bpy module without a display."""
    render, shading = scene.render, scene.display.shading
    render.engine = "BLENDER_WORKBENCH"
    render.resolution_x, render.resolution_y, render.resolution_percentage = width, height, 100
    render.image_settings.file_format = "PNG"
    scene.view_settings.view_transform = "Standard"
    shading.light, shading.color_type = "STUDIO", "MATERIAL"
    shading.show_shadows, shading.show_cavity, shading.shadow_intensity = True, True, 0.4
    scene.display.light_direction = (0.3, 0.4, 0.85)
    if scene.world is None:
        scene.world = bpy.data.worlds.new("World")
    shading.background_type, shading.background_color = "VIEWPORT", (0.75, 0.78, 0.82)


def render_frames(scene, frames: list[float]) -> list[Image.Image]:
    """Render one picture a scene frame."""
    pictures = []
    with tempfile.TemporaryDirectory() as folder:
        for number, frame in enumerate(frames):
            scene.frame_set(int(frame), subframe=frame - int(frame))
            scene.render.filepath = str(Path(folder) / f"{number:04d}.png")
            bpy.ops.render.render(write_still=True)
            pictures.append(Image.open(scene.render.filepath).convert("RGB"))
    return pictures


def grid(rows: list[list[Image.Image]], captions: list[str], cell: int) -> Image.Image:
    """Arrange rows of pictures, each scaled to a height of `cell` pixels, with one caption a column."""
    scaled = [[p.resize((round(p.width * cell / p.height), cell)) for p in row] for row in rows]
    widths = [max(row[i].width for row in scaled) for i in range(len(captions))]
    sheet = Image.new("RGB", (sum(widths) + 4 * (len(widths) - 1), len(rows) * (cell + 4) + 16), (30, 30, 30))
    draw = ImageDraw.Draw(sheet)
    x = 0
    for column, width in enumerate(widths):
        draw.text((x + 4, 2), captions[column], fill=(230, 230, 230))
        for row, pictures in enumerate(scaled):
            sheet.paste(pictures[column], (x + (width - pictures[column].width) // 2, 16 + row * (cell + 4)))
        x += width + 4
    return sheet
