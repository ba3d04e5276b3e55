"""The headline numbers that CI holds the default study against."""

import pandas as pd
import pytest
import yaml
from conftest import ROOT
from test_tools import run

from giaflow.io.tables import write_table
from giaflow.io.text_tables import read_records
from giaflow.validation.published.published import COLUMNS, parse_published

EXPECTED = ROOT / "tests/workflow/expected.tsv"
AUC = pd.DataFrame({"model": "cnn", "target": ["Oct4", "MafK"], "auc": [0.97, 0.99]})


@pytest.fixture
def results(tmp_path):
    """A function that writes a finished run's performance and what is expected of its AUC."""

    def write(low, high, **row):
        (tmp_path / "tables").mkdir()
        write_table(AUC, tmp_path / "tables/performance.tsv", {})
        row = {"number": "AUC", "table": "tables/performance.tsv", "column": "auc"} | row
        row |= {"select": '{"target": "Oct4"}', "low": low, "high": high}
        lines = ["\t".join(COLUMNS), "\t".join(str(row.get(name, "")) for name in COLUMNS)]
        (tmp_path / "expected.tsv").write_text("\n".join(lines) + "\n")
        return tmp_path / "expected.tsv", tmp_path

    return write


def test_a_number_in_its_interval_passes(results):
    done = run("check_expected", *results(0.95, 0.98))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0.97" in done.stdout and "FAILED" not in done.stdout


def test_a_number_that_left_its_interval_fails_by_name(results):
    done = run("check_expected", *results(0.975, 0.98))
    assert done.returncode == 1
    assert "FAILED: AUC" in done.stdout and "0.97 is outside [0.975, 0.98]" in done.stdout


def test_a_run_without_the_table_is_one_sentence(results):
    done = run("check_expected", *results(0.9, 1, table="tables/absent.tsv"))
    assert done.returncode == 1 and done.stderr == ""
    assert "absent.tsv not found; run the study first (`make run`)" in done.stdout


def test_the_expected_numbers_are_of_the_default_study():
    """Every number is judged, and held against the table of README.md where that has it."""
    study = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    records = read_records(EXPECTED, COLUMNS, "table")
    numbers = parse_published(records, {row["table"] for _, row in records})
    assert len(numbers) >= 10
    for each in numbers:
        assert each.low < each.published < each.high
        assert each.select.get("experiment", "patterns") in study["experiments"]
        assert each.select.get("pattern", "MARE") in study["patterns"]
    readme = (ROOT / "README.md").read_text()
    for each in numbers:
        if abs(each.published) > 0.8:
            assert f"{each.published:g}" in readme, each.number
