"""Models: the only place that imports TensorFlow and Keras, and only when a model is opened.

base       the face every model shows, and plain predictions of edits
loading    opening an untrusted model file: checks first, then Keras, then probes
network    a Keras network behind that face
formula    a formula behind that face (linear, additive, counting models; oracles)
training   training an architecture on sequence sets against their shuffles
"""
