"""by_form: takes a rig's bones in space, gives a Body (part -> bones, with scores); names are not used.

The steps: form (the bones as a tree), mirror_plane (the plane of symmetry and pairs of limbs), limbs (readings of a
chain as a leg or an arm, each with a cost), spine_and_head, facing (the front), body (the best combination).
A cost is a sum of squares: each term is the deviation of a measure from its usual value, over the usual spread.
"""
