"""Tables as self-contained HTML pages for the report."""

import html
import json

STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; margin: 1.5rem; color: #222; }
table { border-collapse: collapse; margin: 0.5rem 0 2rem; }
th, td { padding: 0.25rem 0.7rem; border-bottom: 1px solid #ddd; text-align: left; }
th, td { white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
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
    head = "".join(f"<th>{html.escape(name)}</th>" for name in header)
    lines = []
    for kind, cells in rows:
        inner = "".join(
            f'<td class="number">{html.escape(cell[0])}</td>'
            if isinstance(cell, tuple)
            else f"<td>{html.escape(str(cell))}</td>"
            for cell in cells
        )
        lines.append(f'<tr class="{kind}">{inner}</tr>')
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _number(value, digits=3):
    return (f"{value:.{digits}g}".replace("-", "−"),)


def _what(labels):
    """A condition's labels in a few words."""
    return ", ".join(f"{key} {value}" for key, value in labels.items() if value is not None)


# A page shows the strongest rows of a long table, such as a screen of all words.
LONGEST = 200


def importance_page(importance, contrasts):
    """The estimates of a study, a table for each experiment and estimand."""
    sections = []
    for table in (importance, contrasts):
        for (experiment, estimand), rows in table.groupby(["experiment", "estimand"], sort=False):
            sections.append(f"<h2>{html.escape(experiment)}: {estimand.replace('_', ' ')}</h2>")
            if len(rows) > LONGEST:
                sections.append(f"<p>The {LONGEST} strongest of {len(rows)} rows.</p>")
                order = rows["estimate"].abs().sort_values(ascending=False).index
                rows = rows.loc[order[:LONGEST]]
            header = [
                "model",
                "null",
                "target",
                "condition",
                "estimate",
                "interval",
                "q",
                "verdict",
            ]
            cells = []
            for row in rows.itertuples():
                low, high = _number(row.ci_low)[0], _number(row.ci_high)[0]
                cells.append(
                    (
                        row.verdict,
                        [
                            row.model,
                            row.null,
                            row.target,
                            _what(json.loads(row.condition)),
                            (f"{_number(row.estimate)[0]} {row.unit}",),
                            (f"{low} to {high}",),
                            _number(row.q, 2),
                            row.verdict,
                        ],
                    )
                )
            sections.append(_table(header, cells))
    return _page("Global importance", "".join(sections))


def performance_page(table):
    """Held-out areas under the ROC curve of the models trained in a study."""
    if table.empty:
        return _page("Held-out performance", "<p>No model was trained in this study.</p>")
    header = ["model", "target", "AUC", "95 % interval", "held-out sequences", "shuffles"]
    rows = [
        (
            "",
            [
                row.model,
                row.target,
                (f"{row.auc:.3f}",),
                (f"{row.ci_low:.3f} to {row.ci_high:.3f}",),
                (str(row.sequences),),
                (str(row.shuffles),),
            ],
        )
        for row in table.itertuples()
    ]
    return _page("Held-out performance", _table(header, rows))
