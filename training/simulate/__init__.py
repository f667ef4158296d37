"""Takes motion capture, gives batches of 2D keypoints as a detector would see them, with the true bones.

Public: `make_batch`, `act`, `SynthSettings`, `Batch` (simulate_batch); `simulate_clip`, `CAMERAS` (simulate_clip);
`Pool` (video_pool); `load_detected` (rendered_rows); `draw_bodies`
(anthropometry); `film` (virtual_camera); `TUNING` (tuning). on_gpu/ has the same cameras and detector in torch.
"""
