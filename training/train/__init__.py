"""Takes settings and simulated videos, gives a checkpoint: the training loop, its losses, and fits after it.

Public: `train`, `Trainer` (train); `TrainSettings` (train_settings); `calibrate` (calibrate); `fit_confidence`
(fit_confidence); `window_losses` (windows); `Simulated`, `FilmedOnDevice` (training_videos).
"""
