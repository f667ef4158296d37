"""Room bone_maps: takes a rig (TargetRig), gives a BoneMap (body part -> bones, with a score for each bone).

Public names:
    match.match(rig, convention)                 the map of a rig, from bone names and from the rig's form
    by_name.by_table.conventions_of(rig)         the naming conventions that fit a rig
    bone_map.BoneMap, PARTS, REQUIRED            the map (saved as JSON) and the names of the body parts
    user_maps.remember, recall, forget           a folder with the user's own maps
    fingerprint.fingerprint                      16 digits by which a rig is recognised

by_name/ reads bone names: by_table with the tables of conventions/, by_words with words in thirteen languages.
by_form/ reads chains, symmetry and proportions, without names. names_against_form compares the two, check_structure
compares a map with the rig's hierarchy.

To add a rig convention, add one table module to conventions/ (conventions/mixamo.py is an example). The registry finds
it by itself; only the order of tables that fit a rig equally well is written down, in registry.DRAW_ORDER.
"""
