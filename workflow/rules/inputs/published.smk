"""Published numbers that a study is held against, and which of its tables they are read from."""

from giaflow.io.text_tables import read_records
from giaflow.validation.published.published import COLUMNS as PUBLISHED_COLUMNS, parse_published

_NAMES = ["global_importance", "contrasts", "performance", "null_diagnostics", "null_robustness"]
_NAMES += ["families", "family_spread"]
# Tables that a published number may name, below results/.
READABLE = [f"tables/{name}.tsv" for name in [*_NAMES, "replicates"]]
READABLE += [
    file.removeprefix("results/")
    for name in ("importance.tsv", "contrasts.tsv")
    for file in run_files(name)
]
if study.attribution and study.attribution.periods:
    READABLE += [f"models/{name}/attribution/periods.tsv" for name in study.attributed]
READABLE += [f"models/{name}/motifs/catalogue.tsv" for name in study.models if study.motifs]


def published_tables():
    """Tables that the study's published numbers are read from; checked before any job starts."""
    try:
        records = [
            record
            for file in study.published_files
            for record in read_records(file, PUBLISHED_COLUMNS, "table")
        ]
        return sorted({each.table for each in parse_published(records, READABLE)})
    except InputError as error:
        sys.exit(f"\nERROR: {error}")


PUBLISHED_TABLES = published_tables()
PUBLISHED = ["results/tables/published.tsv"] if study.published else []
