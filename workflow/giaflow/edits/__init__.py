"""Patterns, and pure functions that embed, replace or mutate letters of codes (N, L)."""
