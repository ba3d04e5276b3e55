"""What is promised of every run, whatever happens to the machine; each promise by its name."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import ROOT
from test_tools import run

from commands.kill_tests import STUDY, command, finish, kill_runs, prepare, results
from giaflow.io import run_lock
from giaflow.io.files import PART, sha256


def attempt(folder, *arguments):
    """The run of a folder: exit code and what was said."""
    done = subprocess.run([*command(), *arguments], cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def verify(folder):
    """What `make verify` does in a folder: exit code and what was said."""
    done = run("verify", cwd=folder)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The small study after one whole run; with the files that were there before."""
    folder = prepare(tmp_path_factory.mktemp("promises") / "whole")
    before = {path: sha256(path) for path in folder.iterdir()}
    code = {path: sha256(path) for path in code_files()}
    finish(folder)
    return folder, before, code


def code_files():
    """The files of the workflow itself, without what Python and numba compile."""
    found = (ROOT / "workflow").rglob("*")
    compiled = {"__pycache__", ".numba"}
    return [path for path in found if path.is_file() and not compiled & set(path.parts)]


@pytest.fixture
def disk(tmp_path):
    """A small file system of its own, and a function that mounts it anew with other options."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options):
        return subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True
        )

    if os.geteuid() or mount("size=1m").returncode:
        pytest.skip("a file system is mounted by root, where the machine lets it")
    yield folder, lambda options: mount(f"remount,{options}").check_returncode()
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def copy(undisturbed, tmp_path):
    """A copy of the study after its run, to harm."""
    return Path(shutil.copytree(undisturbed[0], tmp_path / "copy"))


def test_g1_g3_g8_killed_runs_go_on_with_the_same_command_to_the_same_bytes(undisturbed, tmp_path):
    expected = results(undisturbed[0])
    assert len(expected) > 20
    rng = np.random.default_rng(int(time.time()))
    assert kill_runs(tmp_path / "killed", expected, 2, rng) == []


def test_g1_g8_a_full_disk_is_named_and_with_room_the_run_goes_on_to_the_same_bytes(
    undisturbed, disk
):
    expected, (where, mount) = results(undisturbed[0]), disk
    folder = prepare(where / "study")
    # Room (kB) for less than Snakemake needs, and for less than a job does; then for all. Which of
    # them finds the disk full first may differ.
    for room in (20, 150):
        mount(f"size={used(where) + 1024 * room}")
        code, said = attempt(folder)
        assert code == 1 and "No space left on device" in said, said
        found = results(folder)
        assert found == {name: expected[name] for name in found} and found.keys() < expected.keys()
        assert not list(folder.rglob(f"{PART}*"))
    mount("size=64m")
    finish(folder)
    assert results(folder) == expected
    assert verify(folder)[0] == 0


def used(folder):
    """Bytes that are taken on the file system of a folder."""
    told = os.statvfs(folder)
    return (told.f_blocks - told.f_bfree) * told.f_frsize


def test_a_folder_that_cannot_be_written_is_one_sentence(disk):
    where, mount = disk
    folder = prepare(where / "study")
    mount("ro")
    code, said = attempt(folder)
    assert code == 1 and f"cannot write to {folder}: it is read-only" in said
    assert "Traceback" not in said
    assert [path.name for path in folder.iterdir()] == ["config.yaml"]


def test_g2_a_finished_run_matches_its_manifest_and_every_fault_is_named(copy):
    code, said = verify(copy)
    assert (code, said.split()[0]) == (0, "0"), said
    tables = copy / "results" / "tables"
    changed = tables / "contrasts.tsv"
    dates = changed.stat()
    changed.write_bytes(changed.read_bytes().replace(b"1", b"2"))
    os.utime(changed, ns=(dates.st_atime_ns, dates.st_mtime_ns))
    (copy / "results/nulls/shuffled/backgrounds.nc").unlink()
    (tables / "stray.tsv").touch()
    code, said = verify(copy)
    assert code == 1 and "3 problems" in said
    assert "results/tables/contrasts.tsv: changed; rule tables makes it" in said
    assert "results/nulls/shuffled/backgrounds.nc: missing; rule backgrounds" in said
    assert "results/tables/stray.tsv: not in the manifest" in said
    # Snakemake itself sees nothing wrong; the command that is named mends it.
    (tables / "stray.tsv").unlink()
    remedy = next(line for line in said.splitlines() if "--force" in line).split()
    assert attempt(copy, *remedy[remedy.index("--force") :])[0] == 0
    assert verify(copy)[0] == 0


def test_g6_no_input_is_changed_and_nothing_is_written_elsewhere(undisturbed):
    folder, before, code = undisturbed
    assert {path: sha256(path) for path in before} == before
    assert {path.name for path in folder.iterdir()} == {"config.yaml", "results", ".snakemake"}
    assert {path: sha256(path) for path in code_files()} == code
    # The two files that remember inputs; nothing temporary.
    hidden = {path.name for path in (folder / "results").rglob(".*")}
    assert hidden <= {".inputs", ".contents"}


def test_g7_checks_of_the_study_are_bounded_in_time_and_memory():
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "snakemake", "-n", "--directory", str(ROOT)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert time.monotonic() - began < 60
    # The largest of all children so far, so of this one too (KB).
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2e6


def test_g10_a_second_run_on_one_folder_stops_at_once(copy):
    (copy / "results/manifest.json").unlink()
    token = run_lock.take(copy / "results")
    code, said = attempt(copy)
    assert code == 1 and "results is in use since" in said and f"process {os.getpid()}" in said
    assert "Traceback" not in said and not (copy / "results/manifest.json").exists()
    # Only runs are refused: a dry run changes nothing.
    assert attempt(copy, "-n")[0] == 0
    assert run_lock.token(copy / "results") == token
    run_lock.release(copy / "results", token)
    assert attempt(copy, "--", "results/manifest.json")[0] == 0
    assert run_lock.token(copy / "results") is None


def test_a_job_that_was_killed_is_named_with_the_likely_reason(copy):
    (copy / "results/report.html").unlink()
    log = copy / "results/logs/report.log"
    log.unlink()
    process = subprocess.Popen(
        command(), cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    while process.poll() is None and not (log.exists() and log.stat().st_size):
        time.sleep(0.05)
    os.kill(script_of(process.pid), signal.SIGKILL)
    said, _ = process.communicate()
    assert process.returncode == 1
    assert "the job of results/logs/report.log was killed" in said and "memory" in said
    assert not (copy / "results/report.html").exists()
    assert run_lock.token(copy / "results") is None


def script_of(pid):
    """The process that runs a rule's script, below a process."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes()
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid and b".snakemake/scripts" in words and b"python" in words:
            child = script_of(int(path.name))
            return child or int(path.name)
        if parent == pid and (child := script_of(int(path.name))):
            return child
    return None


def test_an_input_dated_in_the_future_is_named_before_any_job_starts(tmp_path):
    (tmp_path / "config.yaml").write_text(
        yaml.safe_dump({**STUDY, "sequences": {"rnas": {"fasta": ["mine.fa"]}}})
    )
    fasta = tmp_path / "mine.fa"
    fasta.write_text(">a\n" + "ACGU" * 10 + "A\n")
    later = time.time() + 36 * 3600
    os.utime(fasta, (later, later))
    wanted = "results/sequences/rnas/sequences.nc"
    code, said = attempt(tmp_path, "--", wanted)
    assert code == 1 and "mine.fa is dated 36.0 h in the future" in said and "touch mine.fa" in said
    assert "Traceback" not in said and list((tmp_path / "results").iterdir()) == []
    fasta.touch()
    code, said = attempt(tmp_path, "--", wanted)
    assert code == 0, said
