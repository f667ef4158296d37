"""The command line with Blender: retarget, convert, rigs in info, and errors for unusable rigs."""

import json

import bpy
import numpy as np
import pytest

from anatomy_mocap.blender.files.rig_files import load_rig
from anatomy_mocap.cli import main
from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.core.take import save_take
from anatomy_mocap.core.take_from_joints import take_from_positions
from tests.support.blender_scenes import curves_of, values_of

LENGTHS = {"hip": 0.1, "knee": 0.42, "ankle": 0.41, "toe": 0.2, "spine": 0.25, "thorax": 0.25, "neck": 0.13,
           "nose": 0.1, "head": 0.15, "shoulder": 0.17, "elbow": 0.28, "wrist": 0.25, "knuckle": 0.09, "pelvis": 0.0}


@pytest.fixture
def take_file(tmp_path):
    """Write a take of half a second in which a standing person raises both arms forwards."""
    frames = 15
    directions = np.repeat(rest_directions()[None], frames, axis=0)
    for name in ("left_elbow", "left_wrist", "left_knuckle", "right_elbow", "right_wrist", "right_knuckle"):
        angle = np.linspace(0, 1.2, frames)
        joint = MOCAP22.index(name)
        side = np.sign(directions[0, joint, 0])
        directions[:, joint] = np.stack([np.cos(angle) * side, -np.sin(angle), 0 * angle], 1)
    lengths = np.array([LENGTHS[name.rpartition("_")[2]] for name in MOCAP22.joint_names])
    positions = MOCAP22.joint_positions(lengths, directions, np.tile([0.0, 0.0, 0.92], (frames, 1)))
    path = tmp_path / "arms.npz"
    save_take(take_from_positions(positions, 30.0), path)
    return path


@pytest.fixture
def rig_file(root):
    return root / "tests/data/rigs/human-male.glb"


def fails(capsys, *words):
    assert main([str(word) for word in words]) == 2
    # Blender's importers may print lines of their own before; ours is the last one, and one only.
    lines = capsys.readouterr().err.strip().splitlines()
    assert [line.startswith("anatomy_mocap: ") for line in lines] == [False] * (len(lines) - 1) + [True], lines
    return lines[-1]


@pytest.mark.parametrize("suffix", [".blend", ".fbx", ".glb", ".bvh"])
def test_retarget_writes_a_file_that_plays(take_file, rig_file, tmp_path, capsys, suffix):
    output = tmp_path / f"out{suffix}"
    assert main(["retarget", str(take_file), "--rig", str(rig_file), "-o", str(output), "--json", "--smooth", "0"]) == 0
    facts = json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))
    assert facts["frames"] == 15 and facts["convention"] == "unreal"
    assert main(["info", str(output), "--json"]) == 0
    assert "armature" in capsys.readouterr().out
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["arms.npz", output.name])
    if suffix == ".blend":
        bpy.ops.wm.open_mainfile(filepath=str(output))
        scene = bpy.context.scene
        armature = next(o for o in scene.objects if o.type == "ARMATURE")
        assert (scene.render.fps, scene.frame_end - scene.frame_start) == (30, 14)
        scene.frame_set(scene.frame_end)
        arm = armature.pose.bones["lowerarm_l"]
        pointing = armature.matrix_world.to_3x3() @ (arm.head - armature.pose.bones["upperarm_l"].head)
        # Raised by 1.2 rad from the side to the front (the person faces -Y): mostly towards -Y, a bit to its left.
        wanted = np.array([np.cos(1.2), -np.sin(1.2), 0])
        assert np.degrees(np.arccos(np.dot(np.array(pointing.normalized()), wanted))) < 0.5


