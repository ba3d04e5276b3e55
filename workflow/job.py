"""What every script of workflow/scripts/ shares: logging, errors, provenance.

A script defines ``main(input, output, params, threads)`` and ends with ``run(main, snakemake)``.
"""

import logging
import os
import sys
import warnings
from pathlib import Path

# TensorFlow's start-up notes are no news to a user; its errors still show.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

import giaflow
from giaflow.checks import InputError
from giaflow.io.files import sha256

log = logging.getLogger("giaflow")


def run(main, snakemake):
    """Run a script's main function as a Snakemake job.

    Everything goes to the rule's log. A mistake in what the user gave ends in one sentence, any
    other fault in a traceback in the log; both end the job with an error.
    """
    where = str(snakemake.log[0])
    Path(where).parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=where, filemode="w", level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.captureWarnings(True)
    warnings.simplefilter("default")
    log.info("rule %s, giaflow %s, %d threads", snakemake.rule, giaflow.__version__, snakemake.threads)
    try:
        main(snakemake.input, snakemake.output, snakemake.params, snakemake.threads)
    except InputError as error:
        log.error("%s", error)
        sys.exit(f"ERROR in rule {snakemake.rule}: {error}")
    except Exception:
        log.exception("rule %s failed", snakemake.rule)
        raise
    log.info("done")


def provenance(input, params):
    """What a result was made from: hashes of its input files, parameters, versions.

    Threads, paths and times are left out: they change nothing in the result.
    """
    inputs = {}
    for name, files in input.items():
        files = [files] if isinstance(files, str) else list(files)
        inputs[name] = [sha256(file) for file in files]
    return {"giaflow": giaflow.__version__, "inputs": inputs, "params": dict(params.items())}


def bar(iterable, total=None, unit="it"):
    """A progress bar on a terminal, nothing elsewhere."""
    from tqdm import tqdm

    return tqdm(iterable, total=total, unit=unit, disable=None, leave=False)
