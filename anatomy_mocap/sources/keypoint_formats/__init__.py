"""Readers of other tools' keypoint files. Each reads one format as `Detections`, independently of the others."""
