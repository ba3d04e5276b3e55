"""Fixtures and the library's path. Warnings are errors (pyproject.toml)."""

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "tests")]


@pytest.fixture
def rng():
    return np.random.default_rng(0)
