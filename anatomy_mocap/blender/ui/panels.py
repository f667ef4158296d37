"""The panels of the sidebar tab "Mocap"."""

import textwrap

import bpy

_CHARACTERS_A_LINE = 32
"""Length of a line where there is no region to measure. Guessed."""

_MARGIN, _CHARACTER = 85, 6.6
"""Pixels beside a text with an icon, and the mean width of a character; measured in the panel of Blender 4.5."""


class _Tab:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Mocap"


def _form(layout, context):
    """The layout, with names on the left and fields on the right, and the scene's settings."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    return layout, context.scene.anatomy_mocap


class ANATOMY_MOCAP_UL_takes(bpy.types.UIList):
    """Takes: name, number of frames, and a mark for uncertain frames."""

    def draw_item(self, _context: bpy.types.Context, layout: bpy.types.UILayout, _data: bpy.types.bpy_struct,
                  item: bpy.types.PropertyGroup, _icon: int, _active_data: bpy.types.bpy_struct,
                  _active_property: str, _index: int = 0, _flag: int = 0) -> None:
        row = layout.row(align=True)
        row.label(text=item.name, icon="ERROR" if item.low_confidence else "ARMATURE_DATA", translate=False)
        frames = row.row()
        frames.alignment = "RIGHT"
        frames.label(text=str(item.frames))


class ANATOMY_MOCAP_UL_bones(bpy.types.UIList):
    """Parts of the body and their bones."""

    def draw_item(self, _context: bpy.types.Context, layout: bpy.types.UILayout, data: bpy.types.bpy_struct,
                  item: bpy.types.PropertyGroup, _icon: int, _active_data: bpy.types.bpy_struct,
                  _active_property: str, _index: int = 0, _flag: int = 0) -> None:
        split = layout.split(factor=0.5)
        split.label(text=item.brief(), icon="QUESTION" if item.doubtful else "BLANK1")
        if data.armature and item.name not in ("spine_chain", "neck") and not item.finger:
            split.prop_search(item, "bones", data.armature.data, "bones", text="")
        else:
            split.prop(item, "bones", text="")

    def filter_items(self, _context: bpy.types.Context, data: bpy.types.bpy_struct,
                     name: str) -> tuple[list[int], list[int]]:
        rows = getattr(data, name)
        shown = [(row.doubtful or not data.review_only) and (data.show_fingers or not row.finger) for row in rows]
        return [self.bitflag_filter_item * each for each in shown], []


class ANATOMY_MOCAP_PT_capture(_Tab, bpy.types.Panel):
    """The source, and the button that captures it."""

    bl_label = "Capture"
    bl_order = 0

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = self.layout, context.scene.anatomy_mocap
        shown = context.window_manager.anatomy_mocap
        layout.prop(settings, "source", text="", placeholder="Video, pictures or keypoints")
        layout.operator("anatomy_mocap.capture", icon="REC")
        if shown.running or shown.reading:
            layout.progress(factor=shown.fraction, type="BAR", text=shown.text)
            layout.operator("anatomy_mocap.cancel", icon="CANCEL")
        if shown.waiting:
            layout.label(text=f"{shown.waiting} more in the queue", icon="SORTTIME")
        if shown.message:
            _message(layout, shown, _characters(context))


class ANATOMY_MOCAP_PT_source(_Tab, bpy.types.Panel):
    """Optional facts about the source."""

    bl_label = "Options"
    bl_parent_id = "ANATOMY_MOCAP_PT_capture"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = _form(self.layout, context)
        layout.prop(settings, "person")
        if settings.person == "NUMBER":
            layout.prop(settings, "person_number")
        for name in ("quality", "layout", "unit", "third", "clip", "exact", "lens"):
            layout.prop(settings, name)
        if settings.lens != "ASSUMED":
            layout.prop(settings, settings.lens.lower())
        layout.prop(settings, "fingers")
        _optional(layout, settings, "use_height", "height")
        _optional(layout, settings, "use_fps", "fps")
        _optional(layout, settings, "use_shot_fps", "shot_fps")
        _optional(layout, settings, "use_size", "size")


class ANATOMY_MOCAP_PT_takes(_Tab, bpy.types.Panel):
    """The list of takes, and facts about the active one."""

    bl_label = "Takes"
    bl_order = 1

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = self.layout, context.scene.anatomy_mocap
        row = layout.row()
        row.template_list("ANATOMY_MOCAP_UL_takes", "", settings, "takes", settings, "active_take", rows=3)
        column = row.column(align=True)
        column.operator("anatomy_mocap.load_take", text="", icon="FILE_FOLDER")
        column.operator("anatomy_mocap.remove_take", text="", icon="REMOVE")
        take = settings.take()
        if take:
            _facts(layout, take, _characters(context))
        layout.operator("anatomy_mocap.show_video", icon="OUTLINER_OB_CAMERA")
        layout.operator("anatomy_mocap.build_armature", icon="ARMATURE_DATA")


class ANATOMY_MOCAP_PT_retarget(_Tab, bpy.types.Panel):
    """The character, and the button that keys it."""

    bl_label = "Retarget"
    bl_order = 2

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = _form(self.layout, context)
        layout.row().prop(settings, "motion_from", expand=True)
        if settings.motion_from == "ARMATURE":
            layout.prop(settings, "source_armature")
            _optional(layout, settings, "use_source_range", "source_start", "source_end")
        layout.prop(settings, "armature")
        from_take = settings.motion_from == "TAKE"
        for name in ("smoothing", "ground"):
            layout.prop(settings, name if from_take else f"source_{name}")
        if from_take:
            layout.prop(settings, "palms")
        if from_take and settings.destination in ("NEW", "UPDATE"):
            layout.prop(settings, "set_timing")
            if settings.set_timing:
                layout.prop(settings, "rate")
        layout.prop(settings, "destination")
        layout.operator("anatomy_mocap.retarget", icon="PLAY")
        for warning in settings.result_warnings.splitlines():
            if warning not in settings.map_warnings.splitlines():  # these are with the bones
                _text(layout, warning, "ERROR", _characters(context))


class ANATOMY_MOCAP_PT_clean_up(_Tab, bpy.types.Panel):
    """Smoothing of each region, doubtful frames and pops."""

    bl_label = "Clean-up"
    bl_parent_id = "ANATOMY_MOCAP_PT_retarget"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = _form(self.layout, context)
        prefix = "" if settings.motion_from == "TAKE" else "source_"
        for region in ("root", "trunk", "head", "arms", "hands", "legs"):
            _optional(layout, settings, f"{prefix}use_smooth_{region}", f"{prefix}smooth_{region}")
        for limb in ("left_foot", "right_foot", "left_hand", "right_hand"):
            layout.prop(settings, f"{prefix}{limb}")
        if not prefix:
            layout.prop(settings, "doubt")
            layout.prop(settings, "repair")
            layout.operator("anatomy_mocap.store_settings", icon="FILE_TICK")


class ANATOMY_MOCAP_PT_keys(_Tab, bpy.types.Panel):
    """The body parts that are keyed, and the frames of the keys."""

    bl_label = "Keys"
    bl_parent_id = "ANATOMY_MOCAP_PT_retarget"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = _form(self.layout, context)
        _optional(layout, settings, "use_start", "start_frame")
        layout.prop(settings, "source_times")
        layout.prop(settings, "gaps")
        layout.prop(settings, "density")
        if settings.density == "SPARSE":
            layout.prop(settings, "key_angle")
            layout.prop(settings, "key_distance")
        if settings.destination == "INTO":
            layout.prop(settings, "blend")
        layout.column(align=True).prop(settings, "parts")


class ANATOMY_MOCAP_PT_controls(_Tab, bpy.types.Panel):
    """The controls of a control rig that play, and the treatment of constraints."""

    bl_label = "Control Rig"
    bl_parent_id = "ANATOMY_MOCAP_PT_retarget"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = _form(self.layout, context)
        layout.row().prop(settings, "limbs", expand=True)
        if settings.limbs == "FK":
            layout.prop(settings, "match_ik")
        layout.prop(settings, "constraints")


class ANATOMY_MOCAP_PT_placement(_Tab, bpy.types.Panel):
    """Posture, placement and size of the performance."""

    bl_label = "Placement"
    bl_parent_id = "ANATOMY_MOCAP_PT_retarget"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = _form(self.layout, context)
        layout.prop(settings, "hands")
        layout.prop(settings, "feet")
        layout.prop(settings, "keep_posture")
        layout.prop(settings, "twist_bones")
        layout.prop(settings, "relaxed_fingers")
        layout.prop(settings, "ground_on_root")
        layout.prop(settings, "in_place")
        layout.prop(settings, "turn")
        _optional(layout, settings, "use_scale", "scale")


class ANATOMY_MOCAP_PT_bones(_Tab, bpy.types.Panel):
    """The bones that were found, and maps from files."""

    bl_label = "Bone Map"
    bl_parent_id = "ANATOMY_MOCAP_PT_retarget"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = self.layout, context.scene.anatomy_mocap
        layout.prop(settings, "map_file", text="")
        if settings.motion_from == "ARMATURE":
            layout.prop(settings, "source_map_file")
        row = layout.row(align=True)
        row.operator("anatomy_mocap.find_bones", icon="VIEWZOOM")
        row.operator("anatomy_mocap.save_map", text="", icon="FILE_TICK")
        if settings.map_state == "NONE":
            return
        width = _characters(context)
        icon = "CHECKMARK" if settings.map_state == "GOOD" else "CANCEL"
        _text(layout, "Changed by hand" if settings.map_edited else settings.map_summary, icon, width)
        for warning in settings.map_warnings.splitlines():
            _text(layout, warning, "ERROR", width)
        if settings.bones:
            _review(layout, settings, width)


def _review(layout, settings, width: int) -> None:
    """The parts and their bones, and the operators for uncertain ones."""
    doubtful = sum(row.doubtful for row in settings.bones)
    if doubtful:
        _text(layout, f"{doubtful} {'part' if doubtful == 1 else 'parts'} to check", "QUESTION", width)
    if doubtful or settings.review_only:
        layout.prop(settings, "review_only")
    layout.prop(settings, "show_fingers")
    layout.template_list("ANATOMY_MOCAP_UL_bones", "", settings, "bones", settings, "active_bone", rows=6)
    chosen = settings.row()
    if chosen and chosen.doubtful:
        share = f"right in {100 * chosen.score:.0f} % of cases"
        _text(layout, f"{chosen.shown()}: bones with this score are {share}", "QUESTION", width)
    row = layout.row(align=True)
    row.operator("anatomy_mocap.show_bones", icon="RESTRICT_SELECT_OFF")
    row.operator("anatomy_mocap.accept_bones", icon="CHECKMARK")
    layout.operator("anatomy_mocap.use_bones", icon="BONE_DATA")


def _optional(layout, settings, switch: str, *values: str) -> None:
    layout.prop(settings, switch)
    if getattr(settings, switch):
        for value in values:
            layout.prop(settings, value)


def _message(layout, shown, width: int) -> None:
    """The last job's result or error, which stays until it is dismissed."""
    box = layout.box()
    line, *warnings = shown.message.splitlines()
    _text(box, line, "ERROR" if shown.failed else "INFO", width)
    for warning in warnings:
        _text(box, warning, "ERROR", width)
    box.operator("anatomy_mocap.dismiss", text="Dismiss", icon="X")


