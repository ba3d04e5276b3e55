"""Tables of probes and of their values, and many models from one table."""

import gzip

import numpy as np
import pytest

from giaflow.base.alphabet import UNKNOWN, decode
from giaflow.base.checks import InputError
from giaflow.config.checks import load_study
from giaflow.config.tables import expanded, filled
from giaflow.io.sequence_records import collect, read_probes
from giaflow.io.text_tables import read_rows, read_values

PROBES = "Fold ID\tseq\tother\nA\tACGUA\tx\nB\tGGG\ty\nA\tCCCCCCC\tz\nA\tuGn\tw\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "probes.tsv.gz"
    path.write_bytes(gzip.compress(PROBES.encode()))
    return path


def test_probes_of_one_set_keep_their_row_in_the_table(table):
    records, rows = read_probes(table, "seq", None, "Fold ID", "A")
    assert rows == 4 and [values[0] for *_, values in records] == ["1", "3", "4"]
    assert [letters for _, letters, _ in records] == ["ACGUA", "CCCCCCC", "uGn"]
    everything, _ = read_probes(table, "seq", "other", None, None)
    assert [values[0] for *_, values in everything] == list("xyzw")


def test_short_probes_stand_in_the_middle_of_unknown_letters(table):
    records, _ = read_probes(table, "seq", None, "Fold ID", "A")
    codes, masked, columns, dropped = collect(records, 8, "drop", pad=True)
    assert [decode(row, "ACGU") for row in codes] == ["NACGUANN", "CCCCCCCN"]
    assert dropped == 1 and columns["name"] == ["1", "3"] and columns["start"] == [-1, -1]
    # An N of the probe itself is another thing than padding.
    kept, masked, *_ = collect(records, 8, "keep", pad=True)
    assert decode(kept[2]) == "NNTGNNNN" and masked[2].tolist() == [0, 0, 1, 0, 1, 0, 0, 0]
    assert (kept == UNKNOWN).sum(axis=1).tolist() == [3, 1, 6]


@pytest.mark.parametrize(
    ("length", "pad", "message"),
    [
        (6, True, "line 4 has 7 letters, but the config's length is 6$"),
        (8, False, "line 2 has 5 letters, but the config's length is 8; set pad to fill it up"),
    ],
)
def test_probes_that_do_not_fit_are_named_by_their_line(table, length, pad, message):
    records, _ = read_probes(table, "seq", None, "Fold ID", "A")
    with pytest.raises(InputError, match=message):
        collect(records, length, "drop", pad)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Seq", None, None, None), "probe table .* must have one column 'Seq'.*'seq'"),
        (("seq", None, "Fold ID", "C"), "no probe of set 'C'; its column 'Fold ID' holds 'A', 'B'"),
        (("seq", "Fold ID", None, None), "gives a name in column 'Fold ID' twice"),
    ],
)
def test_a_table_of_probes_that_is_none_is_refused(table, arguments, message):
    with pytest.raises(InputError, match=message):
        read_probes(table, *arguments)


def test_values_in_the_order_of_the_probes_may_be_missing(tmp_path):
    path = tmp_path / "values.tsv"
    path.write_text("P1\tP2\n1.5\t NaN\nNA\t-2\n\t7\n")
    assert read_values(path, None, "P2") == pytest.approx(
        {"1": np.nan, "2": -2, "3": 7}, nan_ok=True
    )
    assert read_values(path, None, "P1") == pytest.approx(
        {"1": 1.5, "2": np.nan, "3": np.nan}, nan_ok=True
    )
    path.write_text("1.5\n2\nNA\n")
    assert read_values(path, None, None) == pytest.approx(
        {"1": 1.5, "2": 2, "3": np.nan}, nan_ok=True
    )
    path.write_text("1.5\ntwo\n")
    with pytest.raises(InputError, match="line 2: 'two' is not a finite number"):
        read_values(path, None, None)


ENTRY = {"each": "t.tsv", "path": "nets/{file}.keras", "patterns": {"motif": "{motif}"}, "batch": 7}


def rows(*listed):
    return lambda path: [dict(zip(("model", "file", "motif"), row, strict=True)) for row in listed]


def test_a_table_makes_a_model_of_each_row():
    made = expanded({"p": ENTRY, "own": {"path": "a"}}, rows(("X", "1", "GAT"), ("Y", "2", "CC")))
    assert list(made) == ["X", "Y", "own"] and made["own"] == {"path": "a"}
    assert made["Y"] == {
        "family": "p", "path": "nets/2.keras", "patterns": {"motif": "CC"}, "batch": 7
    }  # fmt: skip


