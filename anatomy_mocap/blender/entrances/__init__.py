"""The ways into the add-on besides its tab: takes files from menus and drops on the 3D view, gives captures and takes.

What these menus name, Blender's search (F3) finds. Public: `menus.register`, `menus.unregister`, `menus.CLASSES`.
"""
