"""A character with a mesh, keyed with a body that lies: its evaluated mesh lies on the floor."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_mocap.blender.measure_file import record_with_meshes
from anatomy_mocap.blender.retarget_onto import Target, retarget_onto, source_of_take
from anatomy_mocap.blender.rigs.armature import read_rig
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.soles import body_points
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.rigs.rest_pose import read_rest_pose
from anatomy_mocap.settings import AnimationSettings
from tests.support import moving_bodies as bodies
from tests.support.blender_armatures import armature_of
from tests.support.blender_scenes import empty_file
from tests.support.made_rigs import Plan, make
from tests.support.made_skins import flesh

FPS = 25.0


def lying_take(frames=12):
    turned = np.repeat(bodies.t_pose(1), frames, axis=0) @ Rotation.from_euler("x", -90, degrees=True).as_matrix().T
    return take_from_positions(turned - (0, 0, body_points(turned)[..., 2].min()), FPS)


def character(radius):
    """Armature, bone map and rig of a made character whose bones' heads have balls of flesh."""
    empty_file()
    bpy.context.scene.render.fps = int(FPS)
    made = make(Plan(toes=True, straight=True, seed=2))
    armature = armature_of(made.rig)
    places, names, weights = flesh(read_rest_pose(made.rig, made.bones), radius)
    mesh = bpy.data.meshes.new("flesh")
    mesh.from_pydata(places.tolist(), [], [])
    item = bpy.data.objects.new("flesh", mesh)
    bpy.context.scene.collection.objects.link(item)
    for column, name in enumerate(names):
        item.vertex_groups.new(name=name).add(np.flatnonzero(weights[:, column]).tolist(), 1.0, "REPLACE")
    item.modifiers.new("armature", "ARMATURE").object = armature
    bpy.context.view_layer.update()
    bone_map = SimpleNamespace(bones=made.bones, warnings=(), fingers={}, convention="made", doubtful=())
    return armature, Target(read_rig(armature), bone_map)


@pytest.mark.parametrize("radius", [0.06, 0.08])
def test_the_mesh_of_a_lying_body_is_on_the_floor(radius):
    lowest = {}
    for grounding in (0.0, 1.0):
        armature, target = character(radius)
        done = retarget_onto(armature, source_of_take(lying_take(), "lie", AnimationSettings(ground=grounding)), target)
        assert not done.warnings
        lowest[grounding] = drain(record_with_meshes(armature, int(done.frames[0]), int(done.frames[-1])))[1]
    assert lowest[1.0].min() > -0.025  # shoes and flesh give way
    assert lowest[1.0].max() < 0.02
    assert np.abs(lowest[0.0]).max() > 0.02
