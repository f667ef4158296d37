"""Takes motion capture and MakeHuman's bodies, gives videos of several people in one room, with the truth of each.

Public: `render_crowds`, `CrowdSettings` (produce); `load_crowd`, `crowd_files`, `Crowd` (crowd_file);
`draw_crowd_sheet` (crowd_sheet). The bodies, their clothes and Blender are those of rendered_people.
"""
