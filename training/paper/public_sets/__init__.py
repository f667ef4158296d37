"""Takes the .npz files of Human3.6M and MPI-INF-3DHP, gives the paper's tables 1 to 3 with our row.

Public: `train_public` (train_public); `evaluate_public` (tables); `load_h36m` (h36m); `load_3dhp_train`,
`load_3dhp_test` (mpi_inf_3dhp). Neither set may be used commercially: weights trained on them are for research, and
none are shipped.
"""
