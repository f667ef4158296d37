"""Room animation: takes a Take, gives a Motion (rotations of the 22 bones and a path, cleaned up).

The chain of `animate.animate(take, smoothing, grounding)`, in this order:

    solve(take)                       solve_rotations: directions -> full rotations, unsmoothed
    repair_pops(motion)               pops: moments off the way, bridged and told
    smooth(motion, seconds, regions)  smoothing: zero-phase, in two strengths, each region with its own
    take_contacts(take, motion)       of the room touch: what touches the floor, frame by frame
    ground(motion, contacts, share)   ground: the body put on the floor, standing feet and resting hands held; lean:
                                      bodies that lie or kneel turned level

Public names: animate.animate, animate.clean_up, solve_rotations.solve, smoothing.smooth, ground.ground,
limb_ik.move_ends. The chosen numbers are in tuning.
"""
