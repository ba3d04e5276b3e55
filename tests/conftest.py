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


@pytest.fixture
def rng():
    return np.random.default_rng(0)
