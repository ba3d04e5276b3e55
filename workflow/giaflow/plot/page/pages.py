"""Tables as self-contained HTML pages for the report."""

import html
import json
import math

STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; margin: 1.5rem; color: #222; }
table { border-collapse: collapse; margin: 0.5rem 0 2rem; }
th, td { padding: 0.25rem 0.6rem; border-bottom: 1px solid #ddd; text-align: left; }
th, td { white-space: nowrap; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
th { border-bottom: 2px solid #444; }
tr.effect td { font-weight: 600; }
"""


def _page(title, body):
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}'
        f"</title><style>{STYLE}</style></head><body><h1>{html.escape(title)}</h1>{body}</body></html>\n"
    )


def _table(header, rows):
    """HTML of rows (class, cells); numbers are cells given as (text,) tuples."""

    def cell(content, tag="td"):
        number = isinstance(content, tuple)
        kind = ' class="number"' if number else ""
        return f"<{tag}{kind}>{html.escape(str(content[0] if number else content))}</{tag}>"

    head = "".join(cell(name, "th") for name in header)
    body = "".join(f'<tr class="{kind}">{"".join(map(cell, cells))}</tr>' for kind, cells in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _number(value, digits=3):
    """A number as text; what has none is empty."""
    return "" if math.isnan(value) else f"{value:.{digits}g}".replace("-", "−")


def _what(labels):
    """A condition's labels in a few words: texts speak for themselves, numbers need their name."""
    said = [(key, value) for key, value in labels.items() if value is not None]
    return ", ".join(v if isinstance(v, str) else f"{k.replace('_', ' ')} {v}" for k, v in said)


def _importance_row(row):
    what = _what(json.loads(row.condition))
    # What is masked has no number, and what is derived may have no interval or test.
    estimate = "" if math.isnan(row.estimate) else f"{_number(row.estimate)} {row.unit}"
    known = not math.isnan(row.ci_low + row.ci_high)
    interval = f"{_number(row.ci_low)} to {_number(row.ci_high)}" if known else ""
    numbers = (estimate,), (interval,), (_number(row.q, 2),)
    return row.verdict, [row.model, row.null, row.target, what, *numbers, row.verdict, row.flags]


# A page shows the strongest rows of a long table, such as a screen of all words.
LONGEST = 200


def importance_page(importance, contrasts):
    """The estimates of a study, a table for each experiment and estimand."""
    header = [
        "model",
        "null",
        "target",
        "condition",
        ("estimate",),
        ("interval",),
        ("q",),
        "verdict",
        "flags",
    ]
    sections = []
    for table in (importance, contrasts):
        for (experiment, estimand), rows in table.groupby(["experiment", "estimand"], sort=False):
            sections.append(f"<h2>{html.escape(experiment)}: {estimand.replace('_', ' ')}</h2>")
            if len(rows) > LONGEST:
                sections.append(f"<p>The {LONGEST} strongest of {len(rows)} rows.</p>")
                order = rows["estimate"].abs().sort_values(ascending=False).index
                rows = rows.loc[order[:LONGEST]]
            sections.append(_table(header, map(_importance_row, rows.itertuples())))
    return _page("Global importance", "".join(sections))


def calibration_page(table):
    """The marks of laboratory models, a table for each check; failed ones are named first."""
    failed = table[~table["passed"].astype(bool)]
    told = f"{len(table) - len(failed)} of {len(table)} marks passed."
    sections = [f"<p>{told}</p>"]
    groups = [("failed", failed)] if len(failed) else []
    for check, rows in [*groups, *table.groupby("check", sort=False)]:
        sections.append(f"<h2>{html.escape(check)}</h2>")
        header = ["model", "check", "design", ("value",), ("band",), "passed"]
        cells = [
            (
                "" if row.passed else "effect",
                [
                    row.model,
                    row.check,
                    row.design,
                    (_number(row.value),),
                    (f"{_number(row.low)} to {_number(row.high)}",),
                    "yes" if row.passed else "no",
                ],
            )
            for row in rows.itertuples()
        ]
        sections.append(_table(header, cells))
    return _page("Calibration", "".join(sections))


def nulls_page(diagnostics, compared, reason):
    """Verdicts on the null models, what warns or fails, and effects that depend on the null model.

    Parameters
    ----------
    diagnostics : pandas.DataFrame
        Diagnostics of all null models, with the columns model and null.
    compared : pandas.DataFrame
        Effects side by side by null model.
    reason : str
        Why there is nothing to compare; empty if there is.
    """
    judged = diagnostics[diagnostics["verdict"] != "info"]
    bad = judged[judged["verdict"] != "ok"]
    header = ["model", "null", "diagnostic", "detail", ("value",), ("warn",), ("fail",), "verdict"]
    rows = [
        (
            "effect" if row.verdict == "fail" else "",
            [
                row.model,
                row.null,
                _words(row.diagnostic),
                row.detail,
                (_number(row.value),),
                (_number(row.threshold_warn),),
                (_number(row.threshold_fail),),
                row.verdict,
            ],
        )
        for row in bad.itertuples()
    ]
    parts = [
        "<h2>Worst verdict of each diagnostic</h2>",
        _worst_table(judged),
        "<h2>Warnings and failures</h2>",
        _table(header, rows) if rows else "<p>None.</p>",
        "<h2>Effects that depend on the null model</h2>",
        f"<p>{html.escape(reason)}.</p>" if reason else _dependent(compared),
    ]
    return _page("Null models", "".join(parts))


def _worst_table(judged):
    """HTML of the worst verdict by null model (rows) and diagnostic (columns)."""
    order = ["ok", "warn", "fail"]
    names = list(dict.fromkeys(judged["diagnostic"]))
    keys = [judged[key] for key in ("model", "null", "diagnostic")]
    worst = judged["verdict"].map(order.index).groupby(keys).max().to_dict()
    rows = []
    for model, null in dict.fromkeys(zip(judged["model"], judged["null"], strict=True)):
        found = [worst.get((model, null, name)) for name in names]
        rows.append(("", [f"{null} ({model})", *("" if i is None else order[i] for i in found)]))
    return _table(["null model", *map(_words, names)], rows)


def _dependent(compared):
    """HTML of the effects that are flagged, the widest range first."""
    flagged = compared[compared["flag"] != ""].sort_values("range", ascending=False)
    said = f"<p>{len(flagged)} of {len(compared)} effects are null-dependent.</p>"
    if flagged.empty:
        return said
    if len(flagged) > LONGEST:
        said += f"<p>The {LONGEST} with the widest range:</p>"
        flagged = flagged.head(LONGEST)
    nulls = [name.removeprefix("estimate_") for name in compared if name.startswith("estimate_")]
    rows = [
        (
            "",
            [
                row["model"],
                row["target"],
                f"{row['experiment']}: {_words(row['estimand'])}",
                _what(json.loads(row["condition"])),
                *((_number(row[f"estimate_{null}"]),) for null in nulls),
                "yes" if row["sign_flip"] else "",
            ],
        )
        for row in flagged.to_dict("records")
    ]
    return said + _table(
        ["model", "target", "effect", "condition", *((null,) for null in nulls), "changes sign"],
        rows,
    )


def _words(name):
    return name.replace("_", " ")


def performance_page(table):
    """Held-out AUC, or correlation with measured values, of the models trained in a study."""
    if table.empty:
        return _page("Held-out performance", "<p>No model was trained in this study.</p>")
    numbers = ("value", "95 % interval", "held-out sequences", "shuffles")
    header = ["model", "target", "measure", *((name,) for name in numbers)]
    rows = [
        (
            "",
            [
                row.model,
                row.target,
                "Pearson r" if math.isnan(row.auc) else "AUC",
                (f"{row.r if math.isnan(row.auc) else row.auc:.3f}",),
                (f"{row.ci_low:.3f} to {row.ci_high:.3f}",),
                (f"{row.sequences:.0f}",),
                ("" if math.isnan(row.shuffles) else f"{row.shuffles:.0f}",),
            ],
        )
        for row in table.itertuples()
    ]
    return _page("Held-out performance", _table(header, rows))


def published_page(table):
    """Published numbers beside the study's own; what failed is named first."""
    judged, failed = table[table["passed"] != ""], table[table["passed"] == "no"]
    told = f"{len(judged) - len(failed)} of {len(judged)} judged numbers passed."
    parts = [f"<p>{told}</p>"]
    named = "".join(
        f"<li>{html.escape(f'{r.number}: {r.fault}')}</li>" for r in failed.itertuples()
    )
    if named:
        parts.append(f"<ul>{named}</ul>")
    header = ["number", "where", ("published",), ("ours",), ("interval",), "unit", "must be",
              "passed", "why they differ"]  # fmt: skip
    for group, rows in table.groupby("group", sort=False):
        parts.append(f"<h2>{html.escape(_words(group))}</h2>")
        parts.append(_table(header, map(_published_row, rows.itertuples())))
    return _page("Published beside ours", "".join(parts))


def _published_row(row):
    interval = (
        f"{_number(row.ci_low)} to {_number(row.ci_high)}" if row.ci_low == row.ci_low else ""
    )
    wanted = [f"from {_number(row.low)}"] if row.low == row.low else []
    wanted += [f"to {_number(row.high)}"] if row.high == row.high else []
    wanted += [f"above {row.above}"] if row.above else []
    numbers = (_number(row.published),), (_number(row.ours),), (interval,)
    cells = [row.number, row.where, *numbers, row.unit, ", ".join(wanted), row.passed, row.why]
    return "effect" if row.passed == "no" else "", cells
