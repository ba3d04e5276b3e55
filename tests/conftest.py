"""Fixtures and the library's path. Warnings are errors (pyproject.toml)."""

import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "tests")]

from giaflow.base.code_digest import compiled_folder  # noqa: E402

os.environ.setdefault("NUMBA_CACHE_DIR", compiled_folder())

# The first example may compile numba code, which takes longer than any deadline.
settings.register_profile("giaflow", deadline=None)
settings.load_profile("giaflow")


def pytest_collection_modifyitems(items):
    """The longest first: of several processes, none then waits for another at the end."""
    items.sort(key=lambda item: ROOT / "tests" / "workflow" not in item.path.parents)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Tests of a file run in one process, and so do all that look at the one finished study."""
    from xdist.scheduler import LoadFileScheduling

    asked = re.compile(r"def .*\bfinished\b")

    class ByStudy(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return "finished" if asked.search((ROOT / file).read_text()) else file

    return ByStudy(config, log)


@pytest.fixture
def rng():
    return np.random.default_rng(0)