@pytest.fixture
def changed_rig(rig_file, tmp_path):
    """Return a function that saves the character with twist bones on the forearms or without its root bone."""
    def made(twist=False, root=True):
        bpy.ops.wm.read_homefile(use_empty=True)
        armature = load_rig(rig_file)
        bpy.context.view_layer.objects.active = armature
        bpy.ops.object.mode_set(mode="EDIT")
        bones = armature.data.edit_bones
        for side in "lr" if twist else "":
            bone = bones.new(f"lowerarm_twist_01_{side}")
            bone.head = bones[f"lowerarm_{side}"].head.lerp(bones[f"hand_{side}"].head, 0.7)
            bone.tail, bone.parent = bones[f"hand_{side}"].head, bones[f"lowerarm_{side}"]
        if not root:
            bones.remove(bones["root"])
        bpy.ops.object.mode_set(mode="OBJECT")
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "rig.blend"), copy=True)
        return tmp_path / "rig.blend"
    return made


def keys_in(path):
    """Return {(data path, index): values (K,)} of the only armature's action in a .blend file."""
    bpy.ops.wm.open_mainfile(filepath=str(path))
    armature = next(o for o in bpy.context.scene.objects if o.type == "ARMATURE")
    return {key: values_of(curve)[1] for key, curve in curves_of(armature).items()}


def test_placement_flags_arrive(take_file, changed_rig, tmp_path, capsys):
    """Each flag alone has only its own effect; all flags together have all effects."""
    rig, flags = changed_rig(twist=True), {
        "hands": ["--hands", "space"], "chest": ["--hands", "chest"], "feet": ["--feet", "space"],
        "twist": ["--twist-bones"], "ground": ["--ground-on-root"]}
    flags |= {"none": [], "all": [*flags["hands"], *flags["feet"], *flags["twist"], *flags["ground"]]}
    found = {}
    for name, words in flags.items():
        output = tmp_path / f"{name}.blend"
        assert main(["retarget", str(take_file), "--rig", str(rig), "-o", str(output), "--smooth", "0", *words]) == 0
        found[name] = keys_in(output)
    plain = found["none"]

    def bones(name):
        changed = {key for key, values in found[name].items()
                   if key not in plain or np.abs(values - plain[key]).max() > 1e-4}
        return {path.split('"')[1] for path, _ in changed}

    assert found["hands"].keys() == found["chest"].keys() == found["feet"].keys() == plain.keys()
    for name in ("hands", "chest"):
        assert {"upperarm_l", "upperarm_r"} <= bones(name)
        assert all(bone.startswith(("upperarm", "lowerarm", "hand")) for bone in bones(name))
    assert {"thigh_l", "thigh_r"} <= bones("feet")
    assert all(bone.startswith(("thigh", "calf", "foot")) for bone in bones("feet"))
    assert bones("twist") == {"lowerarm_twist_01_l", "lowerarm_twist_01_r"}
    assert "root" in bones("ground") <= {"root", "pelvis"}
    assert found["all"].keys() == plain.keys() | found["twist"].keys() | found["ground"].keys()
    assert bones("all") >= {"upperarm_l", "thigh_l", "lowerarm_twist_01_l", "root"}
    key = next(key for key in plain if key[0].startswith('pose.bones["upperarm_l"]'))
    assert any(np.abs(found["hands"][key] - found["chest"][key]) > 1e-4), "chest and space differ"


def test_ground_on_root_without_a_root_bone(take_file, changed_rig, tmp_path, capsys):
    text = fails(capsys, "retarget", take_file, "--rig", changed_rig(root=False), "-o", tmp_path / "out.blend",
                 "--ground-on-root", "--twist-bones")
    assert "no bone above 'pelvis'" in text and "let the hips keep it" in text
    assert not (tmp_path / "out.blend").exists()


