"""Training of the lifter. Takes motion capture, gives models/lifter.onnx and the figures in its model card.

`python -m training --help` lists the commands. The rooms, along the way of the data:

    mocap            the motion set, repaired, and poses that it lacks
    rendered_people  computer-generated people, filmed and seen by the shipped detector
    simulate         motion on random bodies, filmed by random cameras, seen by an imperfect detector
    network          the lifter itself, its checkpoints and its export
    train            the training loop, its losses, and what is fitted after it
    measure          errors of the lifter and of the detector
    paper            the paper's own training, comparisons and tables

Nothing in the product imports this package. torch is imported here only.
"""
