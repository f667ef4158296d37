"""Room animation: takes a Take, gives a Motion (rotations of the 22 bones and a path, cleaned up).

The chain of `animate.animate(take, smoothing, grounding)`, in this order:

    solve(take)                       solve_rotations: directions -> full rotations, unsmoothed
    repair_pops(motion)               pops: moments off the way, bridged and told
    smooth(motion, seconds, regions)  smoothing: zero-phase, in two strengths, each region with its own
    find_contacts(motion)             contacts: what touches the floor, frame by frame (foot_contacts: the feet)
    ground(motion, contacts, share)   ground: the body put on the floor, standing feet and resting hands held; lean:
                                      bodies that lie or kneel turned level

Public names: animate.animate, animate.clean_up, solve_rotations.solve, smoothing.smooth, contacts.find_contacts,
ground.ground, limb_ik.move_ends. The chosen numbers are in tuning.
"""
