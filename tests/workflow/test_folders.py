"""The workflow runs in any folder it is cloned into, and ends with the reasons of a failure."""

import shutil
import subprocess
import sys
import sysconfig

import pytest
import yaml
from conftest import ROOT
from outside import environment

from commands.kill_tests import STUDY

TARGET = "results/models/oracle/model.json"


def make_clone(folder, study=STUDY):
    """A copy of the project with an environment of its own that reads the packages of this one."""
    folder.mkdir(parents=True)
    for name in ("workflow", "resources"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "environment.yml", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    (folder / "config").mkdir()
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(study))
    venv = folder / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (site,) = venv.glob("lib/*/site-packages")
    (site / "packages.pth").write_text(sysconfig.get_paths()["purelib"])
    # As installed: make has nothing to do.
    (venv / ".requirements.lock").touch()
    return folder


def make_run(folder, *arguments, **settings):
    done = subprocess.run(
        ["make", "run", "CORES=2", f"ARGS={' '.join(arguments)}"],
        cwd=folder,
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("name", ["it's a #1 %20;&(ü)", '-a"b`c`?*[d]\\e'])
def test_a_folder_with_signs_that_shells_read(tmp_path, name):
    folder = make_clone(tmp_path / name)
    code, said = make_run(folder, "--", TARGET, HOME="/proc/nonexistent")
    assert code == 0 and (folder / TARGET).exists(), said
    assert "Traceback" not in said


def test_a_folder_with_a_brace_is_refused_by_a_plain_snakemake_too(tmp_path):
    folder = make_clone(tmp_path / "a{b")
    code, said = make_run(folder, "--", TARGET)
    assert code == 2 and "rename the folder" in said.splitlines()[-2] and "'{'" in said
    assert not (folder / "results").exists()


def test_the_reasons_of_failed_jobs_stand_last(tmp_path):
    models = {name: {"path": f"{name}.keras"} for name in ("first", "second")}
    folder = make_clone(tmp_path / "clone", {**STUDY, "models": models})
    for name in models:
        (folder / f"{name}.keras").write_text("not a network")
    targets = [f"results/models/{name}/model.json" for name in models]
    code, said = make_run(folder, "--keep-going", "--", *targets)
    # make's own line is the last.
    *_, first, second, make = said.splitlines()
    assert code == 2 and make.startswith("make: ***")
    for line, name in ((first, "first"), (second, "second")):
        assert line.startswith(f"ERROR in rule import_model: model {name}.keras"), said


def test_a_mistake_in_the_config_stands_last(tmp_path):
    folder = make_clone(tmp_path / "clone", {**STUDY, "seeds": 3})
    code, said = make_run(folder)
    assert code == 2 and "seeds: unknown key" in said.splitlines()[-2], said
    assert "WorkflowError" not in said
