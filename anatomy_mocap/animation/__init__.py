"""Room animation: takes a Take, gives a Motion (rotations of the 22 bones and a path, cleaned up).

The chain of `animate.animate(take, smoothing, grounding)`, in this order:

    solve(take)                       solve_rotations: directions -> full rotations, unsmoothed
    smooth(motion, seconds)           smoothing: zero-phase, in two strengths
    find_contacts(motion)             foot_contacts: which foot stands, frame by frame
    ground(motion, contacts, share)   foot_contacts: standing feet held on the floor

Public names: animate.animate, animate.clean_up, solve_rotations.solve, smoothing.smooth, foot_contacts.find_contacts,
foot_contacts.ground, leg_ik.move_feet, leg_ik.missing_reach. The chosen numbers are in tuning.
"""
