"""Compiled loops of the engine, and the vector code that they call."""
