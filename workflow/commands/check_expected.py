"""Hold a finished run against the numbers that it is expected to give.

    PYTHONPATH=workflow python -m commands.check_expected EXPECTED [RESULTS]

EXPECTED is a table like those of `published` in the config; RESULTS is the folder of the run, by
default results/. Prints every number beside its interval, and ends with an error that names those
outside.
"""

import sys
from pathlib import Path

from giaflow.base.checks import InputError
from giaflow.io.tables import read_table
from giaflow.io.text_tables import read_records
from giaflow.validation.published.published import (
    COLUMNS,
    compare_published,
    failures,
    parse_published,
)


def main(expected, results="results"):
    """Compare; 0 if every number lies where it must."""
    records = read_records(expected, COLUMNS, "table")
    files = {row["table"]: Path(results) / row["table"] for _, row in records}
    try:
        missing = [str(file) for file in files.values() if not file.is_file()]
        if missing:
            raise InputError(f"{missing[0]} not found; run the study first (`make run`)")
        numbers = parse_published(records, files)
        table = compare_published(numbers, {name: read_table(file) for name, file in files.items()})
    except InputError as error:
        print(error)
        return 1
    shown = table[["number", "ours", "low", "high", "above", "passed"]]
    print(shown.to_string(index=False, float_format="%.4g"))
    failed = failures(table)
    for sentence in failed:
        print(f"FAILED: {sentence}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
