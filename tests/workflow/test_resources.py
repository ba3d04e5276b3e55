"""Every rule says what it needs, and needs no more than it says."""

import re

import pytest
from conftest import ROOT
from declared import measured, memory, minutes, rules

# What Snakemake itself takes in a SLURM job (MB), beside the rule.
BESIDE = 300


@pytest.mark.parametrize("name", sorted(rules()))
def test_a_rule_declares_memory_time_and_a_benchmark(name):
    text = rules()[name]
    # It grows with every try of a profile's `retries`; no rule has retries of its own.
    assert re.search(r"^        mem_mb=growing\(\w+\),$", text, re.MULTILINE)
    assert re.search(r"^        runtime=\d+,$", text, re.MULTILINE)
    assert "    benchmark:\n" in text and "retries" not in text


def test_the_rules_of_a_run_need_no_more_memory_and_time_than_they_declare(finished):
    found = measured(finished.folder / "results")
    for name, jobs in found.items():
        text = rules()[name]
        assert not (jobs["max_rss"] + BESIDE > memory(text)).any(), name
        assert (jobs["s"] < 60 * minutes(text)).all(), name
    assert len(found) > 20


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