def test_convert_goes_on_after_a_bad_input(take_file, rig_file, root, tmp_path, capsys):
    good = tmp_path / "good.npz"
    names = 17
    xy = np.random.default_rng(1).uniform(100, 300, (1, names, 2)).repeat(5, axis=0)
    np.savez(good, xy=xy, score=np.full((5, names), 0.9), layout="COCO17", fps=30.0, width=640, height=480)
    out = tmp_path / "out"
    code = main(["convert", str(tmp_path / "missing.mp4"), str(good), "--rig", str(rig_file), "--out", str(out),
                 "--json", "--quiet"])
    assert code == 1
    report = json.loads((out / "report.json").read_text())
    assert (report["done"], report["failed"]) == (1, 1)
    assert "missing.mp4" in report["inputs"][0]["error"]
    assert (out / "good.blend").is_file() and (out / "good.npz").is_file()
    assert list(out.glob("*part*")) == []


def test_rig_without_armature(take_file, tmp_path, capsys, shared_data):
    text = fails(capsys, "retarget", take_file, "--rig", shared_data / "rigs/refuse/no_armature.glb", "-o",
                 tmp_path / "out.blend")
    assert "no_armature.glb" in text and "armature" in text
    assert not (tmp_path / "out.blend").exists()


def test_rig_with_too_few_bones(take_file, tmp_path, capsys):
    bpy.ops.wm.read_homefile(use_empty=True)
    data = bpy.data.armatures.new("Stick")
    stick = bpy.data.objects.new("Stick", data)
    bpy.context.scene.collection.objects.link(stick)
    bpy.context.view_layer.objects.active = stick
    bpy.ops.object.mode_set(mode="EDIT")
    for number in range(3):
        bone = data.edit_bones.new(f"thing{number}")
        bone.head, bone.tail = (0, 0, number), (0, 0, number + 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    rig = tmp_path / "stick.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(rig), copy=True)
    text = fails(capsys, "retarget", take_file, "--rig", rig, "-o", tmp_path / "out.blend")
    assert "Stick" in text and "hips" in text
    assert not (tmp_path / "out.blend").exists()


def test_missing_rig_and_foreign_rig(take_file, tmp_path, capsys):
    assert "nowhere.fbx" in fails(capsys, "retarget", take_file, "--rig", tmp_path / "nowhere.fbx", "-o",
                                  tmp_path / "o.blend")
    (tmp_path / "fake.glb").write_bytes(b"not a glb")
    assert "fake.glb" in fails(capsys, "retarget", take_file, "--rig", tmp_path / "fake.glb", "-o",
                               tmp_path / "o.blend")
    (tmp_path / "fake.blend").write_bytes(b"not a blend")
    assert "fake.blend" in fails(capsys, "info", tmp_path / "fake.blend")


def test_map_file_that_does_not_fit(take_file, rig_file, tmp_path, capsys):
    (tmp_path / "map.json").write_text('{"bones": {"hips": ["no_such_bone"]}}')
    text = fails(capsys, "retarget", take_file, "--rig", rig_file, "--map", tmp_path / "map.json", "-o",
                 tmp_path / "o.blend")
    assert "map.json" in text


def test_neither_the_rig_nor_an_input_is_overwritten(take_file, rig_file, tmp_path, capsys):
    """A result with the name of the rig or of an input is refused or renamed, and no file is lost."""
    rig = tmp_path / "hero.glb"
    rig.write_bytes(rig_file.read_bytes())
    assert "hero.glb" in fails(capsys, "retarget", take_file, "--rig", rig, "-o", rig)
    assert rig.read_bytes() == rig_file.read_bytes()

    hero = tmp_path / "hero.npz"  # an input whose results would be hero.npz and hero.glb, in its own folder
    xy = np.random.default_rng(1).uniform(100, 300, (1, 17, 2)).repeat(5, axis=0)
    np.savez(hero, xy=xy, score=np.full((5, 17), 0.9), layout="COCO17", fps=30.0, width=640, height=480)
    before = hero.read_bytes()
    assert main(["convert", str(hero), "--rig", str(rig), "--out", str(tmp_path), "--format", "glb", "--quiet"]) == 0
    assert hero.read_bytes() == before and rig.read_bytes() == rig_file.read_bytes()
    report = json.loads((tmp_path / "report.json").read_text())["inputs"][0]
    assert report["take"].endswith("hero_2.npz") and report["wrote"].endswith("hero_2.glb")


@pytest.mark.parametrize("kind", ["take", "armature"])
def test_panel_and_command_line_write_the_same_keys(take_file, rig_file, tmp_path, kind):
    """One chain with the same defaults: smoothing and foot lock for takes, neither for armatures."""
    import anatomy_mocap

    given, output = take_file, tmp_path / "out.blend"
    if kind == "armature":
        given = tmp_path / "wave.bvh"
        assert main(["retarget", str(take_file), "--rig", str(rig_file), "-o", str(given), "--quiet"]) == 0
    assert main(["retarget", str(given), "--rig", str(rig_file), "-o", str(output), "--quiet"]) == 0
    wanted = keys_in(output)
    bpy.ops.wm.read_homefile(use_empty=True)
    anatomy_mocap.register()
    try:
        settings = bpy.context.scene.anatomy_mocap
        if kind == "take":
            bpy.ops.anatomy_mocap.load_take(filepath=str(given))
        else:
            settings.motion_from, settings.source_armature = "ARMATURE", load_rig(given, its_timing=True)
        settings.armature = armature = load_rig(rig_file)
        assert bpy.ops.anatomy_mocap.retarget() == {"FINISHED"}
        found = {key: values_of(curve)[1] for key, curve in curves_of(armature).items()}
    finally:
        anatomy_mocap.unregister()
    assert found.keys() == wanted.keys()
    # The command line's armature was read in another scene: Blender's 32-bit matrices differ in their last digit.
    largest = max(np.abs(found[key] - wanted[key]).max() for key in found)
    assert largest == 0 if kind == "take" else largest < 1e-6


@pytest.mark.parametrize("suffix", [".blend", ".glb", ".bvh", ".fbx"])
def test_measure_prints_the_figures_of_an_animated_file(take_file, rig_file, tmp_path, capsys, suffix):
    output = tmp_path / f"out{suffix}"
    assert main(["retarget", str(take_file), "--rig", str(rig_file), "-o", str(output), "--quiet"]) == 0
    capsys.readouterr()
    assert main(["measure", str(output), "--json", "--quiet"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["kind"] == "animated file" and facts["convention"] == "unreal" and facts["frames"] >= 12
    found = facts["evaluated"]
    assert found["slide_mean_mm"] < 1 and found["feet_in_contact_percent"] == 100
    assert found["length_deviation_percent"] < 0.1 and found["pops"] == 0
    assert facts["depth_of"].startswith("joints" if suffix == ".bvh" else "meshes")
    assert found["below_floor_worst_mm"] < 60


def test_a_mesh_below_the_floor_and_a_pop_are_measured(take_file, rig_file, tmp_path, capsys):
    output = tmp_path / "out.blend"
    assert main(["retarget", str(take_file), "--rig", str(rig_file), "-o", str(output), "--quiet"]) == 0
    assert main(["measure", str(output), "--json", "--quiet"]) == 0
    before = json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))["evaluated"]
    bpy.ops.wm.open_mainfile(filepath=str(output))
    armature = next(item for item in bpy.context.scene.objects if item.type == "ARMATURE")
    armature.location.z -= 0.2
    for (path, index), curve in curves_of(armature).items():
        if path == 'pose.bones["lowerarm_l"].rotation_quaternion':
            for key in curve.keyframe_points[8:]:
                key.co.y = (0.0, 0.0, 0.0, 1.0)[index]
            curve.update()
    bpy.ops.wm.save_as_mainfile(filepath=str(output))
    capsys.readouterr()
    assert main(["measure", str(output), "--json", "--quiet"]) == 0
    facts = json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))
    assert facts["evaluated"]["below_floor_worst_mm"] == pytest.approx(200 + before["below_floor_worst_mm"], abs=1.0)
    assert ("lowerarm_l", 9) in {(pop["bone"], pop["frame"]) for pop in facts["pops_evaluated"]}
