"""What the scripts of rules share: running a job, opening models, the store, input files."""
