"""Anatomy Mocap: video or 2D keypoints to keyed animation on any rig.

Importing the package needs no Blender; only `register` and `unregister` do, which Blender calls.
"""


def register():
    """Called by Blender when the add-on is enabled."""
    from .blender.ui import registration

    registration.register()


def unregister():
    """Called by Blender when the add-on is disabled."""
    from .blender.ui import registration

    registration.unregister()
