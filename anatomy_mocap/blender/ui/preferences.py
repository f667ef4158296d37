"""The add-on's preferences, and their defaults where the add-on is not enabled (tests, scripts)."""

import tempfile
from pathlib import Path

import bpy

from ...core.errors import MocapError
from ...settings import CaptureSettings
from .settings_properties import with_properties

ADD_ON = __package__.rsplit(".", 2)[0]
"""Blender's name of the add-on: the root of the package, which depends on the repository it was installed from."""


@with_properties(CaptureSettings, only=("device",))
class MocapPreferences(bpy.types.AddonPreferences):
    """The device of the networks, and the folder of the takes."""

    bl_idname = ADD_ON

    cache_folder: bpy.props.StringProperty(
        name="Takes Folder", subtype="DIR_PATH", default="",
        description="Folder of captured takes; leave empty to use the folder of the add-on")

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "device")
        layout.prop(self, "cache_folder")
        if not self.cache_folder:
            layout.label(text=f"Takes are kept in {takes_folder(create=False)}", icon="INFO")


def preferences() -> MocapPreferences | None:
    """The user's preferences; None where the add-on is not enabled as one."""
    add_on = bpy.context.preferences.addons.get(ADD_ON)
    return add_on.preferences if add_on else None


def device() -> str:
    """ "auto", "cuda" or "cpu"."""
    chosen = preferences()
    return chosen.device if chosen else "auto"


def takes_folder(create: bool = True) -> Path:
    """The folder of the takes: the user's, else the extension's, else a temporary one where it is no extension."""
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
    """The folder of bone maps that the user changed, inside that of the takes; the first map creates it."""
    return takes_folder(create=False) / "bone_maps"


def free_path(folder: Path, stem: str) -> Path:
    """An unused path in a folder: dance.npz, dance_2.npz and so on."""
    number = 1
    path = folder / f"{stem}.npz"
    while path.exists():
        number += 1
        path = folder / f"{stem}_{number}.npz"
    return path
