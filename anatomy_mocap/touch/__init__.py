"""Room touch: takes a Take, gives it with the probabilities that each part of the body touches the floor.

Public: `find_touches.with_touches`. The network is models/contacts.onnx; `features` is what it sees, at its own frame
rate, so that a take of any rate will do.
"""
