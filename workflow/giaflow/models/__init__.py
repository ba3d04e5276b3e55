"""Models: the only place that imports TensorFlow and Keras, and only where it must.

The face and its origins:

base            the face every model shows, and plain predictions of edits
loading         opening an untrusted model file: checks first, then Keras, then probes
network         a Keras network behind that face                      (imports Keras)
planned         a checked network that runs from its plan
formula         a formula behind that face (linear, additive, counting models; oracles)
fitting         fitting a network to labels, and saving it            (imports Keras)
memory          batches that halve when memory does not suffice       (imports TensorFlow)

Plans, and predicting edits at the cost of what they change:

graph           a model as a *plan*: a short list of ops with weights, kept in plain arrays
targets         what the study reads from a model's heads, as more ops of the plan
incremental     predictions from a plan, and of edits at the cost of what they change
gains           what a model gains from it, counted
export          Keras model -> plan                                   (imports Keras)
plain           whole batches through one traced function             (imports TensorFlow)

Everything else here serves `incremental` and runs on numpy and numba alone.
"""
