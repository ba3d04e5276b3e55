"""Opening model files: checks of what they hold, then Keras, then the plan. One file a format."""
