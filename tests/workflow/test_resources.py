"""Every rule says what it needs, and needs no more than it says."""

import re

import pandas as pd
import pytest
from conftest import ROOT

# What Snakemake itself takes in a SLURM job (MB), beside the rule.
BESIDE = 300


def rules():
    """Name -> text of every rule."""
    found = {}
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")):
        text = path.read_text()
        found |= dict(re.findall(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", text, re.DOTALL | re.MULTILINE))
    return found


def memory(text):
    """Megabytes that a rule asks for when first tried; the least where it depends on its input."""
    asked = re.search(r"^        mem_mb=growing\((\w+)\),$", text, re.MULTILINE)[1]
    return int(asked) if asked.isdigit() else 1000


@pytest.mark.parametrize("name", sorted(rules()))
def test_a_rule_declares_memory_time_and_a_benchmark(name):
    text = rules()[name]
    # It grows with every try of a profile's `retries`; no rule has retries of its own.
    assert re.search(r"^        mem_mb=growing\(\w+\),$", text, re.MULTILINE)
    assert re.search(r"^        runtime=\d+,$", text, re.MULTILINE)
    assert "    benchmark:\n" in text and "retries" not in text


def test_the_rules_of_a_run_need_no_more_memory_and_time_than_they_declare(finished):
    places = {}
    for name, text in rules().items():
        pattern = re.search(r'benchmark:\n +f?"results/benchmarks/(.*)"', text)[1]
        places[name] = re.sub(r"\{\w+\}", "*", pattern)
    measured = set()
    for name, place in places.items():
        for file in (finished.folder / "results" / "benchmarks").glob(place):
            used = pd.read_csv(file, sep="\t", na_values="-").iloc[0]
            minutes = int(re.search(r"runtime=(\d+)", rules()[name])[1])
            assert not used["max_rss"] + BESIDE > memory(rules()[name]), name
            assert used["s"] < 60 * minutes, name
            measured.add(name)
    assert len(measured) > 20


def test_the_profiles_name_only_rules_that_there_are():
    import yaml

    for name in ("slurm", "gpu"):
        profile = yaml.safe_load((ROOT / "workflow/profiles" / name / "config.yaml").read_text())
        grouped = {entry.partition("=")[0] for entry in profile.get("groups", [])}
        assert grouped | set(profile.get("set-resources", {})) <= set(rules())


def test_the_default_profile_says_nothing_of_resources():
    import yaml

    profile = yaml.safe_load((ROOT / "workflow/profiles/default/config.yaml").read_text())
    assert not {"default-resources", "set-resources", "retries", "executor"} & set(profile)