def _facts(layout, take, width: int) -> None:
    box = layout.box().column(align=True)
    box.label(text=f"{take.frames} frames at {take.fps:g} per second", icon="TIME")
    box.label(text=f"Person {take.height:.2f} m tall", icon="USER")
    if take.low_confidence:
        frames = take.doubtful_frames() or "load the take again to see which"
        _text(box, f"{take.low_confidence} frames of low confidence: {frames}", "ERROR", width)
        row = box.row(align=True)
        row.operator("anatomy_mocap.previous_doubt", text="", icon="TRIA_LEFT")
        row.operator("anatomy_mocap.next_doubt", text="", icon="TRIA_RIGHT")
    else:
        box.label(text="No frame of low confidence", icon="CHECKMARK")
    for warning in take.warnings.splitlines():
        _text(box, warning[:1].upper() + warning[1:], "INFO", width)


def _text(layout, text: str, icon: str, width: int) -> None:
    """Draw a text of several lines, because a label does not wrap."""
    column = layout.column(align=True)
    column.scale_y = 0.8
    for index, line in enumerate(textwrap.wrap(text, width)):
        column.label(text=line, icon="BLANK1" if index else icon, translate=False)


def _characters(context) -> int:
    """Number of characters that fit beside an icon in the sidebar at its present width."""
    region = context.region
    if region is None:
        return _CHARACTERS_A_LINE
    return max(12, int((region.width / context.preferences.system.ui_scale - _MARGIN) / _CHARACTER))


CLASSES = (ANATOMY_MOCAP_UL_takes, ANATOMY_MOCAP_UL_bones, ANATOMY_MOCAP_PT_capture, ANATOMY_MOCAP_PT_source,
           ANATOMY_MOCAP_PT_takes, ANATOMY_MOCAP_PT_retarget, ANATOMY_MOCAP_PT_bones,
           ANATOMY_MOCAP_PT_clean_up, ANATOMY_MOCAP_PT_placement, ANATOMY_MOCAP_PT_keys, ANATOMY_MOCAP_PT_controls)
