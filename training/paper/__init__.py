"""Takes videos of the paper's 17 joints, gives its ablation and its tables: losses, augmentation, variants, protocols.

Public: `ablate` (ablate); `train_comparison` (train_comparison); `compare` (compare); `VariantLifter`, `VariantConfig`
(variants_of_the_lifter); `ROWS`, `FULL` (ablation_rows); `Learner` (learner); `predict`, `predict_all` (infer);
public_sets/ reads Human3.6M and MPI-INF-3DHP. docs/how_it_works/paper.md names the place of each part of the paper.
"""
