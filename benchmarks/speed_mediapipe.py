"""Runs MediaPipe's own pose pipeline on a video in the environment that `benchmarks.speed` makes for it.

    ENVIRONMENT/bin/python benchmarks/speed_mediapipe.py VIDEO [COMPLEXITY]

Imports nothing of the project; prints frames, frames with a person, wall and CPU seconds as one JSON line.
"""

import json
import os
import sys
import time


def main() -> None:
    """Read the video with OpenCV and give each frame to the pipeline (model_complexity 1 unless given)."""
    import cv2
    import mediapipe

    wall, cpu, frames, seen = time.perf_counter(), sum(os.times()[:4]), 0, 0
    first = None
    film = cv2.VideoCapture(sys.argv[1])
    complexity = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with mediapipe.solutions.pose.Pose(static_image_mode=False, model_complexity=complexity) as pose:
        while True:
            there, picture = film.read()
            if not there:
                break
            found = pose.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
            frames += 1
            seen += found.pose_landmarks is not None
            first = first or time.perf_counter() - wall
    wall, cpu = time.perf_counter() - wall, sum(os.times()[:4]) - cpu
    print(json.dumps({"frames": frames, "seen": seen, "wall": wall, "cpu": cpu, "first": first}))


if __name__ == "__main__":
    main()
