"""Gather the records of all jobs into one manifest."""

from giaflow.io.files import write_json
from giaflow.io.manifest import gathered
from jobs.run import log, run


def main(input, output, params, threads):
    entries = gathered(params.logs, left_out=list(output), inputs=params.inputs)
    log.info(
        "%d files, %d bytes", len(entries), sum(entry.get("bytes", 0) for entry in entries.values())
    )
    write_json(entries, output[0])


run(main, snakemake)
