"""What every room stands on: letters and codes, checks, seeds, registries, settings, digests."""
