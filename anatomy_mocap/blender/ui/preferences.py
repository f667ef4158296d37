"""The add-on's preferences, and what they mean where there are none (tests, scripts)."""

import tempfile
from pathlib import Path

import bpy

from ...core.errors import MocapError
from ...settings import CaptureSettings
from .settings_properties import with_properties

ADD_ON = __package__.rsplit(".", 2)[0]
"""The name that Blender knows the add-on by: the package's root, whatever repository it was installed from."""


@with_properties(CaptureSettings, only=("device",))
class MocapPreferences(bpy.types.AddonPreferences):
    """Device and cache folder."""

    bl_idname = ADD_ON

    cache_folder: bpy.props.StringProperty(
        name="Takes Folder", subtype="DIR_PATH", default="",
        description="Where captured takes are kept; empty for the add-on's own folder")

    def draw(self, _context):
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "device")
        layout.prop(self, "cache_folder")
        if not self.cache_folder:
            layout.label(text=f"Takes are kept in {takes_folder(create=False)}", icon="INFO")


def preferences():
    """The user's preferences; None where the add-on is not enabled as one."""
    add_on = bpy.context.preferences.addons.get(ADD_ON)
    return add_on.preferences if add_on else None


def device() -> str:
    """ "auto", "cuda" or "cpu"."""
    chosen = preferences()
    return chosen.device if chosen else "auto"


def takes_folder(create: bool = True) -> Path:
    """Where takes are kept: the user's folder, the extension's own, or a temporary one where it is not an extension."""
    chosen = preferences()
    if chosen and chosen.cache_folder:
        folder = Path(bpy.path.abspath(chosen.cache_folder))
    else:
        try:
            folder = Path(bpy.utils.extension_path_user(ADD_ON, path="takes", create=create))
        except ValueError:  # not installed as an extension
            folder = Path(tempfile.gettempdir()) / "anatomy_mocap_takes"
    if create:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MocapError(f"{folder}: the takes folder can't be made ({error.strerror}); choose another one in the "
                             "add-on's preferences") from error
    return folder


def maps_folder() -> Path:
    """Where bone maps that the user changed are kept, beside the takes; made when the first is written."""
    return takes_folder(create=False) / "bone_maps"


def free_take_path(stem: str) -> Path:
    """A name in the takes folder that no take has: dance.npz, dance_2.npz ..."""
    folder, number = takes_folder(), 1
    path = folder / f"{stem}.npz"
    while path.exists():
        number += 1
        path = folder / f"{stem}_{number}.npz"
    return path
