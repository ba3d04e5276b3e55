"""Tidy tables as TSV or Parquet, with their provenance inside.

In a TSV the provenance is one leading comment line of JSON (``pandas.read_csv(path, sep="\\t",
comment="#")`` skips it); in Parquet it is the schema's metadata under the key ``giaflow``.
"""

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from giaflow.io.files import atomic

# Enough digits for any reader, few enough that a processor's last bit does not change the bytes.
FLOATS = "%.6g"


def write_table(table, path, provenance):
    """Write a table to `path` (.tsv or .parquet), atomically.

    Parameters
    ----------
    table : pandas.DataFrame
    path : str or pathlib.Path
    provenance : dict
        JSON values: versions, hashes, seed.
    """
    note = json.dumps(provenance, sort_keys=True)
    with atomic(path) as temporary:
        if Path(path).suffix == ".parquet":
            arrow = pa.Table.from_pandas(table, preserve_index=False)
            arrow = arrow.replace_schema_metadata({**arrow.schema.metadata, b"giaflow": note})
            pq.write_table(arrow, temporary)
        else:
            with temporary.open("w") as stream:
                stream.write(f"# {note}\n")
                table.to_csv(stream, sep="\t", index=False, float_format=FLOATS, na_rep="nan")


def read_table(path):
    """Read a table written by `write_table`; text stays text, even a pattern called NA."""
    if Path(path).suffix == ".parquet":
        return pq.read_table(path).to_pandas()
    # A column has one type, however long the table is: in parts, each part would have its own.
    return pd.read_csv(
        path, sep="\t", skiprows=1, keep_default_na=False, na_values=["nan"], low_memory=False
    )


def read_provenance(path):
    """The provenance of a table written by `write_table`, as a dict."""
    if Path(path).suffix == ".parquet":
        return json.loads(pq.read_schema(path).metadata[b"giaflow"])
    with Path(path).open() as stream:
        return json.loads(stream.readline().removeprefix("# "))
