"""Operators that review the bone map in the viewport: show the bones of a body part, replace them, accept them."""

from collections.abc import Iterable

import bpy

from .bone_rows import SEPARATOR


class ANATOMY_MOCAP_OT_show_bones(bpy.types.Operator):
    """Select the bones of the chosen part of the body in the viewport"""

    bl_idname = "anatomy_mocap.show_bones"
    bl_label = "Show"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return _has_row(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.anatomy_mocap
        armature, row = settings.armature, settings.row()
        if not armature.visible_get():
            self.report({"ERROR"}, f"{armature.name}: hidden; show it to see its bones")
            return {"CANCELLED"}
        missing = [name for name in row.named() if name not in armature.pose.bones]
        if missing or not row.named():
            self.report({"WARNING"}, f"{armature.name}: no bone {missing[0]!r}; choose another one" if missing
                        else f"{row.shown()} has no bone; select one and press Use Selected")
            return {"CANCELLED"}
        _pose_mode(context, armature)
        select(armature, row.named())
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_use_bones(bpy.types.Operator):
    """Assign the bones selected in Pose Mode to the chosen part of the body"""

    bl_idname = "anatomy_mocap.use_bones"
    bl_label = "Use Selected"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not _has_row(cls, context):
            return False
        if not _selected(context):
            cls.poll_message_set("Select the right bone of the armature in Pose Mode first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...bone_maps.bone_map import CHAINS

        settings = context.scene.anatomy_mocap
        row, bones = settings.row(), sorted(_selected(context), key=lambda bone: len(bone.parent_recursive))
        if len(bones) > 1 and row.name not in CHAINS and not (row.finger and len(bones) <= 3):
            self.report({"ERROR"}, f"{row.shown()} is one bone, {len(bones)} are selected; select one")
            return {"CANCELLED"}
        names = tuple(bone.name for bone in bones)
        for other in settings.bones:  # a bone belongs to one part only
            kept = tuple(name for name in other.named() if name not in names)
            if other != row and kept != other.named():
                other.bones = SEPARATOR.join(kept)
                self.report({"WARNING"}, f"{other.shown()} now has {other.bones or 'no bone'}")
        row.bones = SEPARATOR.join(names)
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_accept_bones(bpy.types.Operator):
    """Accept the bone found for the chosen part of the body, and go to the next part in doubt"""

    bl_idname = "anatomy_mocap.accept_bones"
    bl_label = "Is Right"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not _has_row(cls, context):
            return False
        if not context.scene.anatomy_mocap.row().doubtful:
            cls.poll_message_set("This part of the body is not in doubt")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.anatomy_mocap
        settings.row().changed()
        left = [index for index, row in enumerate(settings.bones) if row.doubtful]
        if left:
            settings.active_bone = next((index for index in left if index > settings.active_bone), left[0])
        return {"FINISHED"}


def select(armature: bpy.types.Object, names: Iterable[str]) -> None:
    """Select exactly these bones of an armature, hidden ones too, and make the first one active."""
    for bone in armature.pose.bones:  # Blender 5.0 moved `select` from bones to pose bones
        (bone if hasattr(bone, "select") else bone.bone).select = bone.name in names
    armature.data.bones.active = armature.data.bones[names[0]]


def _selected(context) -> list:
    """The chosen armature's bones selected in Pose Mode."""
    armature = context.scene.anatomy_mocap.armature
    return [bone for bone in context.selected_pose_bones or () if bone.id_data == armature]


def _pose_mode(context, armature) -> None:
    if context.mode != "POSE" or context.view_layer.objects.active != armature:
        if context.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        context.view_layer.objects.active = armature
        armature.select_set(True)
        bpy.ops.object.mode_set(mode="POSE")


def _has_row(cls, context) -> bool:
    settings = context.scene.anatomy_mocap
    if settings.armature is None or settings.row() is None:
        cls.poll_message_set("Find the bones of an armature first")
        return False
    if settings.armature.name not in context.view_layer.objects:
        cls.poll_message_set("The armature is not in this view layer")
        return False
    if settings.armature.library:
        cls.poll_message_set("The armature is linked; make a library override of it to pose and pick its bones")
        return False
    return True


CLASSES = (ANATOMY_MOCAP_OT_show_bones, ANATOMY_MOCAP_OT_use_bones, ANATOMY_MOCAP_OT_accept_bones)
