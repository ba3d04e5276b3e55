"""Training a network: examples, schedule, fitting, and what is held out."""
