"""Models: what predicts, whatever file it came from. Only this room imports Keras and TensorFlow.

base            the face every model shows, and predictions of edits by whole sequences
readers/        opening a model file that nobody has vouched for: checks of the file and of all that
                it names, then Keras, then the plan
plan/           a network as a short list of operations with weights, kept in plain arrays
engine/         predictions from a plan, and of edits at the cost of what they change
functionals/    what turns the outputs of a network into one number a target
training/       fitting a network to labels or values, and what is held out
planned_model   a checked network that runs from its plan
formula_model   a formula behind the same face: linear and counting models, oracles
letter_order    a network whose channels are not in the order A, C, G, T
probing         predictions of random sequences: finite, deterministic, neither flat nor saturated
batch_memory    batches that halve when memory does not suffice
"""
