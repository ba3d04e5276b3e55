"""Published numbers held against a study's tables."""
