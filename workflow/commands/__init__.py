"""What `make` calls: python -m commands.<name>, with workflow/ on the path."""
