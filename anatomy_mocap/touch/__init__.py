"""Room touch: takes a Take, gives it with what touches the floor: as the contact network sees it, and as the user says.

Public: `find_touches.with_touches`, `contact_edits.edit_contacts`, `clear_contacts` and `parse_edit`. The network is
models/contacts.onnx; `features` is what it sees, at its own frame rate, so that a take of any rate will do.
"""
