"""Models whose effects are known, and sequences to study them on."""
