"""Measures the time, memory and bone lengths of the main job, from a real video to a keyed character.

    python benchmarks/demo.py --zip dist/anatomy_mocap-...zip --out out

`build.py demo` builds the zip and runs this. The demo installs the zip as users do. It writes demo.npz (the take),
demo.blend (the keyed character), demo.png (the contact sheet) and demo.json (the figures). It prints:

    seconds, STAGE            wall seconds of each stage and frames a second
    length deviation, take    largest difference of a bone's length from the take's constant length
    ..., armature             the same in the armature that Blender evaluates
    ..., armature_over_time   largest change of a bone's length during the clip in that armature
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VIDEO = ROOT / "tests/data/videos/bodypose3d_cam0.mp4"
RIG = ROOT / "tests/data/rigs/human-male.glb"
COLUMNS = 8


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zip", type=Path, required=True, help="installable zip for this Python")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for the results (default: %(default)s)")
    parser.add_argument("--video", type=Path, default=VIDEO, help="video of one person (default: %(default)s)")
    parser.add_argument("--rig", type=Path, default=RIG, help="character file (default: %(default)s)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as resources:
        os.environ["BLENDER_USER_RESOURCES"] = resources
        os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
        code = run(options)
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)  # the bpy module of Blender 4.5 can hang while it shuts down


def run(options: argparse.Namespace) -> int:
    """Install the zip, capture, retarget, report the figures and draw the contact sheet."""
    name = install(options.zip)
    take_file, blend = options.out / "demo.npz", options.out / "demo.blend"
    captured = command(name, ["capture", str(options.video), "-o", str(take_file)])
    retargeted = command(name, ["retarget", str(take_file), "--rig", str(options.rig), "-o", str(blend)])
    facts = {"capture": captured, "retarget": retargeted, "machine": machine(),
             "bone_length_deviation_m": length_deviation(name, take_file), "peak_memory_mb": peak_memory_mb()}
    (options.out / "demo.json").write_text(json.dumps(facts, indent=2), encoding="utf-8")
    print_table(facts)
    contact_sheet(name, options.video, take_file, blend, options.out / "demo.png")
    print(f"wrote {take_file}, {blend}, {options.out / 'demo.png'}, {options.out / 'demo.json'}")
    return 0


def install(zip_file: Path) -> str:
    """Install the zip as a user would and return the module's name."""
    import bpy
    from addon_utils import check  # isort: skip  (importable after bpy only)

    sys.path.insert(0, str(ROOT))
    from buildtools.bundled_only import use_bundled_only

    use_bundled_only()
    bpy.ops.extensions.package_install_files(filepath=str(zip_file.resolve()), repo="user_default",
                                             enable_on_install=True)
    name = "bl_ext.user_default.anatomy_mocap"
    if check(name) != (True, True):
        sys.exit(f"{zip_file}: Blender did not enable the extension; see its message above")
    return name


def command(name: str, words: list[str]) -> dict:
    """Run one command of the installed extension and return its JSON facts."""
    cli = sys.modules[f"{name}.cli"] if f"{name}.cli" in sys.modules else __import__(f"{name}.cli", fromlist=["main"])
    print("anatomy_mocap", *words, file=sys.stderr)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = cli.main([*words, "--json"])
    if code:
        sys.exit(code)
    text = printed.getvalue()
    return json.loads(text[text.index("{"):])


def length_deviation(name: str, take_file: Path) -> dict[str, float]:
    """Return the largest deviation of a bone's length in metres: in the take, and in the evaluated armature."""
    import bpy
    import numpy as np

    take_module = __import__(f"{name}.core.take", fromlist=["load_take"])
    settings = __import__(f"{name}.settings", fromlist=["OF_TAKES"])
    jobs = __import__(f"{name}.blender.file_jobs", fromlist=["empty_scene"])
    chain = __import__(f"{name}.blender.retarget_onto", fromlist=["build_take_armature"])
    take = take_module.load_take(take_file)
    joints = take.joint_positions("world")
    lengths = np.linalg.norm(joints[:, 1:] - joints[:, list(take.parents[1:])], axis=-1)
    jobs.empty_scene()
    scene, evaluated = bpy.context.scene, []
    armature = chain.build_take_armature(take, "Take", settings.OF_TAKES, settings.KeySettings())
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
        posed = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        evaluated.append([(posed.pose.bones[joint].tail - posed.pose.bones[joint].head).length
                          for joint in take.joint_names[1:]])
    spread = np.ptp(np.array(evaluated), axis=0)
    return {"take": float(np.abs(lengths - take.bone_lengths[1:]).max()),
            "armature": float(np.abs(np.array(evaluated) - take.bone_lengths[1:]).max()),
            "armature_over_time": float(spread.max())}


