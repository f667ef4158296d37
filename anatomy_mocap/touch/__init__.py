"""Room touch: takes a Take or a Motion, gives what touches the floor in it, by a network, by rule, and by the user.

Public: `find_touches.with_touches` (the network's probabilities, kept in the take), `contacts.find_contacts` (the
rule), `take_contacts.take_contacts` (both, with edits and modes), `contact_edits.edit_contacts`, `clear_contacts` and
`parse_edit`. The network is models/contacts.onnx; `features` is what it sees, at its own frame rate.
"""
