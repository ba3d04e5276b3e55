"""Digests of input files: remembered while a file is the same, and held while a job reads it."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from giaflow.io import contents
from giaflow.io.contents import Changed, Contents, Watch, links, state

WORKFLOW = Path(__file__).resolve().parents[3] / "workflow"


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with two files of one size, in which every file counts as settled."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(contents, "SETTLED", 0)
    Path("results").mkdir()
    Path("a.fa").write_text("ACGTACG")
    Path("b.fa").write_text("TTTTTTT")
    os.utime("b.fa", (10**9, 10**9))
    return tmp_path


@pytest.fixture
def hashed(monkeypatch):
    """Paths of all files that are hashed, in order."""
    found, real = [], contents.sha256

    def counted(path):
        found.append(Path(path).name)
        return real(path)

    monkeypatch.setattr(contents, "sha256", counted)
    return found


CACHE = "results/.contents.json"


def test_a_file_is_hashed_once_whoever_asks(files, hashed):
    first = Contents(CACHE)
    assert first.digest("a.fa") == first.digest("a.fa") == sha("ACGTACG")
    first.save()
    second = Contents(CACHE)
    assert second.digest(str(files / "a.fa")) == second.digest("./results/../a.fa")
    assert hashed == ["a.fa"]


def in_place(path):
    """Overwrite and give the old date back."""
    before = Path(path).stat()
    with Path(path).open("r+") as stream:
        stream.write("TTTTTTT")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def renamed(path):
    Path("b.fa").replace(path)


def copied(path):
    shutil.copy2("b.fa", path)


def copied_with_the_old_date(path):
    before = Path(path).stat()
    shutil.copyfile("b.fa", path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def hard_linked(path):
    Path(path).unlink()
    Path(path).hardlink_to("b.fa")


def soft_linked(path):
    Path(path).unlink()
    Path(path).symlink_to("b.fa")


WAYS = [in_place, renamed, copied, copied_with_the_old_date, hard_linked, soft_linked]


@pytest.mark.parametrize("way", WAYS)
def test_another_content_is_found_whatever_its_date(files, way):
    # Times of a file system tick in milliseconds: what a test does at once, users do not.
    kept = Contents(CACHE)
    assert kept.digest("a.fa") == sha("ACGTACG")
    kept.save()
    _tick("a.fa")
    way("a.fa")
    assert Contents(CACHE).digest("a.fa") == sha("TTTTTTT")
    assert kept.digest("a.fa") == sha("TTTTTTT")


def _tick(path):
    """Wait until the file system would give another time than the one that a file has."""
    while True:
        Path("results/tick").write_text("")
        if Path("results/tick").stat().st_ctime_ns > Path(path).stat().st_ctime_ns:
            return


@pytest.mark.parametrize("folder", [False, True], ids=["file", "folder"])
def test_a_link_that_is_pointed_elsewhere_is_followed(files, folder):
    for name, text in (("one", "CC"), ("two", "GG")):
        Path(name).mkdir()
        Path(name, "x.fa").write_text(text)
    link, path = ("now", "now/x.fa") if folder else ("x.fa", "x.fa")
    Path(link).symlink_to("one" if folder else "one/x.fa")
    kept = Contents(CACHE)
    assert kept.digest(path) == sha("CC")
    Path(link).unlink()
    Path(link).symlink_to("two" if folder else "two/x.fa")
    assert kept.digest(path) == sha("GG")


def test_a_file_that_changed_just_now_is_hashed_again(files, hashed, monkeypatch):
    """It may change once more and keep its times."""
    monkeypatch.setattr(contents, "SETTLED", 10**12)
    for _ in range(3):
        kept = Contents(CACHE)
        kept.digest("a.fa")
        kept.save()
    assert hashed == ["a.fa"] * 3 and not Path(CACHE).exists()


@pytest.mark.parametrize("kind", ["absent", "folder", "fifo", "dangling", "loop", "unreadable"])
def test_what_is_not_a_readable_file_has_no_digest(files, kind):
    path = Path("x")
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "dangling":
        path.symlink_to("nowhere")
    elif kind == "loop":
        path.symlink_to("x")
    elif kind == "unreadable":
        if os.geteuid() == 0:
            pytest.skip("root reads everything")
        path.write_text("A")
        path.chmod(0)
    assert Contents(CACHE).digest("x") is None and state("x") is None


@given(cut=st.integers(0, 200), letters=st.binary(max_size=5))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_memory_gives_no_wrong_digest(files, cut, letters):
    Path(CACHE).unlink(missing_ok=True)
    kept = Contents(CACHE)
    kept.digest("a.fa")
    kept.save()
    whole = Path(CACHE).read_bytes()
    Path(CACHE).write_bytes(whole[:cut] + letters + whole[cut + len(letters) :])
    assert Contents(CACHE).digest("a.fa") == sha("ACGTACG")


@pytest.mark.parametrize("text", ["", "[]", "3", "null", '{"files": []}', "[" * 100_000, "\xff"])
def test_a_memory_of_another_kind_counts_as_empty(files, text):
    Path(CACHE).write_bytes(text.encode("latin-1"))
    kept = Contents(CACHE)
    assert kept.digest("a.fa") == sha("ACGTACG")
    kept.save()
    assert json.loads(Path(CACHE).read_text())["files"]


def test_where_nothing_can_be_written_files_are_hashed_again(files, monkeypatch):
    kept = Contents("absent/.contents.json")
    assert kept.digest("a.fa") == sha("ACGTACG")
    kept.save()
    assert not Path("absent").exists()


def test_processes_that_save_at_once_leave_a_whole_memory(files):
    code = (
        f"import sys; sys.path.insert(0, {str(WORKFLOW)!r})\n"
        "from giaflow.io import contents\n"
        "contents.SETTLED = 0\n"
        "for i in range(30):\n"
        f"    kept = contents.Contents({CACHE!r})\n"
        "    kept.digest(sys.argv[1])\n"
        "    kept._new = dict(kept._known)\n"
        "    kept.save()\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, file]) for file in ("a.fa", "b.fa")]
    assert [run.wait() for run in runs] == [0, 0]
    held = json.loads(Path(CACHE).read_text())
    assert held["sha256"] == contents._digest(held["files"])
    assert [path.name for path in Path("results").iterdir()] == [".contents.json"]


def test_links_on_the_way_are_all_seen(files):
    Path("real").mkdir()
    Path("real/x.fa").write_text("A")
    Path("first").symlink_to("real")
    Path("second").symlink_to(files / "first")
    Path("x.fa").symlink_to("second/../second/x.fa")
    outside = len(links(str(files)))
    # x.fa, and on its way second and first, twice.
    assert len(links("x.fa")) == outside + 1 + 2 + 2 + 2 * outside
    assert len(links("real/x.fa")) == outside


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("settled", [0, 10**12])
def test_a_file_that_changes_while_it_is_read_is_refused(files, monkeypatch, way, settled):
    monkeypatch.setattr(contents, "SETTLED", settled)
    watch = Watch({"a.fa": sha("ACGTACG")})
    watch.check()
    watch.check()
    if not settled:
        _tick("a.fa")
    way("a.fa")
    with pytest.raises(Changed, match=r"^a\.fa changed while this run read it, .*run the workflow"):
        watch.check()


def test_a_file_that_changed_before_the_job_began_is_refused(files):
    with pytest.raises(Changed, match=r"a\.fa changed"):
        Watch({"a.fa": sha("ACGTACC")})
    Path("a.fa").unlink()
    with pytest.raises(Changed, match=r"a\.fa changed"):
        Watch({"a.fa": sha("ACGTACG")})


def test_a_link_that_is_pointed_elsewhere_and_back_is_refused(files):
    Path("x.fa").symlink_to("a.fa")
    watch = Watch({"x.fa": sha("ACGTACG")})
    # Held, so that its number is not given to the next link.
    Path("x.fa").rename("held.fa")
    Path("x.fa").symlink_to("b.fa")
    Path("x.fa").unlink()
    Path("x.fa").symlink_to("a.fa")
    with pytest.raises(Changed):
        watch.check()


def test_a_rename_away_and_back_is_refused(files):
    watch = Watch({"a.fa": sha("ACGTACG")})
    _tick("a.fa")
    Path("a.fa").rename("held.fa")
    Path("held.fa").rename("a.fa")
    with pytest.raises(Changed):
        watch.check()


def test_another_reader_changes_nothing(files):
    watch = Watch({"a.fa": sha("ACGTACG")})
    assert Path("a.fa").read_text() and os.access("a.fa", os.R_OK)
    watch.check()


# A function, with what it is asked for.
CALLED = r"(?:\(\"\w+\"\))?"
# What gives a rule its input files from outside results/.
GIVES = ["model_file", "value_files", "null_input", "null_values", "variant_files", "probe_table"]
GIVES += ["file_of_instances", "local_copy", r"study\.published_files", r"\.fasta"]


def blocks():
    """Name and text of every rule, and of what several rules share."""
    for path in sorted((WORKFLOW / "rules").glob("*.smk")):
        text = path.read_text().replace('"content": content_of(', "content=content_of(")
        shared = re.search(r"^PREDICTED_FROM = .*?^rule ", text, re.MULTILINE | re.DOTALL)
        yield from [("PREDICTED", shared[0])] if shared else []
        for rule in re.split(r"^rule ", text, flags=re.MULTILINE)[1:]:
            yield rule.partition(":")[0], rule


def test_every_rule_that_reads_a_file_of_the_user_depends_on_its_content():
    seen = 0
    for name, text in blocks():
        inputs, _, rest = text.partition("output:" if name != "PREDICTED" else "PREDICTED_BY")
        content = re.search(r"content=content_of\((.*?)\bcode\b", rest, re.DOTALL)
        needed = sorted(part for gives in GIVES for part in re.findall(gives + CALLED, inputs))
        found = content[1] if content else ""
        assert needed == sorted(p for g in GIVES for p in re.findall(g + CALLED, found)), name
        seen += bool(needed)
    assert seen > 12
