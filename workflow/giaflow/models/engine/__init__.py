"""Predicting edits at the cost of what they change: windows, differences and cached backgrounds."""
