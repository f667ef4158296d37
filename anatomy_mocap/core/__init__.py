"""The pure core: numpy and scipy only, never Blender, files or networks (except `take`, the file format)."""
