"""A network as a short list of operations with weights, in plain arrays."""
