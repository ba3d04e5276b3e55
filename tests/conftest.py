"""Fixtures and the library's path. Warnings are errors (pyproject.toml)."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "tests")]

from giaflow.fingerprint import compiled_folder  # noqa: E402

os.environ.setdefault("NUMBA_CACHE_DIR", compiled_folder())

# The first example may compile numba code, which takes longer than any deadline.
settings.register_profile("giaflow", deadline=None)
settings.load_profile("giaflow")


# First, for pytest-xdist reads the groups in a hook of its own.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Where tests run in several processes, those of a file share one, and the longest come first.

    All that look at one finished study share one process too, or each would run it.
    """
    items.sort(key=lambda item: ROOT / "tests" / "workflow" not in item.path.parents)
    shared = {item.path for item in items if "finished" in item.fixturenames}
    for item in items:
        group = "finished" if item.path in shared else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture
def rng():
    return np.random.default_rng(0)
