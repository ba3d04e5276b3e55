"""Starting make in a test, as a person would: not as a part of the make that runs the tests."""

import os

MAKE = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "ARGS", "CORES")


def environment(**settings):
    """The environment without what an outer make hands on, and with some settings."""
    return {key: value for key, value in os.environ.items() if key not in MAKE} | settings
