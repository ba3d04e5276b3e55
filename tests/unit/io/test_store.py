"""The store gives back what was put in or nothing, whoever else reads, writes, fills or kills."""

import errno
import multiprocessing
import os
import resource
import signal
import time
from pathlib import Path

import pytest

from giaflow.io import files
from giaflow.io.hardware import cards, processor
from giaflow.io.store import ENDING, LEFT, Damaged, Store, key

# More than a pipe or a buffer holds, so that a kill meets a write in the middle.
LARGE = 3 << 20


def question(number):
    return {"inputs": {"codes": [f"{number:064d}"]}, "params": {"seed": number}}


def contents(number, size=100):
    """What question `number` leads to: two files, the second one empty for every fifth."""
    letters = bytes(f"{number} ", "ascii")
    return [(letters * size)[:size], b"" if number % 5 == 0 else letters]


def keep(store, number, folder, size=100):
    made = [folder / "made.nc", folder / "made.tsv"]
    for path, content in zip(made, contents(number, size), strict=True):
        path.write_bytes(content)
    return store.keep(question(number), made)


def take(store, number, folder):
    """The contents of the files that a question leads to; None if the store has none."""
    wanted = [folder / "taken.nc", folder / "taken.tsv"]
    for path in wanted:
        path.unlink(missing_ok=True)
    if not store.take(question(number), wanted):
        assert not any(path.exists() for path in wanted)
        return None
    return [path.read_bytes() for path in wanted]


def size_of(folder):
    return sum(path.stat().st_size for path in folder.iterdir())


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store", 10**9)


@pytest.fixture
def desk(tmp_path):
    """A work directory."""
    (tmp_path / "desk").mkdir()
    return tmp_path / "desk"


@pytest.mark.parametrize("number", [3, 5])
def test_what_was_kept_is_taken_in_another_folder(store, desk, tmp_path, number):
    assert take(store, number, desk) is None
    assert keep(store, number, desk)
    (tmp_path / "other").mkdir()
    assert take(Store(store.folder, 1), number, tmp_path / "other") == contents(number)
    assert take(store, number + 1, desk) is None


def test_every_order_in_a_question_has_a_meaning():
    """A mapping of patterns, for example, is the order of the rows of a table."""
    asked = {"a": [1, 2], "b": {"x": 1, "y": 2}}
    others = [{"a": [2, 1], "b": {"x": 1, "y": 2}}, {"a": [1, 2], "b": {"y": 2, "x": 1}}]
    assert len({key(each) for each in (asked, *others)}) == 3


def test_the_first_writer_of_a_question_stays(store, desk):
    assert keep(store, 1, desk, size=11) and keep(store, 1, desk, size=13)
    assert take(store, 1, desk) == contents(1, 11)


def test_a_flip_of_any_bit_is_noticed_and_removed(store, desk):
    keep(store, 1, desk)
    path, before = store.path(question(1)), desk / "taken.nc"
    whole = path.read_bytes()
    for i in range(len(whole)):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ (1 << i % 8)]) + whole[i + 1 :])
        before.write_text("what was there before")
        with pytest.raises(Damaged):
            store.take(question(1), [before, desk / "taken.tsv"])
        assert not path.exists(), i
        assert before.read_text() == "what was there before"
    assert sorted(path.name for path in desk.iterdir()) == ["made.nc", "made.tsv", "taken.nc"]


def test_a_file_that_ends_early_is_noticed_and_removed(store, desk):
    keep(store, 1, desk)
    path = store.path(question(1))
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(Damaged):
            take(store, 1, desk)
        assert not path.exists(), length


def test_results_under_the_name_of_another_question_are_refused(store, desk):
    keep(store, 1, desk)
    store.path(question(1)).rename(store.path(question(2)))
    with pytest.raises(Damaged, match="another question"):
        take(store, 2, desk)
    keep(store, 1, desk)
    with pytest.raises(Damaged, match="another question"):
        store.take(question(1), [desk / "only_one.nc"])


def test_what_was_used_least_recently_goes_first(store, desk):
    for number in (1, 2, 3, 4):
        keep(store, number, desk, size=1000)
        used = time.time() - 100 + number
        os.utime(store.path(question(number)), (used, used))
    assert take(store, 1, desk)
    full = Store(store.folder, size_of(store.folder))
    assert keep(full, 6, desk, size=1000)
    kept = [number for number in (1, 2, 3, 4, 6) if take(store, number, desk)]
    assert kept == [1, 3, 4, 6] and size_of(store.folder) <= full.most
    # One that is larger takes the place of several.
    assert keep(full, 7, desk, size=2500)
    assert [number for number in kept if take(store, number, desk)] == [6]


def test_the_bound_holds_after_every_result(desk, tmp_path):
    full = Store(tmp_path / "store", 7000)
    for number in range(1, 40):
        assert keep(full, number, desk, size=37 * number)
        assert 0 < size_of(full.folder) <= full.most
        assert take(full, number, desk)


def test_what_is_larger_than_the_store_removes_nothing(store, desk):
    keep(store, 1, desk)
    full = Store(store.folder, size_of(store.folder) + 1000)
    assert not keep(full, 2, desk, size=2000)
    assert take(store, 1, desk) and not take(store, 2, desk)


def test_other_files_of_the_folder_are_neither_counted_nor_removed(store, desk):
    keep(store, 1, desk, size=1000)
    most = size_of(store.folder)
    others = [store.folder / name for name in ("thesis.tex", ".part.thesis.tex")]
    for path in others:
        path.write_bytes(bytes(5000))
        os.utime(path, (0, 0))
    assert keep(Store(store.folder, most), 2, desk, size=1000)
    assert all(path.exists() for path in others) and not take(store, 1, desk)


