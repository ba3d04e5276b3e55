"""Places on a genome, shuffles, pattern search and folding."""
