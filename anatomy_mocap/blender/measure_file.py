"""The figures of an animated file: its armature and its meshes as Blender evaluates them."""

from __future__ import annotations

from collections.abc import Callable, Generator

import bpy
import numpy as np

from ..bone_maps.bone_map import BoneMap
from ..core.progress import Progress, drain
from ..core.skeleton import SIDES
from ..maths.rotations import unit
from ..measuring.report import Played, rig_report
from ..retargeting.read_joint_motion import joint_places, read_joint_motion
from ..rigs.rig import TargetRig
from .file_jobs import AnimatedFile, empty_scene
from .files.source_files import load_source
from .rigs.meshes import meshes_of
from .rigs.source_armature import Recording, frame_range, metres_per_unit, record, source_map
from .rigs.stand_up import stood_up

_LIMBS = (("upper_arm", "lower_arm"), ("lower_arm", "hand"), ("upper_leg", "lower_leg"), ("lower_leg", "foot"),
          ("foot", "toes"))
"""Part of a limb, and the part that begins at its end."""


def measure_animated_file(animated: AnimatedFile, report: Callable[[Progress], None] | None = None) -> dict:
    """The figures of a file's animated armature, see `rig_report`; MocapError where it can't be read as a body.

    report: called with each step.
    """
    empty_scene()
    armature = load_source(animated.path, animated.armature)
    first, last = animated.frames or frame_range(armature)
    recording, lowest = drain(record_with_meshes(armature, first, last), report)
    bone_map = BoneMap.load(animated.map_file, recording.rig) if animated.map_file else source_map(recording.rig)
    said: list[str] = []
    if animated.path.suffix.lower() == ".bvh":  # the other formats say which axis is up
        recording, said = stood_up(recording, bone_map)
    unit_length = metres_per_unit(recording.rig, bone_map)
    if unit_length != 1.0:
        said = [*said, f"{recording.rig.name}: {1 / unit_length:.3g} times as large as a person; it is measured at a "
                       "person's size"]
    facts = rig_report(played(recording, bone_map, lowest))
    return {"armature": recording.rig.name, "convention": bone_map.convention, **facts, "warnings": said}


def record_with_meshes(armature: bpy.types.Object, first: int, last: int
                       ) -> Generator[Progress, None, tuple[Recording, np.ndarray | None]]:
    """The armature's evaluated poses, and (T,) the height of the lowest vertex of its visible meshes, step by step.

    None in place of the heights where no mesh hangs on the armature. In the scene's units.
    """
    meshes, lowest = meshes_of(armature), []
    steps = record(armature, first, last)
    try:
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return end.value, np.array(lowest) if meshes else None
            if meshes:
                lowest.append(_lowest(meshes))
            yield step
    finally:
        steps.close()


def _lowest(meshes: list[bpy.types.Object]) -> float:
    """The height of the lowest vertex at the scene's current frame."""
    graph, heights = bpy.context.evaluated_depsgraph_get(), []
    for item in meshes:
        evaluated = item.evaluated_get(graph)
        mesh = evaluated.to_mesh()
        try:
            places = np.empty(3 * len(mesh.vertices), np.float32)
            mesh.vertices.foreach_get("co", places)
            to_world = np.array(evaluated.matrix_world)[2]
            if len(places):
                heights.append(float((places.reshape(-1, 3) @ to_world[:3]).min() + to_world[3]))
        finally:
            evaluated.to_mesh_clear()
    return min(heights, default=np.inf)


def played(recording: Recording, bone_map: BoneMap, lowest: np.ndarray | None) -> Played:
    """A recording in metres with its joints where its bones are. lowest: (T,) in the scene's units."""
    rig = recording.rig
    unit_length = metres_per_unit(rig, bone_map)
    world = np.diag([unit_length, unit_length, unit_length, 1.0]) @ recording.world.astype(float)
    start = (recording.frames[0] - 1) / recording.fps
    motion = read_joint_motion(rig, bone_map.bones, world, recording.fps, start)
    names = tuple(dict.fromkeys(name for found in bone_map.bones.values() for name in found))
    axes = world[:, [rig.index(name) for name in names], :3, :3]
    across = unit(axes[..., 1])
    first = unit(axes[..., 0] - across * (axes[..., 0] * across).sum(axis=-1, keepdims=True))
    turns = np.stack([first, across, np.cross(first, across)], axis=-1)  # without scale and shear
    lengths = limb_lengths(rig, bone_map, world)
    return Played(joint_places(rig, bone_map.bones, world), motion, turns, names, np.stack([*lengths.values()], axis=1),
                  tuple(lengths), recording.frames, None if lowest is None else unit_length * lowest)


def limb_lengths(rig: TargetRig, bone_map: BoneMap, world: np.ndarray) -> dict[str, np.ndarray]:
    """(T,) metres of each limb bone by name: from its head to that of the limb's next part.

    world: (T, B, 4, 4) posed bones, metres.
    """
    first = {part: found[0] for part, found in bone_map.bones.items() if found}
    pairs = [(first.get(f"{side}_{upper}"), first.get(f"{side}_{lower}")) for side in SIDES
             for upper, lower in _LIMBS]
    return {one: np.linalg.norm(world[:, rig.index(other), :3, 3] - world[:, rig.index(one), :3, 3], axis=-1)
            for one, other in pairs if one and other}
