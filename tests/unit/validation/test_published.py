"""Published numbers beside a study's own: selection, judgement, messages, table and figure."""

import json
import math

import pandas as pd
import pytest

from giaflow.base.checks import InputError
from giaflow.io.text_tables import read_records
from giaflow.plot.page.pages import published_page
from giaflow.plot.published import draw_published
from giaflow.validation.published.published import (
    COLUMNS,
    compare_published,
    failures,
    parse_published,
)

TABLE = "tables/global_importance.tsv"


def effects():
    """Effects of three words and of two numbers of copies on two targets."""
    rows = []
    for target, words in (("A", (3.0, 1.0, 2.0)), ("B", (0.5, 0.25, 0.75))):
        for word, value in zip(("ACT", "GGG", "NA"), words, strict=True):
            rows.append((target, "words", {"letters": word, "start": 4}, value))
        for copies in (1, 2):
            rows.append((target, "copies", {"copies": copies, "slots": None}, 0.123456789 * copies))
    return pd.DataFrame(
        [
            {
                "model": "m", "target": target, "unit": "logit", "null": "n",
                "experiment": experiment, "estimand": "global_importance",
                "condition": json.dumps(labels), "estimate": value, "ci_low": value - 0.1,
                "ci_high": value + 0.1, "verdict": "effect",
            }
            for target, experiment, labels, value in rows
        ]
    )  # fmt: skip


def record(number="one", published="", select=None, column="", low="", high="", above="", **more):
    select = {"target": "A", "letters": "ACT"} if select is None else select
    row = dict(zip(COLUMNS, (number, "a paper", published, TABLE), strict=False))
    row |= {"select": json.dumps(select), "column": column, "low": low, "high": high}
    return f"x.tsv:{len(number)}", row | {"above": above, "why": "other data"} | more


def compared(*records):
    return compare_published(parse_published(records, [TABLE]), {TABLE: effects()})


def refused(*records):
    with pytest.raises(InputError) as caught:
        compared(*records)
    return str(caught.value)


def test_ours_is_the_selected_row_and_its_interval():
    row = compared(record(published="2.5")).iloc[0]
    assert (row.published, row.ours, row.ci_low, row.ci_high) == (2.5, 3.0, 2.9, 3.1)
    assert (row.unit, row.group, row.passed, row.fault) == ("logit", "words", "", "")
    assert math.isnan(row.low)


@pytest.mark.parametrize(
    ("select", "ours"),
    [
        ({"target": "A", "letters": "NA"}, 2.0),
        ({"target": "B", "letters": "ACT", "start": 4}, 0.5),
        # Numbers in tables have six digits, and null is a label without a value.
        ({"target": "A", "copies": 2, "slots": None}, 0.246913578),
        ({"target": "A", "experiment": "words", "rank": 2}, 2.0),
        ({"target": "A", "experiment": "words", "rank_from_below": 1}, 1.0),
        ({"target": "B", "estimate": 0.2500001}, 0.25),
        ({"target": "A", "letters": {"matches": "^G+$"}}, 1.0),
    ],
)
def test_columns_labels_and_ranks_select(select, ours):
    assert compared(record(select=select))["ours"].item() == ours


def test_a_rank_can_be_read_and_has_no_interval():
    row = compared(record(column="rank", low="1", high="2")).iloc[0]
    assert (row.ours, row.unit, row.passed) == (1, "rank", "yes")
    assert math.isnan(row.ci_low)


@pytest.mark.parametrize(
    ("limits", "fault"),
    [
        ({"low": "2.9", "high": "3.1"}, ""),
        ({"low": "3.5"}, "3 is below 3.5"),
        ({"high": "2"}, "3 is above 2"),
        ({"low": "1", "high": "2"}, "3 is outside [1, 2]"),
        ({"above": "low"}, ""),
        ({"above": "low, high"}, "3 does not exceed high (3)"),
    ],
)
def test_a_band_and_an_order_are_judged_and_failures_are_named(limits, fault):
    others = [record("low", select={"target": "A", "letters": "GGG"})]
    others += [record("high", select={"target": "A", "rank": 1, "experiment": "words"})]
    table = compared(record(**limits), *others)
    assert table["passed"].tolist() == ["no" if fault else "yes", "", ""]
    assert failures(table) == ([f"one (a paper): {fault}"] if fault else [])


def test_what_is_masked_does_not_pass():
    table = effects().assign(estimate=math.nan)
    numbers = parse_published([record(low="0")], [TABLE])
    row = compare_published(numbers, {TABLE: table}).iloc[0]
    assert (row.passed, row.fault) == ("no", "ours is masked or missing")