def test_a_table_that_repeats_a_name_or_lacks_a_column_is_refused():
    with pytest.raises(InputError, match="names the model 'X' twice"):
        expanded({"p": ENTRY}, rows(("X", "1", "G"), ("X", "2", "C")))
    with pytest.raises(InputError, match="'p' take the name of model 'X'"):
        expanded({"X": {"path": "a"}, "p": ENTRY}, rows(("X", "1", "G")))
    with pytest.raises(InputError, match=r"names column 'fil'.*did you mean 'file'"):
        filled(["{fil}"], {"file": "a"}, "t.tsv")
    with pytest.raises(InputError, match="has no column 'model'"):
        expanded({"p": ENTRY}, lambda path: [{"name": "X"}])


STUDY = {
    "study": "s",
    "length": 41,
    "alphabet": "ACGU",
    "sequences": {"b": {"probes": {"file": "probes.tsv"}, "pad": True}},
    "models": {"p": ENTRY, "one": {"path": "a.keras"}},
    "nulls": {"n": {"kind": "profile", "sequences": ["b"]}},
    "patterns": {"motif": "UGCAUG", "other": "AAAA"},
    "experiments": {
        "gc": {"kind": "regional_composition", "settings": {"pattern": "motif"}},
        "other": {"kind": "copies", "models": ["p"], "settings": {"pattern": "other"}},
    },
}


def study(raw=STUDY, table=(("X", "1", "GAU"), ("Y", "2", "CCCC")), **more):
    return load_study(raw, read_rows=rows(*table), **more)


def test_an_experiment_embeds_the_patterns_of_its_model():
    found = study()
    letters = {m: found.experiment("gc", m).settings.pattern for m in found.models}
    assert letters == {"X": "GAU", "Y": "CCCC", "one": "UGCAUG"}
    assert found.experiment("other", "X") == found.experiments["other"]
    assert found.families == {"p": ["X", "Y"]} and found.groups == {}
    assert found.runs_on("other") == ["X", "Y"] and found.runs_on("gc") == ["X", "Y", "one"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([("X", "1", "GAJ")], "models.p.patterns.motif: model 'X': .*letter 'J'"),
        ([("X", "1", "A" * 42)], "models.p.patterns.motif: model 'X': .*42 letters"),
        ([("X", "1", "A" * 40)], "experiments.gc: with the patterns of model 'X': "),
    ],
)
def test_a_pattern_of_one_row_that_does_not_fit_is_named(table, message):
    with pytest.raises(InputError, match=message):
        study(table=table)


def test_an_experiment_on_an_unknown_model_and_a_column_without_its_set_are_refused():
    raw = {**STUDY, "experiments": {"x": {**STUDY["experiments"]["gc"], "models": ["Z"]}}}
    with pytest.raises(InputError, match="unknown model, group or family 'Z'"):
        study(raw)
    probes = {"file": "probes.tsv", "set": "A"}
    with pytest.raises(InputError, match="set and set_column go together"):
        study({**STUDY, "sequences": {"b": {"probes": probes}}})


def test_a_table_that_is_not_there_is_asked_for_before_any_job():
    with pytest.raises(InputError, match=r"sequences.b.probes.file: there is no file 'probes.tsv'"):
        study(exists=lambda path: False)
    assert study(exists=lambda path: True).length == 41


def test_rows_are_dicts_of_texts(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("# note\nmodel\tfile\nNA\t007\n")
    assert read_rows(path) == [{"model": "NA", "file": "007"}]


TRAINED = {"positives": {"t": "b"}, "network": {"architecture": "residualbind"}}


@pytest.mark.parametrize(
    ("train", "message"),
    [
        ({}, "positives need test_chromosomes or test_share"),
        ({"test_share": 0.2, "test_chromosomes": ["c"]}, "either test_chromosomes or test_share"),
        ({"test_share": 0.2, "negatives": {"u": "b"}}, "negatives are of targets in positives"),
        (
            {"test_share": 0.2, "negatives": {"t": "pool"}},
            "negatives.t: unknown sequence set 'pool'",
        ),
        ({"test_share": 0.2, "schedule": {"validation": 0.1}}, "validation is for measured values"),
    ],
)
def test_what_a_network_learns_against_is_checked(train, message):
    models = {**STUDY["models"], "one": {"train": {**TRAINED, **train}}}
    with pytest.raises(InputError, match=message):
        study({**STUDY, "models": models})
