"""Readers of other tools' keypoint files: each turns one format into `Detections` and knows nothing of the others."""
