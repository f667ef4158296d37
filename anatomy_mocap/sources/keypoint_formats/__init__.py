"""Takes the keypoint files of other tools; gives records of detections (`records.Detections`). Each module reads one
format.

Public: `json_files.read_json` and `read_folder`, `csv_landmarks.read_csv`, `npz.read_npz`.
"""
