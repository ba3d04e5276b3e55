"""environment.yml, pyproject.toml and the lock files describe one environment."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]

# conda's names for the same packages.
CONDA_NAMES = {
    "matplotlib-base": "matplotlib",
    "seaborn-base": "seaborn",
    "snakemake-minimal": "snakemake",
}


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def locked(name="requirements.lock"):
    """Package -> versions in a lock file (several where they differ between Pythons)."""
    found = {}
    for line in (ROOT / name).read_text().splitlines():
        if match := re.match(r"^([a-z0-9._-]+)(?:\[.*\])?==([^ ;\\]+)", line):
            found.setdefault(match[1], []).append(Version(match[2]))
    return found


def conda():
    """Package -> version specifier of environment.yml."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    found = {}
    for entry in listed:
        if isinstance(entry, dict):
            for text in entry["pip"]:
                requirement = Requirement(text)
                found[requirement.name] = str(requirement.specifier)
            continue
        name, _, version = entry.partition(" =")
        found[CONDA_NAMES.get(name, name)] = f"=={version}.*" if version else ""
    return found


def direct():
    optional = project()["optional-dependencies"]
    texts = [*project()["dependencies"], *optional["cpu"], *optional["slurm"], *optional["dev"]]
    return {Requirement(text).name: Requirement(text) for text in texts}


def test_environment_yml_names_the_same_packages():
    assert set(conda()) - {"python", "pip"} == set(direct())


@pytest.mark.parametrize("name", sorted(direct()))
def test_environment_yml_admits_a_locked_version(name):
    specifier = SpecifierSet(conda()[name])
    versions = locked()[name]
    assert any(version in specifier for version in versions), (name, versions, str(specifier))
    assert all(version in direct()[name].specifier for version in versions)


def test_python_of_environment_yml_is_supported():
    python = conda()["python"].removeprefix("==").removesuffix(".*")
    assert Version(python) in SpecifierSet(project()["requires-python"])


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-gpu.lock"])
def test_a_lock_has_hashes_and_no_addresses(name):
    text = (ROOT / name).read_text()
    assert "://" not in text
    entries = re.split(r"\n(?=[a-z0-9])", text)
    packages = [entry for entry in entries if re.match(r"[a-z0-9._-]+(\[.*\])?==", entry)]
    assert len(packages) == sum(map(len, locked(name).values())) > 50
    assert all("--hash=sha256:" in entry for entry in packages)


def test_the_gpu_lock_differs_in_tensorflow_only():
    cpu, gpu = locked(), locked("requirements-gpu.lock")
    assert "tensorflow-cpu" not in gpu and gpu["tensorflow"] == cpu["tensorflow-cpu"]
    assert all(gpu[name] == versions for name, versions in cpu.items() if name in gpu)


def test_keras_is_not_one_that_runs_code_from_a_model_file():
    assert min(locked()["keras"]) >= Version("3.15.1")


def test_the_version_is_the_same_everywhere():
    import giaflow

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert giaflow.__version__ == project()["version"] == citation["version"]
    assert f"## {giaflow.__version__}" in (ROOT / "CHANGELOG.md").read_text()
