"""One run at a time on a folder of results, whatever was killed there before."""

import json
import multiprocessing
import os
import subprocess
import sys
import time

import pytest

from giaflow.base.checks import InputError
from giaflow.io import files, run_lock


def lock(folder, **changes):
    """A lock as a run of this process would leave it, with changes."""
    token = run_lock.take(folder)
    path = folder / run_lock.LOCK
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return token


def gone():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_second_run_is_refused_by_name_and_may_come_after_the_first(tmp_path):
    first = run_lock.take(tmp_path)
    with pytest.raises(InputError, match=f"in use since .* by process {os.getpid()} of this host"):
        run_lock.take(tmp_path)
    run_lock.release(tmp_path, first)
    second = run_lock.take(tmp_path)
    assert second != first
    run_lock.release(tmp_path, first)
    assert run_lock.token(tmp_path) == second


def test_the_lock_of_a_process_that_is_gone_is_broken(tmp_path):
    lock(tmp_path, pid=gone())
    assert run_lock.take(tmp_path) == run_lock.token(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [run_lock.LOCK]


def test_another_process_with_the_same_number_is_not_the_run(tmp_path):
    lock(tmp_path, birth="1")
    run_lock.take(tmp_path)


def test_a_run_of_another_host_is_refused_with_what_to_do(tmp_path):
    lock(tmp_path, host="node7", pid=gone())
    with pytest.raises(InputError, match=r"of node7; if that run has ended, delete .*\.run\.json"):
        run_lock.take(tmp_path)


def test_an_empty_lock_counts_for_a_while(tmp_path):
    path = tmp_path / run_lock.LOCK
    path.touch()
    with pytest.raises(InputError, match="just taken"):
        run_lock.take(tmp_path)
    long_ago = time.time() - run_lock.EMPTY - 1
    os.utime(path, (long_ago, long_ago))
    run_lock.take(tmp_path)


def _take(folder, barrier, results):
    barrier.wait()
    try:
        results.put(run_lock.take(folder))
    except InputError:
        results.put(None)
    barrier.wait()


@pytest.mark.parametrize("dead", [False, True])
def test_of_many_that_start_at_once_one_has_the_lock(tmp_path, dead):
    """Also where all of them find the lock of a run that was killed."""
    context = multiprocessing.get_context("spawn")
    n = 4
    if dead:
        lock(tmp_path, pid=gone())
    barrier, results = context.Barrier(n), context.Queue()
    takers = [context.Process(target=_take, args=(tmp_path, barrier, results)) for _ in range(n)]
    for taker in takers:
        taker.start()
    tokens = [results.get(timeout=100) for _ in range(n)]
    for taker in takers:
        taker.join()
    assert [token for token in tokens if token] == [run_lock.token(tmp_path)]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(InputError, match=r"cannot write to .*results"):
        run_lock.take(tmp_path / "results")


def test_an_orphan_does_not_write_over_what_the_next_run_makes(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_checks", [])
    old = lock(tmp_path, pid=gone())
    files.check_before_renames(lambda: run_lock.check_token(tmp_path, old))
    files.write_text("ours", tmp_path / "a.tsv")
    run_lock.take(tmp_path)
    with pytest.raises(InputError, match="no longer has"):
        files.write_text("the orphan's", tmp_path / "a.tsv")
    assert (tmp_path / "a.tsv").read_text() == "ours"
    assert sorted(path.name for path in tmp_path.iterdir()) == [run_lock.LOCK, "a.tsv"]


def test_leftovers_are_swept_but_not_those_of_another_run_inside(tmp_path):
    kept = tmp_path / "validation" / "dna" / "results"
    kept.mkdir(parents=True)
    run_lock.take(kept)
    (tmp_path / "models").mkdir()
    for folder in (tmp_path / "models", kept):
        (folder / f"{files.PART}plan.1.npz").touch()
        (folder / "plan.npz").touch()
    assert run_lock.sweep(tmp_path) == [tmp_path / "models" / f"{files.PART}plan.1.npz"]
    assert (tmp_path / "models" / "plan.npz").exists() and len(list(kept.iterdir())) == 3


def test_a_file_dated_in_the_future_is_named_with_the_remedy(tmp_path):
    path = tmp_path / "peaks.fa"
    path.touch()
    run_lock.check_dates([str(path), "absent.fa"])
    later = time.time() + 48 * 3600
    os.utime(path, (later, later))
    with pytest.raises(InputError, match=r"48\.0 h in the future.*touch .*peaks\.fa"):
        run_lock.check_dates([str(path)])
