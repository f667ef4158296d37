"""The nouns that every room uses: skeleton, camera, keypoints, lifted clip, take and motion. Takes and gives arrays.

It imports numpy and scipy only, and never Blender, a video library or a network. Two modules write files: `take` (the
take's file format) and `whole_file`. `progress` holds the steps that every long job yields, `errors` the one error
class.

Public: `skeleton.Skeleton` and `MOCAP22`, `camera.Camera`, `keypoints.Keypoints2D`, `keypoint_layouts.LAYOUTS`,
`lifted_clip.Lifted`, `take.Take`, `load_take` and `save_take`, `take_from_joints.take_from_positions`, `motion.Motion`,
`progress.Progress` and `drain`, `errors.MocapError`.
"""