def test_a_wrong_selection_is_told_with_file_line_and_the_nearest_value():
    said = refused(record(select={"target": "A", "letters": "ACTT"}))
    assert said == (
        f"x.tsv:3: one: no row of {TABLE} has letters 'ACTT'; among those selected so far it is "
        "ACT, GGG, NA; did you mean 'ACT'?"
    )
    assert "it is 2, 1" in refused(record(select={"target": "A", "copies": 4}))
    said = refused(record(select={"letters": "ACT"}))
    assert said.endswith(f"select picks 2 rows of {TABLE}; give target too: A, B")
    said = refused(record(select={"target": "A", "leters": "ACT"}))
    assert "no column or label 'leters'" in said and "did you mean 'letters'?" in said
    said = refused(record(select={"target": "A", "letters": {"matches": "C|N"}}))
    assert "select picks 2 rows" in said
    said = refused(record(select={"letters": {"matches": "("}}))
    assert "x.tsv:3: one: '(' is not a valid regular expression" in said
    said = refused(record(select={"letters": {"like": "ACT"}}))
    assert said.endswith('{"matches": "a regular expression"}, got {"like": "ACT"}')
    said = refused(record(column="estimat"))
    assert "no column or label 'estimat'" in said and "did you mean 'estimate'?" in said
    assert "column 'verdict'" in refused(record(column="verdict"))


def test_mistakes_in_the_table_are_all_told_before_anything_is_computed():
    records = [
        record(),
        record("a", table="tables/importance.tsv"),
        record("bb", low="2", high="1"),
        record("dddd", published="many"),
        record("fffff", select=[]),
        record("gggggg", above="two"),
        record(),
        record(""),
        ("x.tsv:9", record("ccccccc")[1] | {"select": "{'a': 1}"}),
    ]
    with pytest.raises(InputError) as caught:
        parse_published(records, [TABLE])
    lines = str(caught.value).split("\n")
    assert len(lines) == 8
    said = "\n".join(lines)
    assert "x.tsv:1: unknown table 'tables/importance.tsv'; known are" in said
    assert f"did you mean {TABLE!r}?" in said
    assert "x.tsv:2: low 2 is above high 1" in said
    assert "x.tsv:4: published must be a number or empty, got 'many'" in said
    assert "x.tsv:5: select must be like" in said
    assert "x.tsv:6: unknown above 'two'" in said
    assert "x.tsv:3: the number 'one' is given again, first at x.tsv:3" in said
    assert "number is empty" in said
    assert "x.tsv:9: select is no JSON" in said


def test_a_file_is_read_with_its_lines(tmp_path):
    file = tmp_path / "p.tsv"
    file.write_text("# note\n" + "\t".join(COLUMNS) + "\n\na\t" + "\t".join("b" * 9) + "\n")
    ((place, row),) = read_records(file, COLUMNS, "table")
    assert place == f"{file}:4"
    assert row == {"number": "a", **dict.fromkeys(COLUMNS[1:], "b")}
    for text, said in (
        ("\t".join(COLUMNS[:-1]) + "\n", "p.tsv:1: the column 'why' is missing"),
        ("\t".join([*COLUMNS, "abov"]) + "\n", "'abov' is unknown or given twice"),
        ("\t".join(COLUMNS) + "\na\tb\n", "line 2: 2 columns, but the header has 10"),
    ):
        file.write_text(text)
        with pytest.raises(InputError, match=said):
            read_records(file, COLUMNS, "table")


def test_the_figure_has_a_panel_for_each_experiment_and_unit_and_the_page_names_what_failed():
    table = compared(
        record("one", published="2.5", low="2", high="2.6"),
        record("copy", select={"target": "A", "copies": 1}),
        record("first", column="rank"),
        record("<b>", published="0.5", select={"target": "B", "letters": "ACT"}, above="copy"),
    )
    axes = draw_published(table).axes
    said = [(axis.get_title(loc="left"), axis.get_xlabel()) for axis in axes]
    assert said == [("words", "logit"), ("copies", "logit"), ("words", "rank")]
    names = [text.get_text() for text in axes[0].get_yticklabels()]
    assert names == ["one", "<b>"]
    # The one rank of its panel is a whole number, and so are its ticks.
    low, high = axes[2].get_xlim()
    assert [tick for tick in axes[2].get_xticks() if low <= tick <= high] == [1]
    marks = [line.get_marker() for line in axes[0].lines]
    assert marks == ["X", "D", "o", "D"]
    page = published_page(table)
    assert "1 of 2 judged numbers passed" in page
    assert "<li>one: 3 is outside [2, 2.6]</li>" in page
    assert "&lt;b&gt;" in page and "<b>" not in page
    assert draw_published(table[:0]).axes[0].texts
