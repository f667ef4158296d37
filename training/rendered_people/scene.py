"""Draw frames with Blender's Workbench, without a display. Only this module uses bpy, and not on import."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anatomy_mocap.core.errors import MocapError

from ..mocap.made_up_acts import Stool
from .clothes import Surface
from .filming import View


@dataclass(frozen=True)
class Look:
    """room: "room", "plain", "checker" or "lawn". light: (3,) direction. exposure: stops. shaded: drop shadows and
    smooth edges (five times slower). seed: of the room's colours. seat: a stool, or None.
    """

    room: str
    light: tuple[float, float, float]
    exposure: float
    shaded: bool
    seed: int
    seat: Stool | None = None
    smooth: bool = False


def draw_look(rng: np.random.Generator) -> Look:
    """A random room and light."""
    side, front = rng.uniform(-0.8, 0.8), rng.uniform(-0.3, 0.9)
    return Look(str(rng.choice(["room", "plain", "checker", "lawn"])), (float(side), float(front), 0.8),
                float(rng.uniform(0.1, 1.1)), bool(rng.random() < 0.06), int(rng.integers(1 << 30)))


def check_blender() -> None:
    """Raises MocapError if Blender is not installed as a module."""
    if importlib.util.find_spec("bpy") is None:
        raise MocapError("bpy, Blender as a Python module, is not installed; pip install bpy, in the version that "
                         "pyproject.toml names for this Python")


def draw_frames(surface: Surface, vertices: np.ndarray, view: View, world_from_camera: np.ndarray,
                look: Look) -> Iterator[np.ndarray]:
    """Pictures (height, width, 3) uint8 of vertices (T, M, 3), one after the other."""
    yield from draw_bodies([Body(surface, vertices)], view, world_from_camera, look, vertices.mean(axis=(0, 1)))


@dataclass(frozen=True)
class Body:
    """One of the people to draw. vertices: (T, M, 3) metres, world axes. present: (T,) bool, the frames in which the
    person is in the scene; None for all."""

    surface: Surface
    vertices: np.ndarray
    present: np.ndarray | None = None


def draw_bodies(bodies: list[Body], view: View, world_from_camera: np.ndarray, look: Look,
                centre: np.ndarray) -> Iterator[np.ndarray]:
    """Pictures (height, width, 3) uint8 of all bodies in one room, one after the other.

    world_from_camera: (T, 4, 4). centre: (3,) the middle of the floor; the wall stands behind it as seen from the first
    camera.
    """
    import bpy

    scene = _scene(bpy, view, look)
    # A camera that looks up may stand below the floor: it is laid lower then.
    low = min(0.0, float(world_from_camera[:, 2, 3].min()) - 0.3)
    for name, corners, faces, colours in _surroundings(look, centre, world_from_camera[0, :2, 2]):
        _add_mesh(bpy, name, corners + np.array([0, 0, low if name != "seat" else 0]), faces, colours, smooth=False)
    drawn = [_add_mesh(bpy, f"body{index}", body.vertices[0], body.surface.faces, body.surface.colours, smooth=True)
             for index, body in enumerate(bodies)]
    camera = _add_camera(bpy, scene, view)
    with tempfile.TemporaryDirectory(dir=_memory_folder()) as folder, _silence():
        scene.render.filepath = str(Path(folder) / "frame")
        for frame, pose in enumerate(world_from_camera):
            for body, thing in zip(bodies, drawn, strict=True):
                _move(thing, body, frame)
            _aim(camera, pose)
            bpy.ops.render.render(write_still=True)
            yield read_bmp(Path(folder) / "frame.bmp")


def _move(thing, body: Body, frame: int) -> None:
    """Put a drawn mesh where the body is in this frame."""
    thing.hide_render = body.present is not None and not body.present[frame]
    if not thing.hide_render:
        co = np.ascontiguousarray(body.vertices[frame], dtype=np.float32)
        thing.data.vertices.foreach_set("co", co.ravel())
        thing.data.update()
        thing.data.update_tag()


def read_bmp(path: Path) -> np.ndarray:
    """The picture (height, width, 3) uint8 in an uncompressed 24 or 32 bit BMP file of Blender."""
    data = path.read_bytes()
    start, width, height = (int.from_bytes(data[at : at + 4], "little", signed=True) for at in (10, 18, 22))
    channels = int.from_bytes(data[28:30], "little") // 8
    row = (width * channels + 3) // 4 * 4
    rows = np.frombuffer(data, dtype=np.uint8, count=row * abs(height), offset=start).reshape(abs(height), row)
    picture = rows[:, : width * channels].reshape(abs(height), width, channels)[..., 2::-1]
    return np.ascontiguousarray(picture[::-1] if height > 0 else picture)


def _memory_folder() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@contextlib.contextmanager
def _silence():
    """Nothing of what Blender prints with each picture (from C, so the file descriptor must be turned)."""
    kept, nothing = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nothing)


def _scene(bpy, view: View, look: Look):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    render, shading = scene.render, scene.display.shading
    render.engine = "BLENDER_WORKBENCH"
    render.resolution_x, render.resolution_y, render.resolution_percentage = view.width, view.height, 100
    render.image_settings.file_format = "BMP"
    render.use_file_extension = True
    scene.view_settings.view_transform = "Standard"
    scene.view_settings.exposure = look.exposure
    shading.color_type, shading.light, shading.show_specular_highlight = "VERTEX", "STUDIO", False
    shading.show_shadows = shading.show_cavity = look.shaded
    shading.shadow_intensity = 0.45
    scene.display.render_aa = "FXAA" if look.shaded or look.smooth else "OFF"
    scene.display.light_direction = look.light
    return scene


def _add_mesh(bpy, name: str, corners, faces, colours, smooth: bool):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(np.asarray(corners, dtype=float).tolist(), [], np.asarray(faces).tolist())
    attribute = mesh.color_attributes.new(name="Col", type="FLOAT_COLOR", domain="CORNER")
    linear = np.where(np.asarray(colours) <= 0.04045, np.asarray(colours) / 12.92,
                      ((np.asarray(colours) + 0.055) / 1.055) ** 2.4)
    full = np.concatenate([linear, np.ones((len(linear), 1))], axis=1)
    attribute.data.foreach_set("color", np.repeat(full, len(faces[0]), axis=0).astype(np.float32).ravel())
    mesh.color_attributes.active_color = attribute
    mesh.polygons.foreach_set("use_smooth", [smooth] * len(mesh.polygons))
    mesh.update()
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def _add_camera(bpy, scene, view: View):
    data = bpy.data.cameras.new("camera")
    data.sensor_fit, data.sensor_width = "HORIZONTAL", 36.0
    data.lens = view.focal * data.sensor_width / view.width
    data.clip_start, data.clip_end = 0.05, 200.0
    camera = bpy.data.objects.new("camera", data)
    scene.collection.objects.link(camera)
    scene.camera = camera
    return camera


def _aim(camera, world_from_camera: np.ndarray) -> None:
    """Blender's cameras look along -Z with +Y up."""
    from mathutils import Matrix

    camera.matrix_world = Matrix((world_from_camera * (1, -1, -1, 1)).tolist())


