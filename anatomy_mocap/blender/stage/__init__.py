"""What stands in the scene beside the character: takes a take and its video, gives the camera that filmed it.

Public: `video_camera.show_video`, `video_camera.find_camera`, `collections.collection_of`,
`joint_colours.colour_joints`.
"""
