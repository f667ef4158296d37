"""Takes the exported lifter or rendered clips, gives tables and pictures of errors.

Public: `evaluate` (evaluate); `evaluate_rendered` (evaluate_rendered); `measure_directions`;
`measure` (measure_detector); `draw_clips` (pictures); `plot_log` (plot); `update_card` (model_card); errors of
detectors in detector_errors. The measures of motion are in training/metrics.py.
"""
