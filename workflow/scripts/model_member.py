"""Take a model file out of a downloaded package."""

from giaflow.io.files import extract
from jobs.run import log, run


def main(input, output, params, threads):
    extract(input[0], params.member, output[0])
    log.info("%s of %s", params.member, input[0])


run(main, snakemake)
