"""mocap."""