def test_what_a_kill_left_is_counted_and_swept_after_a_day(store, desk):
    keep(store, 1, desk, size=1000)
    most = size_of(store.folder)
    left = store.folder / f"{files.PART}{'0' * 64}.x{ENDING}"
    left.write_bytes(bytes(500))
    # Another job may be writing it: it stays, and there is no room beside it.
    assert not keep(Store(store.folder, most), 2, desk, size=1000) and left.exists()
    long_ago = time.time() - LEFT - 1
    os.utime(left, (long_ago, long_ago))
    assert keep(Store(store.folder, most), 2, desk, size=1000) and not left.exists()


def test_what_another_user_owns_may_stay(store, desk, monkeypatch):
    """In a sticky folder nobody removes, or marks as used, the files of others."""
    keep(store, 1, desk, size=1000)

    def refused(*_, **__):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    with monkeypatch.context() as patch:
        patch.setattr(os, "utime", refused)
        assert take(store, 1, desk) == contents(1, 1000)
        patch.setattr(Path, "unlink", refused)
        assert not Store(store.folder, size_of(store.folder))._make_room(1000)


def test_a_result_may_be_marked_by_whoever_may_write_to_the_folder(store, desk):
    for mode, expected in ((0o775, 0o664), (0o755, 0o644), (0o1777, 0o666)):
        store.folder.mkdir(exist_ok=True)
        store.folder.chmod(mode)
        keep(store, mode, desk)
        assert store.path(question(mode)).stat().st_mode & 0o777 == expected


@pytest.fixture
def limit():
    """Set how large a file of this process may get (bytes)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_leaves_no_half_result(store, desk, limit):
    made = desk / "made.nc"
    made.write_bytes(bytes(700))
    for size in (0, 1, 101, 307):
        limit(size)
        with pytest.raises(OSError):
            store.keep(question(1), [made])
        assert list(store.folder.iterdir()) == [], size
    limit(resource.RLIM_INFINITY)
    assert store.keep(question(1), [made]) and store.take(question(1), [desk / "taken.nc"])


def test_what_cannot_be_kept_says_why(tmp_path):
    (tmp_path / "file").touch()
    assert Store(tmp_path / "file", 1).fault() == os.strerror(errno.EEXIST)
    # A share that is not mounted: its place is not made.
    assert Store(tmp_path / "share" / "store", 1).fault() == os.strerror(errno.ENOENT)
    assert Store(tmp_path / "store", 1).fault() is None and (tmp_path / "store").is_dir()


def _work(folder, most, numbers, desk, results):
    """Take or keep what each number asks for; count what was taken, fail on a wrong byte."""
    store, taken = Store(folder, most), 0
    desk.mkdir()
    for number in numbers:
        found = take(store, number, desk)
        assert found in (None, contents(number, LARGE // 100))
        taken += found is not None
        if found is None:
            keep(store, number, desk, size=LARGE // 100)
    results.put(taken)


def _die(folder, number, desk):
    """Be killed in the middle of keeping a result: all is written, nothing is renamed."""
    os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
    keep(Store(folder, 10**9), number, desk, size=LARGE)


@pytest.mark.parametrize("room", [100, 4])
def test_processes_that_share_a_store_never_see_a_wrong_byte(tmp_path, room):
    """Same and other questions at once, beside what a process left that was killed amid a write."""
    folder, context = tmp_path / "store", multiprocessing.get_context("spawn")
    most = room * LARGE // 100
    victim = context.Process(target=_die, args=(folder, 1, tmp_path))
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    left = list(folder.iterdir())
    assert len(left) == 1 and left[0].name.startswith(files.PART)
    left[0].write_bytes(b"")
    results = context.Queue()
    orders = [[(7 * i + start) % 11 for i in range(50)] for start in (0, 0, 3)]
    workers = [
        context.Process(target=_work, args=(folder, most, order, tmp_path / f"desk{i}", results))
        for i, order in enumerate(orders)
    ]
    for worker in workers:
        worker.start()
    taken = [results.get(timeout=100) for _ in workers]
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert left[0].exists() and {path for path in folder.iterdir() if path.name[0] == "."} == {
        left[0]
    }
    if room == 100:
        # Each of the eleven was computed by one of the three at least, and found by the others.
        assert sum(taken) >= 3 * 50 - 3 * 11 and len(list(folder.iterdir())) == 12
    else:
        assert size_of(folder) <= len(workers) * most


def test_a_killed_writer_hinders_nobody(store, desk):
    victim = multiprocessing.get_context("spawn").Process(target=_die, args=(store.folder, 1, desk))
    victim.start()
    victim.join()
    assert take(store, 1, desk) is None
    assert keep(store, 1, desk) and take(store, 1, desk) == contents(1)


def test_an_orphan_takes_nothing_out(store, desk, monkeypatch):
    """Results go into a work directory by the same renames as if they were computed."""
    keep(store, 1, desk)
    monkeypatch.setattr(files, "_checks", [])

    def gone():
        raise files.InputError("the run is gone")

    files.check_before_renames(gone)
    with pytest.raises(files.InputError, match="the run is gone"):
        take(store, 1, desk)
    assert sorted(path.name for path in desk.iterdir()) == ["made.nc", "made.tsv"]
    assert store.path(question(1)).exists()


def test_the_machine_is_described(tmp_path):
    assert len(processor()) >= 2 and processor() == processor()
    for place, kind in (("0000:01", "NVIDIA H200"), ("0000:02", "NVIDIA A100 80GB")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "information").write_text(f"Model: \t\t {kind}\nIRQ:   \t\t 71\n")
    assert cards(tmp_path) == ["NVIDIA A100 80GB", "NVIDIA H200"]
    assert cards(tmp_path / "absent") == []
