"""Takes the exported lifter, checkpoints or rendered clips, gives tables and pictures of errors.

Public: `evaluate` (evaluate); `evaluate_rendered` (evaluate_rendered); `compare` (compare); `measure_directions`;
`measure` (measure_detector); `draw_clips` (pictures); `plot_log` (plot); `update_card` (model_card); the measures
themselves in metrics and detector_errors.
"""
