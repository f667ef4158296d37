"""Each module takes the files of one format; gives `records.Detections`: the people of every frame, with their points.

The readers do not know each other, except `json_files`, which finds the format of a JSON document.
"""
