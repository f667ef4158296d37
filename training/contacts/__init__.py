"""Room contacts: takes the training subjects' motions, gives models/contacts.onnx, which tells what touches the floor.

Clips pass through the simulated camera and detector, the shipped lifter and the fit; the recording says what stands.
Public: `true_contacts.true_contacts`, `train_contacts.train_contacts`.
"""