def machine() -> str:
    """Describe the machine and the versions in one line."""
    import bpy
    import numpy

    return (f"{os.cpu_count()} cores {platform.machine()} {platform.system()}, Blender {bpy.app.version_string}, "
            f"Python {platform.python_version()}, numpy {numpy.__version__}")


def peak_memory_mb() -> float:
    """Return this process' highest resident memory in MB, or 0 if the system does not report it."""
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)


def print_table(facts: dict) -> None:
    """Print the figures as a table."""
    captured, retargeted = facts["capture"], facts["retarget"]
    stages = {**captured["seconds"], **{f"{k} (Blender)": v for k, v in retargeted["seconds"].items()}}
    print(f"\n{facts['machine']}")
    print(f"{'frames':24}{captured['frames']}\n{'fps':24}{captured['fps']}\n{'device':24}{captured['device']}")
    for stage, seconds in stages.items():
        rate = f"{captured['frames'] / seconds:10.1f} frames/s" if seconds > 0 else ""
        print(f"{'seconds, ' + stage:24}{seconds:8.2f}{rate}")
    print(f"{'frames per second, all':24}{captured['frames'] / sum(stages.values()):8.1f}")
    print(f"{'peak memory, MB':24}{facts['peak_memory_mb']:8.0f}")
    print(f"{'low-confidence frames':24}{captured['low_confidence_frames']} ({captured['low_confidence_ranges']})")
    for where, metres in facts["bone_length_deviation_m"].items():
        print(f"{'length deviation, ' + where:38}{metres * 1000:.2e} mm")
    print("bone lengths, m")
    for joint, metres in captured["bone_lengths_m"].items():
        print(f"    {joint:20}{metres:.3f}")
    for warning in captured["warnings"] + retargeted["warnings"]:
        print(f"note: {warning}")


def contact_sheet(name: str, video: Path, take_file: Path, blend: Path, output: Path) -> None:
    """Draw eight frames: the video with its keypoints, the character from the same camera, and from 90 degrees beside.
    """
    import bpy
    import numpy as np

    sys.path.insert(0, str(ROOT / "benchmarks"))
    import contact_sheet as sheet

    core = {part: __import__(f"{name}.core.{part}", fromlist=["x"]) for part in ("take", "keypoints")}
    take = core["take"].load_take(take_file)
    canonical = core["keypoints"].to_canonical(take.keypoints)
    chosen = np.linspace(0.04, 0.96, COLUMNS) * (len(take) - 1)
    chosen = np.round(chosen).astype(int)
    pictures = sheet.video_frames(video, [float(take.times[i]) for i in chosen])
    for picture, frame in zip(pictures, chosen, strict=True):
        sheet.draw_keypoints(picture, canonical, int(frame), core["keypoints"].CANONICAL.keypoint_names)
    bpy.ops.wm.open_mainfile(filepath=str(blend.resolve()))
    scene = bpy.context.scene
    sheet.add_floor()
    size = 360
    sheet.set_up_workbench(scene, round(size * take.camera.width / take.camera.height), size)
    scale = path_scale(take)
    rows = [pictures]
    frames = [scene.frame_start + int(i) for i in chosen]
    middle = np.median(take.joint_positions("world")[:, 0, :2], axis=0)
    for pan in (0.0, np.pi / 2):
        sheet.add_camera(scene, take.camera, take.world_from_camera, scale, pan, middle)
        rows.append(sheet.render_frames(scene, frames))
    sheet.grid(rows, [f"{take.times[i]:.1f} s" for i in chosen], size).save(output)


def path_scale(take) -> float:
    """Return the ratio of the character's path to the person's, which follows from the hips' heights."""
    import bpy
    import numpy as np

    scene = bpy.context.scene
    armature = next(o for o in scene.objects if o.type == "ARMATURE" and o.animation_data and o.animation_data.action)
    moved = [fc for fc in armature.pose.bones if fc.name.lower() in ("pelvis", "hips")]
    root = take.joint_positions("world")[:, 0]
    points = []
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
        points.append((armature.matrix_world @ moved[0].matrix).translation[:])
    return float(np.mean([p[2] for p in points]) / np.mean(root[:, 2]))


if __name__ == "__main__":
    main()
