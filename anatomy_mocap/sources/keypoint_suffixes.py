"""Which files are keypoint files by their suffix, and what to say of those that cannot be read."""

from __future__ import annotations

READABLE = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".npz", ".npy", ".txt", ".trc")
# Suffix -> what the file is; what to give instead. No video has these suffixes.
UNREADABLE = {
    ".h5": ("an HDF5 file, as DeepLabCut and SLEAP write it", "export it as CSV there"),
    ".hdf5": ("an HDF5 file", "export it as CSV"),
    ".slp": ("a project of SLEAP", "export it as CSV there"),
    ".c3d": ("a C3D file of 3D markers", "give the 2D keypoints of one camera"),
    ".mot": ("an OpenSim motion of joint angles", "give the 2D keypoints of one camera"),
    ".pkl": ("a pickle, which is a program and is not run", "save its keypoints as JSON or .npz"),
    ".pickle": ("a pickle, which is a program and is not run", "save its keypoints as JSON or .npz"),
    ".pth": ("a file of PyTorch, which is a program and is not run", "save its keypoints as JSON or .npz"),
    ".pt": ("a file of PyTorch, which is a program and is not run", "save its keypoints as JSON or .npz"),
    ".mat": ("a MATLAB file", "save its keypoints as CSV or JSON"),
    ".parquet": ("a Parquet table", "save it as CSV"),
    ".feather": ("a Feather table", "save it as CSV"),
    ".xlsx": ("an Excel table", "save it as CSV"),
    ".xml": ("an XML file, as CVAT writes it", "export COCO keypoints there"),
    ".yaml": ("a YAML file", "save its keypoints as JSON"),
    ".yml": ("a YAML file", "save its keypoints as JSON"),
    ".gz": ("a packed file", "unpack it and give the file in it"),
    ".zip": ("a packed file", "unpack it and give the file or folder in it"),
    ".task": ("a model of MediaPipe, no keypoints", "give the landmarks that it found, as JSON or CSV"),
}