def _surroundings(look: Look, centre: np.ndarray, ahead: np.ndarray):
    """Meshes (name, corners, faces, colours) of floor, walls and things behind the person."""
    rng = np.random.default_rng(look.seed)
    base = np.clip(rng.beta(2, 2) + rng.normal(0, 0.08, 3), 0.08, 0.9)
    if look.room == "lawn":
        base = np.array([0.30, 0.42, 0.18]) * rng.uniform(0.7, 1.3)
    yield _floor(look, centre, base, rng)
    ahead = ahead / max(float(np.linalg.norm(ahead)), 1e-6) if np.linalg.norm(ahead) > 1e-3 else np.array([0.0, 1.0])
    wall = np.clip(rng.beta(3, 2) + rng.normal(0, 0.05, 3), 0.1, 0.95)
    if look.room in ("room", "checker"):
        yield from _wall_and_boxes(centre[:2], ahead, wall, rng)
    else:
        angle = np.linspace(0, 2 * np.pi, 33)[:-1]
        ring = centre[:2] + 30 * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        corners = np.concatenate([np.column_stack([ring, np.full(32, z)]) for z in (0, 25)])
        index = np.arange(32)
        faces = np.stack([index, (index + 1) % 32, (index + 1) % 32 + 32, index + 32], axis=-1)
        yield "sky", corners, faces, np.tile(wall if look.room == "plain" else (0.70, 0.82, 0.92), (32, 1))
    if look.seat is not None:
        x, y, top, half = look.seat
        yield _box("seat", np.array([x - half, y - half, 0]), np.array([x + half, y + half, top]),
                   np.clip(rng.random(3), 0.1, 0.8))


def _floor(look: Look, centre, base, rng: np.random.Generator):
    count = {"plain": 1, "room": 48}.get(look.room, 60)
    side = 60.0 if count == 1 else 0.6 if look.room != "room" else 0.5
    x, y = np.meshgrid(np.arange(count), np.arange(count), indexing="ij")
    low = (np.stack([x, y], axis=-1).reshape(-1, 2) - count / 2) * side + centre[:2]
    corners = np.stack([low, low + (side, 0), low + (side, side), low + (0, side)], axis=1)
    corners = np.concatenate([corners, np.zeros((*corners.shape[:2], 1))], axis=-1).reshape(-1, 3)
    shade = 1 + 0.1 * rng.standard_normal(count * count)
    if look.room == "checker":
        shade = np.where((x + y).ravel() % 2 == 0, 1.0, 0.7)
    return "floor", corners, np.arange(len(corners)).reshape(-1, 4), np.clip(base * shade[:, None], 0, 1)


def _wall_and_boxes(centre, ahead, colour, rng: np.random.Generator):
    """A wall behind the person with panels on it, and furniture before it."""
    right = np.array([ahead[1], -ahead[0]])
    distance = rng.uniform(2.5, 6.0)

    def panel(name, at, half, low, high, before, tint):
        foot = centre + ahead * (distance - before) + right * at
        ends = np.stack([foot - right * half, foot + right * half, foot + right * half, foot - right * half])
        corners = np.column_stack([ends, (low, low, high, high)])
        return name, corners, np.array([[0, 1, 2, 3]]), np.asarray(tint)[None]

    yield panel("wall", 0, 15, 0, 6, 0, colour)
    yield panel("skirting", 0, 15, 0, 0.12, 0.02, np.clip(colour * 1.2, 0, 1))
    for index in range(int(rng.integers(2, 7))):
        low = rng.choice([0.0, 0.9, 1.3])
        yield panel(f"panel{index}", rng.uniform(-4, 4), rng.uniform(0.2, 0.7), low, low + rng.uniform(0.5, 1.2),
                    0.03 + 0.005 * index, rng.uniform(0.05, 0.95, 3))
    for index in range(int(rng.integers(0, 4))):
        foot = centre + ahead * (distance - 0.6) + right * rng.uniform(-4, 4)
        half = rng.uniform(0.15, 0.5, 2)
        yield _box(f"box{index}", np.append(foot - half, 0), np.append(foot + half, rng.uniform(0.3, 1.1)),
                   rng.uniform(0.05, 0.9, 3))


def _box(name, low, high, colour):
    pick = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    faces = np.array([(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)])
    return name, np.where(pick, high, low), faces, np.tile(colour, (6, 1))
