"""`make env` clears nothing that it did not make, and says in one sentence what it cannot do."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from outside import environment

ROOT = Path(__file__).resolve().parents[3]
WHEEL = "planted-1.5-py3-none-any.whl"


@pytest.fixture
def clone(tmp_path):
    """A function that makes a clone of a name, whose lock file names one local package."""

    def clone(name="clone"):
        wheels = tmp_path / "wheels"
        wheels.mkdir(exist_ok=True)
        with zipfile.ZipFile(wheels / WHEEL, "w") as archive:
            facts = "Metadata-Version: 2.1\nName: planted\nVersion: 1.5\n"
            archive.writestr("planted.py", "here = True\n")
            archive.writestr("planted-1.5.dist-info/METADATA", facts)
            kind = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            archive.writestr("planted-1.5.dist-info/WHEEL", kind)
            archive.writestr("planted-1.5.dist-info/RECORD", "")
        digest = hashlib.sha256((wheels / WHEEL).read_bytes()).hexdigest()
        folder = tmp_path / name
        (folder / "workflow/commands").mkdir(parents=True)
        shutil.copy(ROOT / "Makefile", folder)
        shutil.copy(ROOT / "workflow/commands/install.py", folder / "workflow/commands")
        (folder / "requirements.lock").write_text(f"planted==1.5 --hash=sha256:{digest}\n")
        return folder

    return clone


def started(folder, **settings):
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder.parent / "wheels")}
    return subprocess.Popen(
        ["make", "env", f"PYTHON={sys.executable}"],
        cwd=folder,
        env=environment(**offline, **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def make_env(folder, **settings):
    process = started(folder, **settings)
    said, _ = process.communicate()
    return process.returncode, said


def installed(folder):
    python = folder / ".venv" / "bin" / "python"
    return subprocess.run([python, "-c", "import planted"], capture_output=True).returncode == 0


@pytest.mark.parametrize("name", ["it's a #1 %20;&(ü)", '-a"b', "a`b`?*[c]\\d~=,"])
def test_a_folder_with_signs_that_shells_read(clone, name):
    folder = clone(name)
    code, said = make_env(folder)
    assert code == 0 and installed(folder), said
    assert len(said.splitlines()) == 1 and "installing" in said
    assert make_env(folder)[0] == 0


@pytest.mark.parametrize("sign", ["{", "}", ":", "$", "\n"])
def test_a_folder_that_cannot_work_is_refused_before_anything_is_installed(clone, sign):
    folder = clone(f"a{sign}b")
    code, said = make_env(folder)
    assert code == 2 and repr(sign) in said and "Rename the folder" in said
    assert not (folder / ".venv").exists()


def test_a_link_is_never_cleared(clone, tmp_path):
    folder, shared = clone(), tmp_path / "shared"
    shared.mkdir()
    (shared / "precious.txt").write_text("kept")
    (folder / ".venv").symlink_to(shared)
    code, said = make_env(folder)
    assert code == 2 and f"is a link to {shared}" in said and "rm .venv" in said
    assert [path.name for path in shared.iterdir()] == ["precious.txt"]


def test_a_link_to_an_environment_of_the_same_lock_is_used(clone):
    first, second = clone("first"), clone("second")
    assert make_env(first)[0] == 0
    (second / ".venv").symlink_to(first / ".venv")
    os.utime(second / "requirements.lock")
    before = sorted(path.name for path in (first / ".venv").iterdir())
    code, said = make_env(second)
    assert code == 0, said
    (second / "requirements.lock").write_text("planted==1.6 --hash=sha256:00\n")
    code, said = make_env(second)
    assert code == 2 and "planted is 1.5, not 1.6" in said
    assert before == sorted(path.name for path in (first / ".venv").iterdir()) and installed(first)


def test_what_others_put_there_is_not_wiped(clone):
    folder = clone()
    (folder / ".venv").mkdir()
    (folder / ".venv" / "notes.txt").write_text("kept")
    code, said = make_env(folder)
    assert code == 2 and "not a Python environment" in said and "mv .venv .venv.old" in said
    assert (folder / ".venv" / "notes.txt").read_text() == "kept"


def test_an_interrupted_installation_is_made_anew_and_a_failed_one_says_why(clone):
    folder = clone()
    assert make_env(folder)[0] == 0
    (folder / ".venv" / ".requirements.lock").unlink()
    shutil.rmtree(next((folder / ".venv" / "lib").glob("*/site-packages/planted-*")))
    assert make_env(folder)[0] == 0 and installed(folder)
    (folder / "requirements.lock").write_text(f"absent==3.1 --hash=sha256:{'0' * 64}\n")
    code, said = make_env(folder)
    assert code == 2 and "No matching distribution found for absent==3.1" in said
    assert "ERROR: pip could not install requirements.lock" in said.splitlines()[-2]
    assert not (folder / ".venv" / ".requirements.lock").exists()


def test_two_at_once_install_once(clone):
    folder = clone()
    said = [process.communicate()[0] for process in [started(folder), started(folder)]]
    assert sum("installing" in text for text in said) == 1 and installed(folder)


def test_a_home_that_cannot_be_written(clone):
    folder = clone()
    code, said = make_env(folder, HOME="/proc/nonexistent")
    assert code == 0 and (folder / ".snakemake" / "home").is_dir(), said
