"""Menu entries. What no menu has, Blender's search (F3) does not find either."""

from __future__ import annotations

import bpy

from . import imports


class ANATOMY_MOCAP_MT_mocap(bpy.types.Menu):
    """Object > Animation > Mocap, and Pose > Mocap."""

    bl_idname = "ANATOMY_MOCAP_MT_mocap"
    bl_label = "Mocap"

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator("anatomy_mocap.import_video", text="Capture Mocap From Video...")
        layout.operator("anatomy_mocap.load_take", text="Load Mocap Take...")
        layout.separator()
        layout.operator("anatomy_mocap.retarget", text="Retarget Mocap to Armature")
        layout.operator("anatomy_mocap.build_armature", text="Build Armature From Mocap Take")
        layout.operator("anatomy_mocap.find_bones", text="Find Mocap Bones")
        layout.separator()
        layout.operator("anatomy_mocap.show_video", text="Show Mocap Video")
        layout.operator("anatomy_mocap.next_doubt", text="Next Doubtful Mocap Stretch")
        layout.operator("anatomy_mocap.previous_doubt", text="Previous Doubtful Mocap Stretch")


CLASSES = (*imports.CLASSES, ANATOMY_MOCAP_MT_mocap)


def _mocap(self, _context) -> None:
    self.layout.menu("ANATOMY_MOCAP_MT_mocap")


def _imports(self, _context) -> None:
    self.layout.operator("anatomy_mocap.import_video", text="Video Mocap (.mp4, .mov, keypoints)")
    self.layout.operator("anatomy_mocap.load_take", text="Mocap Take (.npz)")


_PLACES = (("VIEW3D_MT_object_animation", _mocap), ("VIEW3D_MT_pose", _mocap),
           ("TOPBAR_MT_file_import", _imports))
"""Menu of Blender -> what is drawn at its end."""


def register() -> None:
    """Add the classes of this room, and the entries to Blender's menus."""
    for item in CLASSES:
        bpy.utils.register_class(item)
    for menu, draw in _PLACES:
        getattr(bpy.types, menu).append(draw)


def unregister() -> None:
    """Remove them again."""
    for menu, draw in _PLACES:
        getattr(bpy.types, menu).remove(draw)
    for item in reversed(CLASSES):
        bpy.utils.unregister_class(item)
