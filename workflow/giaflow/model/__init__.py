"""Models: the only place that imports TensorFlow and Keras, and only where it must.

    graph.py        a model as a *plan*: a short list of ops with weights, kept in plain arrays
    targets.py      what the study reads from a model's heads, as more ops of the plan
    incremental.py  predictions from a plan, and of edits at the cost of what they change
    gains.py        what a model gains from it
    export.py       Keras model -> plan                              (imports Keras)
    plain.py        whole batches through one traced function        (imports TensorFlow)

Everything else here serves `incremental.py` and runs on numpy and numba alone.
"""
