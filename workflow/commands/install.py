"""Install the environment of a lock file into a folder: what `make env` calls.

Needs nothing but Python's own library, as it runs before anything is installed. It never clears
what it did not make: a link, another environment or a folder of the user's.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

NAME = "giaflow"
# What `python -m venv` makes before it writes pyvenv.cfg.
BEGUN = {"bin", "include", "lib", "lib64"}
# pip: would install elsewhere than into the environment.
ELSEWHERE = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV")
PACKAGES = """
import json, re, sys
from importlib.metadata import distributions
def applies(marker):
    from packaging.markers import Marker
    return Marker(marker).evaluate()
found = {re.sub("[-_.]+", "-", d.metadata["Name"]).lower(): d.version for d in distributions()}
wanted = [w for w in json.load(sys.stdin) if not w[2] or applies(w[2])]
print(json.dumps([[n, v, found.get(n)] for n, v, _ in wanted if found.get(n) != v]))
"""
FORBIDDEN = {
    "{": "Snakemake reads it as a wildcard",
    "}": "Snakemake reads it as a wildcard",
    "$": "packages that are built from source cannot be installed there",
    ":": "the search path PATH is cut there",
    "\n": "make cannot read it",
}


def refuse(reason):
    """End with one sentence."""
    sys.exit(f"ERROR: {reason}")


def check_folder(folder):
    """Refuse a folder in which the environment or Snakemake would not work."""
    for character, reason in FORBIDDEN.items():
        if character in str(folder):
            refuse(
                f"giaflow cannot run in the folder {str(folder)!r}: its path has {character!r}, "
                f"{reason}. Rename the folder and start again; nothing was installed."
            )
    if not os.access(folder, os.W_OK):
        refuse(f"cannot install into {folder}: you may not write there. Use a clone of your own.")


def packages(lock):
    """[name, version, marker] of every package of a lock file."""
    pattern = re.compile(r"^([\w.-]+)(?:\[.*?\])?==([^ ;\\]+)(?: *; *([^\\]+))?", re.MULTILINE)
    return [[n, v, (m or "").strip()] for n, v, m in pattern.findall(lock.read_text("utf-8"))]


def differences(folder, lock):
    """In words, the packages in which an environment differs from a lock file."""
    command = [str(folder / "bin" / "python"), "-I", "-c", PACKAGES]
    try:
        done = subprocess.run(
            command, input=json.dumps(packages(lock)), capture_output=True, text=True
        )
    except OSError:
        return ["it has no Python that starts"]
    if done.returncode:
        return ["it has no packages of giaflow"]
    return [
        f"{name} is {found}, not {version}" if found else f"{name} {version} is missing"
        for name, version, found in json.loads(done.stdout)
    ]


def is_ours(folder):
    """Whether giaflow made an environment: by its prompt, or the mark of an older version."""
    config = folder / "pyvenv.cfg"
    if not config.exists():
        return {path.name for path in folder.iterdir()} <= BEGUN
    prompt = re.search(r"^prompt *= *(.*)$", config.read_text(), re.MULTILINE)
    return bool(prompt and prompt[1].strip("'\" ") == NAME) or any(folder.glob(".require*.lock"))


def check_foreign(folder, lock):
    """True if an environment that giaflow did not make holds the lock's packages; else refuse."""
    if folder.is_symlink():
        what = f"{folder} is a link to {folder.resolve()}"
        mend = f"Delete the link (rm {folder}) and start again"
    elif folder.is_dir() and (folder / "pyvenv.cfg").exists():
        what = f"{folder} is an environment that giaflow did not make"
        mend = f"Move it away (mv {folder} {folder}.old) and start again"
    else:
        refuse(
            f"{folder} is not a Python environment, and giaflow does not delete what it did not "
            f"make. Move it away (mv {folder} {folder}.old) and start again."
        )
    if not (found := differences(folder, lock)):
        return True
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    refuse(
        f"{what}; giaflow leaves it as it is, but it does not hold what {lock} names: "
        f"{'; '.join(found[:3])}{more}. {mend}."
    )


def install(folder, lock):
    """Make the environment anew, and say in one line what is being done."""
    log = folder / "install.log"
    count = len(packages(lock))
    print(f"giaflow: installing up to {count} packages into {folder} (some minutes)", flush=True)
    make = [sys.executable, "-m", "venv", "--clear", "--prompt", NAME, str(folder)]
    done = subprocess.run(make, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        tail = done.stdout.strip().splitlines() or ["no message"]
        refuse(f"{sys.executable} -m venv {folder} failed: {tail[-1]}")
    command = [str(folder / "bin" / "python"), "-I", "-m", "pip", "install", "--no-input"]
    command += ["--disable-pip-version-check", "--require-hashes", "--no-deps", "-r", str(lock)]
    settings = {key: value for key, value in os.environ.items() if key not in ELSEWHERE}
    with log.open("w") as stream:
        done = subprocess.run(command, stdout=stream, stderr=subprocess.STDOUT, env=settings)
    if done.returncode:
        lines = [x for x in log.read_text(errors="replace").splitlines() if x.strip()]
        said = [x for x in lines if not x.startswith("WARNING:")] or lines
        print("\n".join(said[-8:]), file=sys.stderr)
        refuse(f"pip could not install {lock}; its whole output is in {log}. Start again later.")


@contextlib.contextmanager
def alone(lock):
    """Let one process at a time install; where files cannot be locked, all go on."""
    with lock.open() as stream:
        with contextlib.suppress(OSError):
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("lock", type=Path)
    arguments = parser.parse_args()
    folder, lock = arguments.folder, arguments.lock
    if not lock.is_file():
        refuse(f"the lock file {lock} does not exist")
    check_folder(Path.cwd())
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    mark = folder / f".{lock.name}"
    with alone(lock):
        if folder.is_symlink() or (folder.exists() and not (folder.is_dir() and is_ours(folder))):
            check_foreign(folder, lock)
            return
        # Another process may just have installed it; or the lock file is newer, but the same.
        working = os.access(folder / "bin" / "python", os.X_OK)
        if not (working and mark.is_file() and mark.read_text() == digest):
            install(folder, lock)
        mark.write_text(digest)


if __name__ == "__main__":
    main()
