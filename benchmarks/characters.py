"""One take on several characters, side by side, from the take's own camera.

    python benchmarks/characters.py TAKE.npz OUT.png RIG... [--at 2.8 6.5]     (Python with the bpy module and Pillow)
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZE = 360


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("take", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("rigs", type=Path, nargs="+")
    parser.add_argument("--at", type=float, nargs="+", default=[0.3, 4.0, 6.5], help="seconds of the take")
    options = parser.parse_args()
    os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
    sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
    import bpy
    import contact_sheet as sheet

    from anatomy_mocap.core.take import load_take

    take = load_take(options.take)
    columns = [perform(take, rig, options.at) for rig in options.rigs]
    print(f"Blender {bpy.app.version_string}, {len(columns)} characters")
    rows = [[column[i] for column in columns] for i in range(len(options.at))]
    sheet.grid(rows, [rig.stem for rig in options.rigs], SIZE).save(options.picture)
    sys.stdout.flush()
    os._exit(0)  # the bpy module of Blender 4.5 can hang while it shuts down


def perform(take, rig_file: Path, at: list[float]) -> list:
    """Pictures of one character at some times of the take."""
    import bpy
    import contact_sheet as sheet
    import numpy as np
    from mathutils import Matrix

    from anatomy_mocap.blender import armature as armatures
    from anatomy_mocap.blender import jobs, keyframes, rig_files
    from anatomy_mocap.core.retarget import retarget

    jobs.empty_scene()
    scene = bpy.context.scene
    armature = rig_files.load_rig(rig_file)
    rig = armatures.read_rig(armature)
    keyframes.set_scene_timing(scene, take)
    keys = retarget(jobs.motion_of(take, 0.1, 1.0), rig, jobs.bone_map_for(rig, None))
    keyframes.write_keys(armature, keys, take, "take")
    sheet.add_floor()
    sheet.set_up_workbench(scene, SIZE * 3 // 4, SIZE)
    frames = [float(f) for f in keyframes.key_frames(np.array(at), scene)]
    pictures = []
    view = sheet.add_camera(scene, take.camera, take.world_from_camera, 1.0)
    turn = np.array(view.matrix_world)
    for frame in frames:
        scene.frame_set(round(frame))
        points = np.array([armature.matrix_world @ bone.head for bone in armature.pose.bones if bone.name in
                           keys.bone_names])
        low, high = points.min(axis=0), points.max(axis=0)
        # Step back along the take's view until the character fills the picture.
        matrix = turn.copy()
        matrix[:3, 3] = (low + high) / 2 + turn[:3, 2] * 3.8 * max(1.2, np.ptp(points[:, 2]))
        view.matrix_world = Matrix(matrix.tolist())
        view.data.sensor_fit, view.data.lens = "VERTICAL", 60.0
        view.data.sensor_height = 24.0
        pictures += sheet.render_frames(scene, [frame])
    return pictures


if __name__ == "__main__":
    main()
