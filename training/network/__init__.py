"""Takes 2D keypoints with scores, gives bone directions and lengths: the lifter, its checkpoints and its export.

Public: `Lifter`, `LifterConfig` (lifter); `load_model`, `load_lifter`, `save_checkpoint`, `save_weights`, `start_from`
(checkpoint); `export_onnx` (export). A larger network starts from a smaller one by more_channels, longer_windows and
causal_start.
"""
