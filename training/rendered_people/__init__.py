"""Takes motion capture and MakeHuman's bodies, gives clips seen by the shipped detector, with the truth.

Public: `render` (render_in_parts); `RenderSettings` (produce); `load_clip`, `save_clip`, `clip_files`, `RenderedClip`
(clip_file); `renew` (renew_truth); `draw_sheet` (contact_sheet). Only scene.py uses Blender (the bpy module), and
imports it when it is called.
"""
