"""Human3.6M and MPI-INF-3DHP for those who have them, in the npz files that the field uses.

Neither set may be used commercially: weights trained on them are for research, and none are shipped.
"""
