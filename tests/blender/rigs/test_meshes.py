"""A character's vertices at rest: several meshes, modifiers, scaled objects, rigid parts."""

import bpy
import numpy as np
import pytest

from anatomy_mocap.blender.rigs.meshes import read_vertices
from tests.support.blender_scenes import empty_file, make_armature


@pytest.fixture
def armature():
    empty_file()
    return make_armature()


def box(armature, bone, centre=(0.0, 0.0, 0.0), deformed=True):
    mesh = bpy.data.meshes.new("box")
    mesh.from_pydata([np.add(centre, (x, y, z)) for x in (0, 0.1) for y in (0, 0.1) for z in (0, 0.1)], [],
                     [(0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6)])
    item = bpy.data.objects.new("box", mesh)
    bpy.context.scene.collection.objects.link(item)
    if deformed:
        item.vertex_groups.new(name=bone).add(range(8), 1.0, "REPLACE")
        item.modifiers.new("armature", "ARMATURE").object = armature
    bpy.context.view_layer.update()
    return item


def test_meshes_are_read_at_rest_with_their_modifiers(armature):
    first, second = (bone.name for bone in list(armature.data.bones)[:2])
    box(armature, first)
    mirrored = box(armature, second, (1.0, 0, 0))
    mirrored.modifiers.new("mirror", "MIRROR")
    mirrored.modifiers.move(1, 0)
    armature.pose.bones[first].location = 5.0, 5.0, 5.0
    found = read_vertices(armature)
    assert found.places.min(axis=0) == pytest.approx((-1.1, 0, 0), abs=1e-6)
    assert found.places.max(axis=0) == pytest.approx((1.1, 0.1, 0.1), abs=1e-6)
    assert set(found.names) == {first, second} and found.weights.shape == (8 + 16, 2)
    assert armature.data.pose_position == "POSE"
    assert tuple(armature.pose.bones[first].location) == (5.0, 5.0, 5.0)


def test_scale_counts_and_groups_that_are_no_bones_do_not(armature):
    name = armature.data.bones[0].name
    item = box(armature, name)
    item.vertex_groups.new(name="a mask").add(range(8), 1.0, "REPLACE")
    item.scale = 10.0, 10.0, 10.0
    bpy.context.view_layer.update()
    found = read_vertices(armature)
    assert np.ptp(found.places, axis=0) == pytest.approx((1.0, 1.0, 1.0), abs=1e-5)
    assert found.names == (name,)


def test_rigid_parts_count_where_nothing_is_deformed(armature):
    name = armature.data.bones[1].name
    item = box(armature, name, deformed=False)
    item.parent, item.parent_type, item.parent_bone = armature, "BONE", name
    bpy.context.view_layer.update()
    assert read_vertices(armature).names == (name,)
    box(armature, armature.data.bones[0].name)
    assert read_vertices(armature).names == (armature.data.bones[0].name,)


def test_no_mesh_and_a_hidden_mesh(armature):
    assert read_vertices(armature) is None
    box(armature, armature.data.bones[0].name).hide_viewport = True
    assert read_vertices(armature) is None
