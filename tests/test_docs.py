"""The documentation says what the code does."""

import json
import re
from pathlib import Path

import numpy as np
import yaml

from giaflow import attribution, experiments, nulls
from giaflow.config.documentation import schema_text, with_key_table
from giaflow.models import functionals
from giaflow.models.training import architectures
from giaflow.statistics.effect_tables import CORE

ROOT = Path(__file__).resolve().parents[1]
CONFIG_README = (ROOT / "config" / "README.md").read_text()
DOCS = {path.stem: path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))}
# Every page, one after another.
PAGES = "\n".join(DOCS.values())


def test_the_json_schema_is_the_code_s():
    assert (ROOT / "config" / "schema.json").read_text() == schema_text(), "run `make docs`"


def test_the_key_table_is_the_code_s():
    assert with_key_table(CONFIG_README) == CONFIG_README, "run `make docs`"


def test_every_key_has_a_meaning():
    table = CONFIG_README.partition("<!-- keys: start")[2]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert len(rows) > 50
    assert all(row.rstrip("| ").rpartition("|")[2].strip() for row in rows)


def test_the_default_study_satisfies_the_schema():
    import jsonschema

    study = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    jsonschema.validate(study, json.loads(schema_text()))


def test_every_core_column_is_explained():
    explained = set(re.findall(r"`(\w+)`", DOCS["reading-the-tables"]))
    assert set(CORE) <= explained


def test_the_docs_name_every_plug_in():
    readme = (ROOT / "README.md").read_text()
    for package in (experiments, nulls):
        for name in package.REGISTRY.names:
            assert f"`{name}`" in readme, f"{name} is missing from the README"
    for package in (architectures, attribution, experiments, functionals, nulls):
        for name in package.REGISTRY.names:
            assert f"`{name}`" in PAGES, f"{name} is missing from docs/"


def test_the_readme_is_read_in_five_minutes():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


def test_every_link_between_pages_leads_somewhere():
    pages = [
        *(ROOT / "docs").glob("*.md"),
        *map(ROOT.joinpath, ("README.md", "CONTRIBUTING.md", "config/README.md")),
    ]
    linked = set()
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
            if not target.startswith("http"):
                path = (page.parent / target).resolve()
                assert path.exists(), f"{page.name} links to {target}"
                linked.add(path)
    assert {path for path in (ROOT / "docs").glob("*.md")} <= linked


def test_the_five_lines_of_python_run(tmp_path, monkeypatch):
    import keras

    [code] = re.findall(r"```python\n(.*?)```", DOCS["python"], re.DOTALL)
    assert len([line for line in code.splitlines() if line and "import" not in line]) <= 5
    sequence = keras.Input((200, 4))
    scan = keras.layers.Conv1D(3, 8, activation="relu")(sequence)
    network = keras.Model(sequence, keras.layers.Dense(1)(keras.layers.Flatten()(scan)))
    network.save(tmp_path / "my_model.keras")
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(code.replace("1000, 200", "23, 200"), "docs/python.md", "exec"), names)
    table = names["table"]
    row = table[(table["role"] == "pattern") & (table["estimand"] == "global_importance")]
    assert row["n"].item() == 23 and row["ci_low"].item() < row["ci_high"].item()


def test_the_examples_in_the_config_readme_are_valid_studies():
    from giaflow.config.checks import load_study

    blocks = re.findall(r"```yaml\n(.*?)```", PAGES, re.DOTALL)
    studies = [yaml.safe_load(block) for block in blocks]
    whole = [study for study in studies if "study" in study]
    assert whole
    for study in whole:
        assert load_study(study).study == study["study"]
    [nulls] = [study for study in studies if set(study) == {"nulls"}]
    sequences = {**whole[0]["sequences"], "negatives": {"fasta": ["negatives.fa"]}}
    merged = load_study({**whole[0], **nulls, "sequences": sequences})
    assert list(merged.nulls) == list(nulls["nulls"])
    for some in (study for study in studies if "contexts" in study.get("experiments", ())):
        assert load_study({**whole[0], **some}).experiments.keys() == some["experiments"].keys()


def test_the_patterns_and_experiments_of_the_config_readme_are_valid(tmp_path, monkeypatch):
    from giaflow.config.checks import load_study
    from giaflow.io.matrices import matrix_of
    from giaflow.io.motifs import write_meme

    monkeypatch.chdir(tmp_path)
    write_meme({"motif_3": np.array([[9, 1, 0, 0], [2, 2, 3, 3], [0, 9, 0, 1]])}, "ACGT",
                "motifs.meme")  # fmt: skip
    blocks = re.findall(r"```yaml\n(.*?)```", PAGES, re.DOTALL)
    studies = [yaml.safe_load(block) for block in blocks]
    [whole] = [study for study in studies if "study" in study]
    [patterns] = [study for study in studies if set(study) == {"patterns"}]
    [kinds] = [study for study in studies if "alleles" in study.get("experiments", ())]
    sequences = {**whole["sequences"], "negatives": {"fasta": ["negatives.fa"]}}
    study = load_study(
        {**whole, **patterns, **kinds, "sequences": sequences}, read_matrix=matrix_of
    )
    assert study.letters["mine"] == "AGC"
    assert list(study.experiments) == ["into_negatives", "alleles"]


def test_every_promise_names_tests_that_exist():
    _, _, promises = (ROOT / "CONTRIBUTING.md").read_text().partition("## What is promised")
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    rows = [line for line in promises.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 11
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named and all(f"def {name}(" in tests for name in named), row
